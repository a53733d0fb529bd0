"""The outbox against real receivers: at least once, in order, and nobody else is touched by it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from occ.app.app import App
from occ.app.outbox.deliver import Sent, deliver
from occ.domain.notices import EVENTS
from occ.journal.codec import NAMES
from tests.doubles.receiver import Receiver, always, dying, receiver, slow
from tests.faults.memory import MemoryWorld, PowerCutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from occ.journal.port import Journal

ALL = 'events = ["failed", "needs_person", "done_by_auto", "done", "put_back", "abandoned"]'
NOBODY = "http://127.0.0.1:9/"  # discard: nothing listens there


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


@pytest.fixture
def phone() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def targets(world: MemoryWorld, **urls: str) -> None:
    """Have these webhooks in the config, after all else."""
    config = world.box.folder / "config.toml"
    before = config.read_text().partition("# targets")[0]
    tables = (f'[notify.{name}]\nwebhook = "{url}"\n{ALL}\n' for name, url in urls.items())
    config.write_text(f"{before}# targets\n{''.join(tables)}")


def sent(world: MemoryWorld, ms: int = 5_000) -> tuple[Sent, ...]:
    return deliver(world.desk(), ms)


def notices(world: MemoryWorld, *, target: str = "phone") -> list[str]:
    """The names of a target's notices, without where it begins."""
    names = (
        NAMES[type(entry.event)] for entry in world.journal.entries(service=f"notify:{target}")
    )
    return [name.removeprefix("notice.") for name in names if name != "notice.begun"]


