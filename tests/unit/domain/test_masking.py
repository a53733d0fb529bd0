"""A value of a secret is in no text of an event that anybody chose; ids and names stay."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import Event
from occ.domain.secrets.masking import masked
from occ.domain.step_events import StepDone, StepFailed
from tests.unit.journal.samples import EVERY

# Every text of every event is masked, unless it stands here: a plan is carried out by these, and
# folds compare them. The spec and the names in it are the config's, which refuses secrets.
STAYS = {
    *("JournalCreated.id", "HostRecorded.host", "OperationReverting.cause"),
    *("OperationPlanned.kind", "OperationPlanned.request", "OperationPlanned.found"),
    "OperationPlanned.token",
    *("OperationPlanned.steps", "OperationExtended.steps", "StepFailed.code", "StepStuck.code"),
    *(f"VersionRecorded.version.{name}" for name in ("image", "reference", "spec", "digests")),
    *("VersionRecorded.version.fingerprints", "VersionActivated.kind", "VersionActivated.users"),
    "VersionActivated.called",
    *("VersionRehearsed.verdict", "VersionRehearsed.copy", "VersionStaged.digest"),
    *("VersionJudged.verdict", "UsersRecorded.users", "ServiceForgotten.containers"),
    *("ContainerAdopted.adoption.container", "ContainerAdopted.adoption.volumes"),
    *("SnapshotTaken.snapshot.volumes", "SnapshotDescribed.volumes"),
    *("DataSetRecorded.data.volumes", "AutoTried.ended", "ImageSeen.image"),
    *("VolumeRestored.name", "VolumeRestored.volume", "VolumeRestored.way"),
    *(f"Notice{how}.target" for how in ("Begun", "Delivered", "Refused", "Failed", "GivenUp")),
    *(f"Notice{how}.subject" for how in ("Delivered", "Refused", "Failed")),
    *("ImageJudged.image", "ImageJudged.verdict", "ImageJudged.command", "ImageJudged.output"),
    "StepDone.result.accepted",
    *("StepDone.result.image", "StepDone.result.digests", "StepDone.result.volumes"),
}
# Who typed it, and where: read off the system, and by nobody's choice.
WHO = {"operator", "via", "machine"}
DONE = StepDone(
    3,
    {
        "accepted": "web@sha256:2",
        "image": "sha256:1",
        "digests": ["web@sha256:2"],
        "volumes": ["/data"],
        "labelled": "2.0",
        "said": "well",
        "reported": "2.0",
        "log_tail": ["a"],
        "more": {"deep": [{"deeper": "x"}]},
    },
)
EVENTS = (*EVERY, DONE)
VALUES = st.text("abcXYZ0189-_.:/+=$^*()[]\\ ", min_size=8, max_size=40).filter(
    lambda value: value.strip() == value and set(value) - {"*"}
)


def kept(place: str) -> bool:
    stays = any(f"{place}.".startswith(f"{one}.") for one in STAYS)
    return stays or place.rsplit(".", 1)[-1] in WHO


def texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of an event, and where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts(one, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one, place)
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name), f"{place}.{one.name}")


def filled(value: Any, secret: str) -> Any:
    """The event with a secret in each of its texts, whole and as a part."""
    if isinstance(value, str):
        return f"{secret} and x{secret}y"
    if isinstance(value, Mapping):
        return {key: filled(one, secret) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(one, secret) for one in (*value, ""))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    new = {one.name: filled(getattr(value, one.name), secret) for one in fields(value)}
    return replace(value, **new)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@given(secret=VALUES)
def test_no_text_that_anybody_chose_holds_it(event: Event, secret: str) -> None:
    full = filled(event, secret)
    name = type(event).__name__
    before, after = texts(full, name), texts(masked(full, ("unused", secret)), name)
    for (place, text), (same, made) in zip(before, after, strict=True):
        assert place == same
        if kept(place):
            assert made == text, place
        else:
            assert secret not in made, place
            assert "***" in made, place


def test_without_values_and_of_what_holds_none_nothing_changes() -> None:
    for event in EVENTS:
        assert masked(event, ()) is event
        assert masked(event, ("correct-horse",)) == event


def test_a_value_of_several_lines_goes_line_by_line_and_a_short_one_stays() -> None:
    failed = StepFailed(index=1, code="failed", message="pin 123, key", log_tail=("line one",))
    found = masked(failed, ("123", "line one\nline two"))
    assert found == replace(failed, log_tail=("***",))


def test_a_value_under_eight_characters_is_hidden_as_a_word_of_its_own() -> None:
    told = "pin=swan, swan:8 and 'swan', no swans, no 0swan1, swan"
    done = StepDone(1, {"said": told, "reported": "swan"})
    found = masked(done, ("swan",))
    assert isinstance(found, StepDone)
    assert found.result["said"] == "pin=***, ***:8 and '***', no swans, no 0swan1, ***"
    assert found.result["reported"] == "***"
