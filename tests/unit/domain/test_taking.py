"""Whether a replacement takes a snapshot, and how long that is predicted to take."""

from dataclasses import replace

import pytest

from occ.domain.snapshots import SnapshotVolume, Way
from occ.domain.taking import MOST_BYTES, MOST_MS, Prediction, Taking, Walked, predicted

LAST = SnapshotVolume(
    name="web-data",
    file="1.web-data",
    way="host",
    bytes=100_000_000,
    raw_bytes=200_000_000,
    sha256="",
    ms=4_000,
)
SMALL = replace(LAST, bytes=5_000_000, raw_bytes=10_000_000)
PLAIN = Taking(volumes=("web-data",), sources=("web-data",), bytes=2_500_000, ms=700)
LARGE = replace(PLAIN, bytes=MOST_BYTES + 1)


@pytest.mark.parametrize(
    ("way", "walked", "last", "wanted"),
    [
        # nothing tells its size
        ("host", None, None, None),
        ("engine", None, None, None),
        # walked, and nothing tells the speed: 100 or 20 MB a second, 0.1 or 0.5 ms a file
        ("host", Walked(bytes=1_000_000_000, files=0), None, (1_000_000_000, 10_000, True)),
        ("host", Walked(bytes=0, files=10_000), None, (20_480_000, 1_204, True)),
        ("engine", Walked(bytes=0, files=10_000), None, (20_480_000, 6_024, True)),
        # the last one was read the same way: 50 MB a second
        ("host", Walked(bytes=100_000_000, files=0), LAST, (100_000_000, 2_000, False)),
        # it was read another way, or is too small to tell, or tells no time
        ("engine", None, LAST, (200_000_000, 10_000, True)),
        ("host", Walked(bytes=100_000_000, files=0), SMALL, (100_000_000, 1_000, True)),
        # it is small, and was
        ("host", None, SMALL, (10_000_000, 4_000, False)),
        ("host", None, replace(LAST, ms=0), (200_000_000, 2_000, True)),
        # the last one tells the size too
        ("host", None, LAST, (200_000_000, 4_000, False)),
    ],
)
def test_size_and_time_are_predicted(
    way: Way,
    walked: Walked | None,
    last: SnapshotVolume | None,
    wanted: tuple[int, int, bool] | None,
) -> None:
    told = None
    if wanted:
        size, ms, guessed = wanted
        packed = size // 2 if last else size  # each of the last ones halved its data
        told = Prediction(bytes=size, ms=ms, packed=packed, guessed=guessed)
    assert predicted(way, walked, last) == told


@pytest.mark.parametrize(
    ("taking", "undecided", "left"),
    [
        (PLAIN, False, ""),
        (replace(PLAIN, bytes=MOST_BYTES, ms=MOST_MS), False, ""),
        (replace(LARGE, choice="replace"), False, ""),
        (replace(LARGE, choice="replace", why="Podman"), False, "Podman"),
        (replace(LARGE, why="Podman"), False, "Podman"),
        (
            LARGE,
            True,
            "its data is too large to take it unasked (1.1 GB, less than 1 s of outage)",
        ),
        (
            replace(PLAIN, ms=MOST_MS + 1),
            True,
            "its data is too large to take it unasked (2.5 MB, about 30 s of outage)",
        ),
    ],
)
def test_large_data_needs_a_word(taking: Taking, left: str, *, undecided: bool) -> None:
    assert taking.undecided is undecided
    assert taking.left == left


def test_what_was_measured_is_added() -> None:
    taking = replace(PLAIN, measure=("web-data",))
    assert taking.known({}) is taking
    assert taking.known({"bytes": 500_000, "took_ms": 300, "said": "0.5 MB"}) == replace(
        PLAIN, bytes=3_000_000, packed=500_000, ms=1_000
    )
    assert taking.known({"left": "it is gone"}).left == "it is gone"
    assert PLAIN.known({"bytes": 1, "took_ms": 1}) is PLAIN