def test_a_target_is_told_of_what_happens_from_now_on_and_once(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    assert world.occ("update") == 0
    (one,) = sent(world)
    assert (one.delivered, one.waiting, one.why) == (1, 0, "")
    assert phone.told == [(2, "done")]
    assert sent(world)[0].delivered == 0
    assert world.occ("stop") == 0
    sent(world)
    assert phone.told == [(2, "done"), (3, "done")]
    message = phone.messages[0]
    assert message["title"] == "web: update done"
    assert message["text"].startswith("Operation 2")
    assert "Version 1 -> 2." in message["text"]
    assert (message["before"], message["after"], message["service"]) == (1, 2, "web")
    world.journal.verify()


def test_a_change_that_is_put_back_is_told_with_its_code_alone(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    world._configure("bad", "3s")
    targets(world, phone=phone.url)
    assert world.occ("update") == 6
    sent(world)
    (message,) = phone.messages
    assert (message["event"], message["failure"], message["outcome"]) == (
        "failed",
        "unhealthy",
        "undone",
    )
    assert message["title"] == "web: update failed"
    assert "put back (unhealthy). Version 1 is current." in message["text"]


def test_an_operation_that_nobody_drives_needs_a_person_and_is_told_once(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    assert world.occ("update", "engine:5:before") == -9
    sent(world)
    assert phone.told == [(2, "needs_person")]
    assert "occ resume" in phone.messages[0]["text"]
    sent(world)
    assert len(phone.told) == 1
    assert world.occ("resume") == 0, world.said
    sent(world)
    assert phone.told == [(2, "needs_person"), (2, "done")]


def test_while_its_lock_is_held_an_operation_needs_nobody(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    assert world.occ("update", "engine:5:before") == -9
    with world.journal.lock("web"):
        sent(world)
    assert phone.told == []


@pytest.mark.parametrize("status", [500, 503, 408, 429, 302])
def test_what_may_go_through_later_waits(world: MemoryWorld, phone: Receiver, status: int) -> None:
    targets(world, phone=phone.url)
    phone.mood = always(status)
    assert world.occ("update") == 0
    assert world.occ("stop") == 0
    (one,) = sent(world)
    assert (one.delivered, one.refused, one.waiting) == (0, 0, 2)
    assert str(status) in one.why
    assert len(phone.every) == 1  # in order: the second one waits for the first
    phone.mood = always(200)
    assert sent(world)[0].delivered == 2
    assert phone.told == [(2, "done"), (3, "done")]


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_what_is_refused_for_good_is_gone_on_from(
    world: MemoryWorld, phone: Receiver, status: int
) -> None:
    targets(world, phone=phone.url)
    phone.mood = lambda _, number: status if number == 1 else 200
    assert world.occ("update") == 0
    assert world.occ("stop") == 0
    (one,) = sent(world)
    assert (one.delivered, one.refused, one.waiting) == (1, 1, 0)
    assert phone.told == [(3, "done")]
    assert notices(world) == ["refused", "delivered"]
    assert sent(world)[0].delivered == 0


def test_one_that_dies_while_it_takes_a_message_gets_it_again(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    phone.mood = dying(1)
    assert world.occ("update") == 0
    (one,) = sent(world)
    assert (one.waiting, one.why) == (1, "the connection broke off")
    sent(world)
    assert phone.told == [(2, "done")]
    assert len(phone.every) == 2


def test_slow_and_dead_ones_keep_no_other_waiting_and_no_command_longer_than_told(
    world: MemoryWorld, phone: Receiver
) -> None:
    import time  # noqa: PLC0415 - this one measures

    with receiver(slow(30)) as snail:
        targets(world, snail=snail.url, dead=NOBODY, phone=phone.url)
        assert world.occ("update") == 0
        began = time.monotonic()
        found = {one.target: one for one in sent(world, 700)}
        assert time.monotonic() - began < 3
    assert found["phone"].delivered == 1
    assert (found["snail"].waiting, found["dead"].waiting) == (1, 1)
    assert found["dead"].why == "it cannot be reached"
    assert phone.told == [(2, "done")]


def test_of_failed_tries_the_first_the_tenth_and_one_a_day_are_written(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    phone.mood = always(500)
    assert world.occ("update") == 0
    for _ in range(12):
        sent(world)
    found = [e.event for e in world.journal.entries(names=("notice.failed",))]
    assert [getattr(event, "tries", 0) for event in found] == [1, 10]
    world.clock.wall += 24 * 3_600_000
    sent(world)
    sent(world)
    assert notices(world) == ["failed"] * 3


def test_after_a_week_there_is_one_summary(world: MemoryWorld, phone: Receiver) -> None:
    targets(world, phone=phone.url)
    phone.mood = always(500)
    for verb in ("update", "stop", "start"):
        assert world.occ(verb) == 0
    sent(world)
    world.clock.wall += 8 * 24 * 3_600_000
    assert world.occ("restart") == 0
    assert sent(world)[0].waiting == 2
    phone.mood = always(200)
    assert sent(world)[0].delivered == 2
    assert [m["event"] for m in phone.messages] == ["given_up", "done"]
    assert "operations 2 to 4" in phone.messages[0]["text"]
    assert phone.messages[0]["title"] == "occ: 3 messages could not be sent"
    assert notices(world) == ["failed", "given_up", "failed", "delivered", "delivered"]
    assert sent(world)[0].delivered == 0


def test_what_is_given_up_in_the_course_of_months_is_one_summary_all_the_same(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    phone.mood = always(500)
    for verb in ("stop", "start", "stop", "start"):
        assert world.occ(verb) == 0
        world.clock.wall += 8 * 24 * 3_600_000
        sent(world)
    assert notices(world).count("given_up") == 4
    phone.mood = always(200)
    sent(world)
    (message,) = phone.messages
    assert message["title"] == "occ: 4 messages could not be sent"
    assert "operations 2 to 5" in message["text"]
    assert sent(world)[0].delivered == 0


def test_five_dead_targets_change_nothing_of_the_operation(tmp_path: Path) -> None:
    """The entries of the operation and the engine's calls, with five dead targets and with none."""
    found = []
    for number in (0, 5):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = MemoryWorld(folder)
        world.prepare("update", "one")
        targets(world, **{f"dead{n}": NOBODY for n in range(number)})
        (folder / "calls").unlink(missing_ok=True)
        assert world.occ("update") == 0
        if number:
            assert [one.waiting for one in sent(world, 3_000)] == [1] * 5
        calls = (folder / "calls").read_text() if (folder / "calls").exists() else ""
        events = [e.event for e in world.journal.entries(operation=2)]
        engine = [line for line in calls.splitlines() if line.startswith("engine")]
        found.append(([NAMES[type(e)] for e in events], engine))
    assert found[0] == found[1]
    assert len(found[0][0]) > 10
    assert len(found[0][1]) > 10


class Mortal:
    """A journal whose process dies at one of the notes: before it is written, or after."""

    def __init__(self, journal: Any, at: int, *, after: bool) -> None:
        self._journal, self._at, self._after = journal, at, after
        self.notes = 0

    def note(self, events: Any, stamp: Any) -> None:
        self.notes += 1
        if self.notes == self._at and not self._after:
            raise PowerCutError
        self._journal.note(events, stamp)
        if self.notes == self._at and self._after:
            raise PowerCutError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 9))
def test_death_at_every_note_loses_no_message_and_keeps_their_order(
    world: MemoryWorld, phone: Receiver, at: int, *, after: bool
) -> None:
    with ExitStack() as opened:
        other = opened.enter_context(receiver(dying(2)))
        targets(world, phone=phone.url, other=other.url)
        for verb in ("update", "stop", "start"):
            assert world.occ(verb) == 0
            mortal = Mortal(world.journal, at if verb == "stop" else 99, after=after)
            desk = replace(world.desk(), open_journal=_opener(mortal))
            try:
                deliver(desk, 5_000)
            except PowerCutError:
                world.journal.locked.clear()  # the locks of a dead process
        for _ in range(3):
            sent(world)
        wanted = [(2, "done"), (3, "done"), (4, "done")]
        for one in (phone, other):
            assert sorted(set(one.told)) == wanted
            assert one.told == sorted(one.told)
            assert len({message["id"] for message in one.messages}) == 3
    assert all(one.waiting == 0 for one in sent(world))


@pytest.mark.parametrize("at", range(1, 40, 3))
def test_after_a_kill_anywhere_in_an_update_everything_is_told_in_order(
    world: MemoryWorld, phone: Receiver, at: int
) -> None:
    targets(world, phone=phone.url)
    died = world.occ("update", f"journal:{at}:after") == -9
    sent(world)
    assert world.occ("resume") == 0, world.said
    assert world.occ("stop") == 0
    sent(world)
    number = world.journal.last_operation()
    ends = [told for told in phone.told if told[1] != "needs_person"]
    assert ends[-1] == (number, "done")
    assert [operation for operation, _ in ends] == [
        entry.operation
        for entry in world.journal.entries(
            names=("operation.done", "operation.undone", "operation.unchanged")
        )
        if entry.operation > 1
    ]
    needed = [told for told in phone.told if told[1] == "needs_person"]
    assert needed in ([], [(2, "needs_person")])
    assert not needed or died
    assert phone.told.index((number, "done")) == len(phone.told) - 1


def test_a_target_that_another_occ_is_sending_to_is_left_to_it(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    assert world.occ("update") == 0
    with world.journal.lock("~notify-phone"):
        (one,) = sent(world)
    assert (one.delivered, one.why) == (0, "another occ is sending to it")
    assert phone.every == []
    assert sent(world)[0].delivered == 1


def test_whoever_is_new_hears_of_no_earlier_day(world: MemoryWorld, phone: Receiver) -> None:
    assert world.occ("update") == 0
    targets(world, phone=phone.url)
    sent(world)
    assert phone.every == []
    assert world.occ("stop") == 0
    sent(world)
    assert phone.told == [(3, "done")]


def test_what_is_not_wanted_is_passed_over_without_a_notice(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    config = world.box.folder / "config.toml"
    config.write_text(config.read_text().replace(ALL, 'events = ["failed"]'))
    assert world.occ("update") == 0
    assert sent(world)[0].delivered == 0
    assert notices(world) == []


def test_nobody_sees_notices_but_whoever_looks_at_the_journal_itself(
    world: MemoryWorld, phone: Receiver
) -> None:
    targets(world, phone=phone.url)
    assert world.occ("update") == 0
    before = world.app.history(_everything())
    sent(world)
    assert world.app.history(_everything()) == before
    names = {NAMES[type(entry.event)] for entry in world.journal.entries(service="web")}
    assert not names & {*EVENTS}
    assert world.journal.last_operation() == 2


def test_afterwards_tells_in_words_what_waits(world: MemoryWorld) -> None:
    targets(world, dead=NOBODY)
    assert world.occ("update") == 0
    assert App(world.desk()).afterwards() == (
        "1 message waits for dead: it cannot be reached; occ notify retry",
    )


def _opener(journal: Mortal) -> "Callable[[str], Journal]":
    return lambda _: cast("Journal", journal)


def _everything() -> Any:
    from occ.app.view.history import HistoryFilter  # noqa: PLC0415 - for two

    return HistoryFilter(everything=True)
