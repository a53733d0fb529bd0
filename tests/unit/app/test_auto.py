"""Services that update themselves: thirty nights in memory, and all that a run leaves alone."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from occ.app.auto.awake import Awake
from occ.app.auto.results import AutoLine, AutoRun
from occ.app.auto.run import auto_run
from occ.app.change.why import why
from occ.app.knowledge.turns import past
from occ.app.options import Options
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.domain.schedules.turns import AutoTried
from occ.engine.port import Engine
from occ.errors import EngineUnreachableError, StoppedByOperatorError
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld, PowerCutError
from tests.people import YES

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
AUTO = 'auto = { enabled = true, schedule = "03:00", timezone = "UTC" }\n'
JUST_STOPPED, JUST_ACTIVATED = "engine:6:after", "engine:8:before"  # of a person's update


@dataclass
class Nights:
    """A world whose clock goes from night to night, with a run of auto in each."""

    world: MemoryWorld
    held: list[str] = field(default_factory=list)
    """Each time that the machine was kept awake, and let go."""

    def until(self, hour: int, minute: int = 0) -> None:
        """Let time pass until the clocks of UTC show this time next."""
        now = self.world.clock.now()
        wanted = now - now % DAY_MS + hour * HOUR_MS + minute * MINUTE_MS
        self.world.clock.sleep((wanted - now) % DAY_MS or DAY_MS)

    def run(self, point: str = "none", fault: str = "kill", *, dry_run: bool = False) -> AutoRun:
        desk, dose = self.world.under(point, fault)
        people = replace(YES, stop_requested=lambda: dose.asked)
        return auto_run(desk, people, Awake(self.inhibit), dry_run=dry_run)

    def line(self, point: str = "none", fault: str = "kill") -> AutoLine:
        (line,) = self.run(point, fault).lines
        return line

    def night(self) -> AutoLine:
        self.until(3)
        return self.line()

    def inhibit(self) -> Callable[[], None]:
        self.held.append("held")
        return lambda: self.held.append("released")

    def publish(self, kind: str, version: str) -> None:
        self.world.engine.host.registry.publish(IMAGE, built(kind, version))

    def configure(self, old: str, new: str) -> None:
        path = self.world.box.folder / "config.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def operations(self) -> list[Operation]:
        journal = self.world.journal
        numbers = range(1, journal.last_operation() + 1)
        return [one for n in numbers if (one := fold(journal.entries(operation=n)))]

    def tried(self) -> list[AutoTried]:
        entries = self.world.journal.entries(names=("auto.tried",))
        return [e.event for e in entries if isinstance(e.event, AutoTried)]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    world = MemoryWorld(tmp_path, more=AUTO)
    world.prepare("restart", "one")
    found = Nights(world)
    assert found.night().ended == "already_newest"
    return found


def test_a_newer_image_is_taken_in_its_night(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(2, 50)
    assert nights.line().ended == "not_due"
    line = nights.night()
    assert (line.ended, line.exit_status, line.operation) == ("updated", 0, 2)
    assert nights.world.serves() == "2.0"
    actor = nights.operations()[-1].planned.actor
    assert (actor.operator, actor.unattended) == ("auto", True)
    assert nights.line().ended == "not_due"


def test_a_run_with_nothing_due_asks_nobody_and_writes_nothing(nights: Nights) -> None:
    nights.publish("good", "2.0")
    head = nights.world.journal.head()

    def unreachable() -> Engine:
        raise AssertionError("the engine was asked")

    for _ in range(5):
        nights.world.clock.sleep(10 * MINUTE_MS)
        desk = replace(nights.world.desk(), open_engine=unreachable)
        done = auto_run(desk, YES, Awake(nights.inhibit), dry_run=False)
        assert [(one.ended, one.exit_status) for one in done.lines] == [("not_due", 0)]
        assert done.exit_status == 0
    assert nights.world.journal.head() == head


def test_a_bad_image_is_tried_once_in_thirty_nights_and_a_newer_one_is_taken(
    nights: Nights,
) -> None:
    nights.configure('timeout = "', 'timeout = "3s" # "')
    assert nights.world.occ("apply") == 0, nights.world.said
    nights.publish("sick", "2.0")
    lines = [nights.night() for _ in range(30)]
    assert (lines[0].ended, lines[0].exit_status) == ("unhealthy", 6)
    assert {(one.ended, one.exit_status) for one in lines[1:]} == {("known_bad", 4)}
    updates = [one for one in nights.operations() if one.planned.kind == "update"]
    assert [one.ending for one in updates] == ["undone"]
    assert nights.world.serves() == "1.0"
    nights.publish("good", "3.0")
    assert nights.night().ended == "updated"
    assert nights.world.serves() == "3.0"


def test_what_a_person_rolled_back_from_stays_away_for_thirty_nights(nights: Nights) -> None:
    nights.publish("good", "2.0")
    assert nights.night().ended == "updated"
    assert nights.world.occ("rollback") == 0, nights.world.said
    written = nights.world.journal.last_operation()
    lines = [nights.night() for _ in range(30)]
    assert {(one.ended, one.exit_status) for one in lines} == {("left_by_rollback", 4)}
    assert nights.world.journal.last_operation() == written
    assert nights.world.serves() == "1.0"
    nights.publish("good", "3.0")
    assert nights.night().ended == "updated"


def test_a_half_edited_config_is_told_and_nothing_is_done(nights: Nights) -> None:
    nights.configure('volumes = ["', 'env = { COLOUR = "blue" }\nvolumes = ["')
    nights.publish("good", "2.0")
    written = nights.world.journal.last_operation()
    line = nights.night()
    assert (line.ended, line.exit_status) == ("config_pending", 4)
    assert "env" in line.says
    assert nights.world.journal.last_operation() == written
    assert nights.world.serves() == "1.0"
    nights.configure("enabled = true,", "enabled = true, apply = true,")
    assert nights.night().ended == "updated"
    version = nights.operations()[-1].planned.request.spec
    assert version is not None
    assert version.env == {"COLOUR": "blue"}


def test_a_port_that_would_be_opened_is_a_question_for_a_person(nights: Nights) -> None:
    nights.configure("enabled = true,", "enabled = true, apply = true,")
    nights.configure('"127.0.0.1:3000:3000"', '"0.0.0.0:3000:3000"')
    nights.publish("good", "2.0")
    written = nights.world.journal.last_operation()
    line = nights.night()
    assert (line.ended, line.exit_status) == ("config_pending", 4)
    assert "a person agrees" in line.says
    assert nights.world.journal.last_operation() == written


def test_a_registry_that_is_down_is_asked_again_with_waits_at_most_five_times(
    nights: Nights,
) -> None:
    nights.publish("good", "2.0")
    nights.world.engine.host.registry.mood = "down"
    nights.until(3)
    lines = []
    for _ in range(36):
        lines.append(nights.line())
        nights.world.clock.sleep(10 * MINUTE_MS)
    tried = [one for one in lines if one.ended != "not_due"]
    assert [(one.ended, one.exit_status) for one in tried] == [("registry_unknown", 6)] * 5
    nights.world.engine.host.registry.mood = "open"
    assert nights.line().ended == "not_due"
    assert nights.night().ended == "updated"


def test_a_registry_that_is_back_is_asked_in_the_same_night(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.world.engine.host.registry.mood = "down"
    assert nights.night().ended == "registry_unknown"
    nights.world.engine.host.registry.mood = "open"
    assert nights.line().ended == "not_due"
    nights.world.clock.sleep(10 * MINUTE_MS)
    assert nights.line().ended == "updated"


def test_the_network_is_waited_for_a_minute(nights: Nights) -> None:
    """A machine that has just woken has its network some seconds later."""
    nights.publish("good", "2.0")
    nights.until(3)
    began, registry = nights.world.clock.now(), nights.world.engine.host.registry
    registry.mood = "down"
    desk, sleep = nights.world.desk(), nights.world.clock.sleep

    def slept(ms: int) -> None:
        sleep(ms)
        if nights.world.clock.now() - began >= 20_000:
            registry.mood = "open"

    desk.clock = Waking(nights.world, slept)
    (line,) = auto_run(desk, YES, Awake(nights.inhibit), dry_run=False).lines
    assert line.ended == "updated"
    assert [one.ended for one in nights.tried()][-1] == "updated"


@dataclass
class Waking:
    """A clock that tells somebody of each wait."""

    world: MemoryWorld
    sleep: Callable[[int], None]

    def now(self) -> int:
        return self.world.clock.now()

    def monotonic(self) -> int:
        return self.world.clock.monotonic()


def test_an_image_must_be_old_enough_since_this_journal_knows_it(nights: Nights) -> None:
    nights.configure("enabled = true,", 'enabled = true, min_age = "3d",')
    nights.publish("good", "2.0")
    ends = [nights.night().ended for _ in range(4)]
    assert ends == ["too_young"] * 4  # the last one by the seconds that the first look took
    nights.world.clock.sleep(10 * MINUTE_MS)
    assert nights.line().ended == "updated"


def test_no_more_updates_are_made_in_a_week_than_the_config_says(nights: Nights) -> None:
    nights.configure("enabled = true,", "enabled = true, max_per_week = 2,")
    ends = []
    for number in range(2, 11):
        nights.publish("good", f"{number}.0")
        found = {nights.night().ended}
        nights.until(3, 10)  # a week is over some seconds behind the hour
        ends.append(max(found | {nights.line().ended}))
    assert [at for at, ended in enumerate(ends) if ended == "updated"] == [0, 1, 7, 8]
    assert set(ends) == {"updated", "not_due"}


def test_a_dry_run_says_what_is_due_and_writes_nothing(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(3)
    head, there = nights.world.journal.head(), nights.world.engine.containers({})
    done = nights.run(dry_run=True)
    assert ([one.ended for one in done.lines], done.exit_status) == (["due"], 10)
    assert nights.world.journal.head() == head
    assert nights.world.engine.containers({}) == there
    assert nights.line().ended == "updated"
    assert nights.run(dry_run=True).exit_status == 0


def test_a_service_that_was_never_started_is_left_alone(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path, more=AUTO)
    world._configure("one", "2s")
    nights = Nights(world)
    line = nights.night()
    assert (line.ended, line.exit_status, line.hint) == ("not_installed", 0, "occ start")
    assert world.journal.head().position == 0


def test_only_services_that_ask_for_it_update_themselves(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("restart", "one")
    nights = Nights(world)
    nights.publish("good", "2.0")
    nights.until(3)
    assert nights.run() == AutoRun(lines=())
    assert world.serves() == "1.0"


def test_the_machine_is_kept_awake_from_the_stop_to_the_activation(nights: Nights) -> None:
    nights.publish("good", "2.0")
    seen: list[tuple[bool, bool]] = []

    def listen(operation: Operation, _: object) -> None:
        held = nights.held.count("held") > nights.held.count("released")
        seen.append((operation.disrupted, held))

    nights.until(3)
    desk, _ = nights.world.under()
    auto_run(desk, replace(YES, listen=listen), Awake(nights.inhibit), dry_run=False)
    assert nights.held == ["held", "released"]
    assert all(disrupted == held for disrupted, held in seen)
    assert {held for _, held in seen} == {True, False}


def test_it_may_sleep_again_after_a_failure(nights: Nights) -> None:
    nights.configure('timeout = "', 'timeout = "3s" # "')
    assert nights.world.occ("apply") == 0, nights.world.said
    nights.publish("sick", "2.0")
    assert nights.night().ended == "unhealthy"
    assert nights.held == ["held", "released"]


def test_a_gate_that_an_engines_restart_broke_is_no_verdict(tmp_path: Path) -> None:
    """At some point of the update the restart is seen by the gate: that turn is tried again."""
    broken = 0
    for at in range(1, 80):
        world = MemoryWorld(tmp_path / str(at), more=AUTO)
        world.folder.mkdir()
        world.prepare("restart", "one")
        nights = Nights(world)
        nights.publish("good", "2.0")
        nights.until(3)
        line = nights.line(f"engine:{at}:after", "engine9")
        judged = [e for e in world.journal.entries(names=("version.judged",)) if e.operation == 2]
        if line.ended != "unhealthy" or judged:
            continue
        broken += 1
        assert past(world.desk(), world.desk().settings.service("web")).again
        world.clock.sleep(10 * MINUTE_MS)
        assert nights.line().ended in {"updated", "resumed"}
    assert broken


# Unfinished operations


def killed(nights: Nights, point: str) -> None:
    """A person's update whose process died there."""
    nights.publish("good", "2.0")
    assert nights.world.occ("update", point) == -9


