"""Hooks and gate commands in the fault matrix: occ is killed in their midst, and at every call.

The ends are written by hand. A program that was begun when occ died is played 15 ms later.
"""

from pathlib import Path

import pytest

from occ.domain.hooks import PLACES
from occ.domain.programs import Ended
from tests.doubles.engine.wire import Loss
from tests.faults.memory import PowerCutError
from tests.unit.app.hooked import Hooked

WHERE = {"pre_update": "old", "pre_stop": "old", "post_start": "new", "post_health": "new"}
LATE_MS = 15


def one(folder: Path, place: str, where: str, *, once: bool) -> Hooked:
    """A world with one hook, which leaves the mark `on`."""
    flag = "true" if once else "false"
    words = 'run = ["/on"], undo = ["/off"]'
    return Hooked(folder, f'hooks.{place} = {{ {words}, in = "{where}", once = {flag} }}')


def every(folder: Path, *, once: bool) -> Hooked:
    """A world with a hook at each place, each with a mark of its own, and a gate command."""
    flag = "true" if once else "false"
    lines = [
        f'hooks.{place} = {{ run = ["/{place}"], undo = ["/{place}/undo"], once = {flag} }}'
        for place in PLACES
    ]
    world = Hooked(folder, "\n".join(['accept = [["/verify"]]', *lines]))
    world.play("/verify")
    for place in PLACES:
        world.play(f"/{place}", mark=place)
        world.play(f"/{place}/undo", clears=place)
    return world


def point(folder: Path, place: str, where: str) -> str:
    """The port and number of the call that runs the hook, from an update that nothing disturbs."""
    if where == "host":
        return "programs:1"
    folder.mkdir()
    world = one(folder, place, where, once=False)
    (folder / "calls").unlink()
    assert world.update() == 0, world.world.said
    calls = [c for c in (folder / "calls").read_text().splitlines() if c.startswith("engine ")]
    return f"engine:{calls.index('engine run_inside') + 1}"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("inside", [False, True], ids=["host", "container"])
@pytest.mark.parametrize(
    ("when", "fault"), [("before", "kill"), ("after", "kill"), ("before", "late")]
)
@pytest.mark.parametrize(
    ("then", "once", "exit_status", "end"),
    [
        # run again, and carried forward
        ("resume", False, 0, ("2.0", "done", None, {"on"})),
        # nobody knows whether it ran: not run again, and put back with its undo
        ("resume", True, 6, ("1.0", "undone", "failure", set())),
        ("abort", False, 0, ("1.0", "undone", "abort", set())),
        ("abort", True, 0, ("1.0", "undone", "abort", set())),
    ],
)
def test_killed_in_mid_hook(
    *,
    place: str,
    inside: bool,
    when: str,
    fault: str,
    then: str,
    once: bool,
    exit_status: int,
    end: tuple[object, ...],
    tmp_path: Path,
) -> None:
    where = WHERE[place] if inside else "host"
    at = point(tmp_path / "plain", place, where)
    world = one(tmp_path, place, where, once=once)
    assert world.update(point=f"{at}:{when}", fault=fault) == -9
    assert world.last.state in {"running", "reverting"}
    assert world.world.occ(then) == exit_status, world.world.said
    world.world.clock.sleep(LATE_MS)
    world.world.engine.host.agenda.catch_up()
    assert (*world.end(), world.marks) == end
    failure = world.last.failure
    in_doubt = failure is not None and failure.code == "hook_in_doubt"
    assert in_doubt == (then == "resume" and once)


def calls(folder: Path) -> list[str]:
    """Every point after a call of an update with hooks at all places."""
    folder.mkdir()
    world = every(folder, once=False)
    (folder / "calls").unlink()
    assert world.update() == 0, world.world.said
    counts, found = {"engine": 0, "journal": 0, "programs": 0}, []
    for line in (folder / "calls").read_text().splitlines():
        port = line.split()[0]
        counts[port] += 1
        found.append(f"{port}:{counts[port]}:after")
    assert counts["programs"] == 1 + len(PLACES)
    return found


@pytest.mark.parametrize("then", ["resume", "abort"])
@pytest.mark.parametrize("once", [False, True], ids=["again", "once"])
def test_killed_at_any_call_it_is_all_or_nothing(then: str, *, once: bool, tmp_path: Path) -> None:
    """Every hook has had its effect, or every one is undone; with `once` none was run twice."""
    both: dict[bool, int] = {True: 0, False: 0}
    for number, at in enumerate(calls(tmp_path / "plain")):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = every(folder, once=once)
        assert world.update(point=at) == -9
        status = world.world.occ(then)
        forward = world.end()[:2] == ("2.0", "done")
        both[forward] += 1
        assert status == (0 if forward or then == "abort" else 6), (at, world.world.said)
        assert world.marks == (set(PLACES) if forward else set()), at
        if not forward:
            assert world.end()[:2] == ("1.0", "undone"), at
        runs = [run for run in world.runs if "undo" not in run and "verify" not in run]
        if once:
            assert len(runs) == len(set(runs)), at
        if then == "resume" and not once:
            assert forward, at
    assert both[True] >= 5
    assert (both[False] >= 5) == (then == "abort" or once)


@pytest.mark.parametrize("place", PLACES)
def test_a_flood_of_output_fits_into_the_journal(place: str, tmp_path: Path) -> None:
    """The end of a gigabyte, in letters that take six bytes each in an event."""
    world = one(tmp_path, place, "host", once=False)
    tail = tuple("\x01" * 80 for _ in range(100))
    world.play("/on", mark="on", ended=Ended(status=1, tail=tail))
    world.play("/off", clears="on", ended=Ended(status=1, tail=tail))
    assert world.update() == 6
    assert world.end() == ("1.0", "undone", "failure")
    failure = world.last.failure
    assert failure is not None
    assert sum(len(line) for line in failure.log_tail) < 8_192 // 6
    assert set(failure.log_tail[-1]) == {"\x01"}


def test_an_end_asked_for_before_a_hook_puts_everything_back(tmp_path: Path) -> None:
    world = every(tmp_path, once=False)
    assert world.update(point="programs:3:before", fault="int") == 130
    assert world.end() == ("1.0", "undone", "interrupt")
    assert world.marks == set()


def test_an_engine_that_goes_down_under_a_hook_inside_leaves_it_in_doubt(tmp_path: Path) -> None:
    at = point(tmp_path / "plain", "pre_stop", "old")
    world = one(tmp_path, "pre_stop", "old", once=True)
    # it comes back, and the hook, which runs once, is not run again
    assert world.update(point=f"{at}:before", fault="overrun") == 6
    assert world.last.failure is not None
    assert world.last.failure.code == "hook_in_doubt"
    assert world.marks == set()


@pytest.mark.parametrize(("then", "end"), [("abort", set()), ("resume", {"on"})])
def test_a_hook_that_is_still_at_it_is_waited_for(then: str, end: set[str], tmp_path: Path) -> None:
    """It ends five seconds after occ died, which is long after the next occ came."""
    world = one(tmp_path, "pre_stop", "host", once=False)
    world.world.engine.wire.lose("program", Loss("later", 5_000, PowerCutError()))
    assert world.update() == -9
    assert world.marks == set()
    assert world.world.occ(then) == 0, world.world.said
    assert world.marks == end
    world.world.clock.sleep(10_000)
    world.world.engine.host.agenda.catch_up()
    assert world.marks == end
    assert world.runs == (["/on", "/off"] if then == "abort" else ["/on", "/on"])
