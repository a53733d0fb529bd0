"""An error that nobody foresaw, in the real process on a real engine: put back, then exit 1."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import get, serves
from tests.crash.cells import MARKER, Cell, CrashZygote, Ground, cell
from tests.crash.test_kill import ENDS
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry

pytestmark = pytest.mark.docker
_CALLS = [call for call in ENDS["update"]["calls"] if call.startswith("engine ")]


@pytest.fixture
def one(
    private_engine: PrivateEngine, registry: Registry, images: Images, run_name: str, tmp_path: Path
) -> Iterator[Cell]:
    """A service at version 1, an image for version 2 published."""
    published = {
        which: images.publish("good", version, name=f"bug-{which}", forget=False)
        for which, version in (("one", "1.0"), ("two", "2.0"))
    }
    zygote = CrashZygote()
    ground = Ground(private_engine, registry, published)
    try:
        with cell(ground, zygote, tmp_path / run_name, run_name) as there:
            there.prepare("update")
            yield there
    finally:
        zygote.close()


@pytest.mark.parametrize(
    ("verb", "when"), [("create", "before"), ("stop", "after"), ("start", "after")]
)
def test_whatever_a_call_raises_the_old_one_serves_again(one: Cell, verb: str, when: str) -> None:
    number = 1 + next(n for n, call in enumerate(_CALLS) if call.split()[1] == verb)
    assert one.change("update", f"engine:{number}:{when}:bug") == 1
    said = (one.box.folder / "out").read_text()
    assert "RecursionError" in said
    assert "it is as it was found" in said
    assert (serves(one.port), get(one.port, "/marker")[1]) == ("1.0", MARKER)
    (last, *_) = one.box.well("history", "-o", "json").result()
    assert last["outcome"] == "undone"
    bugs = one.box.folder / "journal.db.bugs"
    assert bugs.stat().st_mode & 0o777 == 0o600
    assert "RecursionError" in bugs.read_text()