def test_its_own_operation_is_resumed(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(3)
    died = 0
    for at in range(1, 200):
        try:
            nights.run(f"journal:{at}:after")
        except PowerCutError:
            if fold(nights.world.journal.entries(operation=2)) is not None:
                died += 1
                break
    assert died
    line = nights.line()
    assert (line.ended, line.exit_status, line.operation) == ("resumed", 0, 2)
    assert nights.operations()[-1].ending == "done"
    assert nights.world.serves() == "2.0"


def test_a_persons_operation_is_resumed_at_once_where_the_service_is_down(nights: Nights) -> None:
    killed(nights, JUST_STOPPED)
    line = nights.line()
    assert (line.ended, line.exit_status) == ("resumed", 0)
    assert nights.world.serves() == "2.0"


def test_a_persons_operation_is_resumed_at_once_where_it_is_activated(nights: Nights) -> None:
    nights.publish("good", "2.0")
    for number in range(1, 60):
        assert nights.world.occ("update", f"journal:{number}:after") == -9
        if nights.operations()[-1].activated:
            break
        assert nights.world.occ("abort") == 0
    assert nights.line().ended == "resumed"
    assert nights.operations()[-1].ending == "done"
    assert nights.world.serves() == "2.0"


def test_a_persons_operation_is_put_back_after_an_hour_where_the_old_one_serves(
    nights: Nights,
) -> None:
    killed(nights, "journal:3:after")
    assert nights.world.serves() == "1.0"
    line = nights.line()
    assert (line.ended, line.exit_status) == ("left", 0)
    nights.world.clock.sleep(50 * MINUTE_MS)
    head = nights.world.journal.head()
    assert nights.line().ended == "left"
    assert nights.world.journal.head() == head
    nights.world.clock.sleep(10 * MINUTE_MS)
    assert (nights.line().ended, nights.operations()[-1].ending) == ("aborted", "undone")
    assert nights.world.serves() == "1.0"


def test_how_long_a_persons_operation_is_left_is_the_configs(nights: Nights) -> None:
    nights.configure("enabled = true,", 'enabled = true, take_over = "2d",')
    killed(nights, "journal:3:after")
    nights.world.clock.sleep(47 * HOUR_MS)
    assert nights.line().ended == "left"
    nights.world.clock.sleep(HOUR_MS)
    assert nights.line().ended == "aborted"


def test_three_vain_tries_are_enough(nights: Nights) -> None:
    killed(nights, JUST_STOPPED)
    for what in ("containers", "volumes", "all images"):
        nights.world.engine.host.prune(what)
    nights.world.engine.host.registry.mood = "down"
    lines = [nights.line() for _ in range(5)]
    assert [(one.ended, one.exit_status) for one in lines] == [
        *[("unfinished", 7)] * 3,
        *[("left", 4)] * 2,
    ]
    assert "3 times in vain" in lines[-1].says
    assert nights.operations()[-1].ending is None


def test_a_taken_lock_is_left(nights: Nights) -> None:
    killed(nights, JUST_STOPPED)
    with nights.world.journal.lock("web").acquire():
        line = nights.line()
    assert (line.ended, line.exit_status) == ("left", 8)
    nights.publish("good", "2.0")
    assert nights.line().ended == "resumed"


def test_somebody_else_at_work_costs_no_turn(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(3)
    with nights.world.journal.lock("web").acquire():
        line = nights.line()
    assert (line.ended, line.exit_status) == ("busy", 8)
    assert nights.line().ended == "updated"


def test_an_engine_that_is_down_is_told_and_tried_again(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(3)

    class Down:
        def __getattr__(self, name: str) -> object:
            raise EngineUnreachableError("the engine does not answer", hint="occ doctor")

    desk = nights.world.desk()
    desk.open_engine = Down  # type: ignore[assignment]
    (line,) = auto_run(desk, YES, Awake(nights.inhibit), dry_run=False).lines
    assert (line.ended, line.exit_status) == ("engine_unreachable", 5)
    nights.world.clock.sleep(10 * MINUTE_MS)
    assert nights.line().ended == "updated"


# Several services


DB = "example.test/db:latest"


@pytest.fixture
def two(tmp_path: Path) -> Nights:
    """The service, and a database that is updated before it."""
    world = MemoryWorld(tmp_path, more=f'after = ["db"]\n{AUTO}')
    world.engine.host.registry.publish(DB, built("good", "1.0"))
    world._configure("one", "3s")
    path = tmp_path / "config.toml"
    path.write_text(
        f'{path.read_text()}[services.db]\nimage = "{DB}"\nsnapshot = "never"\n{AUTO}'
        'ports = ["127.0.0.1:3001:3000"]\n[services.db.health]\npath = "/health"\ntimeout = "3s"\n'
        'interval = "100ms"\nmin_healthy = "100ms"\n'
    )
    for name in ("db", "web"):
        world.app.change("start", name, Options(), YES)
    found = Nights(world)
    found.until(3)
    assert [(one.service, one.ended) for one in found.run().lines] == [
        ("db", "already_newest"),
        ("web", "already_newest"),
    ]
    return found


def ends(nights: Nights) -> dict[str, str]:
    return {line.service: line.ended for line in nights.run().lines}


def test_services_are_updated_in_their_order(two: Nights) -> None:
    two.publish("good", "2.0")
    two.world.engine.host.registry.publish(DB, built("good", "2.0"))
    two.until(3)
    assert ends(two) == {"db": "updated", "web": "updated"}
    assert [one.service for one in two.operations()] == ["db", "web", "db", "web"]


def test_dependency_failed(two: Nights) -> None:
    two.publish("good", "2.0")
    two.world.engine.host.registry.publish(DB, built("sick", "2.0"))
    two.until(3)
    assert ends(two) == {"db": "unhealthy", "web": "dependency_failed"}
    two.world.clock.sleep(10 * MINUTE_MS)
    assert "dependency_failed" in reasons(two)
    assert ends(two) == {"db": "not_due", "web": "dependency_failed"}
    two.world.app.change("restart", "db", Options(), YES)  # a person has looked at it
    two.world.clock.sleep(20 * MINUTE_MS)
    assert ends(two) == {"db": "not_due", "web": "updated"}


def test_what_is_known_to_be_bad_is_no_failure_of_that_night(two: Nights) -> None:
    two.world.engine.host.registry.publish(DB, built("sick", "2.0"))
    two.until(3)
    assert ends(two)["db"] == "unhealthy"
    two.publish("good", "2.0")
    two.until(3)
    assert ends(two) == {"db": "known_bad", "web": "updated"}


def test_an_operation_that_is_unfinished_keeps_the_next_one_waiting(two: Nights) -> None:
    two.publish("good", "2.0")
    two.world.engine.host.registry.publish(DB, built("good", "2.0"))
    two.until(3)
    with two.world.journal.lock("db").acquire():
        assert ends(two) == {"db": "busy", "web": "updated"}


def reasons(nights: Nights) -> list[str]:
    return [one.name for one in why(nights.world.desk(), "web").reasons]


def test_not_scheduled(two: Nights) -> None:
    assert reasons(two) == ["already_newest", "not_scheduled"]
    two.until(3)
    assert reasons(two) == ["already_newest"]


def test_outside_window(two: Nights) -> None:
    two.configure('schedule = "03:00"', 'schedule = "03:00", window = "02:00-05:00"')
    two.world.clock.sleep(3 * DAY_MS + 9 * HOUR_MS)
    assert reasons(two) == ["already_newest", "outside_window"]
    two.until(2)
    assert reasons(two) == ["already_newest"]


def test_auto_off(two: Nights) -> None:
    two.configure("enabled = true", "enabled = false")
    assert reasons(two) == ["already_newest", "auto_off"]


def test_status_tells_the_next_time_and_the_timer(two: Nights) -> None:
    status = two.world.app.status("web").auto
    assert status is not None
    ran = status.ran_at
    assert (status.next_at - ran, status.should_at - ran) == (DAY_MS, 10 * MINUTE_MS)
    assert not status.late
    two.world.clock.sleep(31 * MINUTE_MS)
    status = two.world.app.status("web").auto
    assert status is not None
    assert (status.ran_at, status.late) == (ran, True)
    found = [one for one in two.world.app.doctor(None) if one.code == "auto_late"]
    assert [one.fix for one in found] == ["occ install --auto"]
    assert two.run().exit_status == 0
    assert not [one for one in two.world.app.doctor(None) if one.code == "auto_late"]


def test_a_run_that_is_asked_to_end_puts_back_and_tries_again(nights: Nights) -> None:
    nights.publish("good", "2.0")
    nights.until(3)
    with pytest.raises(StoppedByOperatorError):
        deque(nights.run(f"journal:{at}:after", "int") for at in range(1, 60))
    assert nights.world.serves() == "1.0"
    assert (nights.tried()[-1].ended, nights.tried()[-1].again) == ("interrupted", True)
    nights.world.clock.sleep(10 * MINUTE_MS)
    assert nights.line().ended == "updated"
