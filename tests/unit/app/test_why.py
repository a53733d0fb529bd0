"""Each reason why a service is not updated, brought about in a world in memory.

The test of a reason is named after it, and so are those of auto and of gate commands elsewhere:
`docs/unattended.md` names them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.change.why import Why
from occ.app.options import Options
from occ.disks import Disk
from occ.domain.reasons import Reason
from occ.errors import EngineUnreachableError
from occ.operations.kinds.hold import HoldWish
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.cells import HASTY, HEALTH, PATIENT
from tests.faults.memory import IMAGE, NAME, PORT, MemoryWorld
from tests.people import YES

DAY = 86_400_000


def named(found: Why) -> list[str]:
    """The names of the reasons, but that nothing here updates itself."""
    return [reason.name for reason in found.reasons if reason.name != "auto_off"]


@dataclass
class Site:
    """A service of version 1.0 that runs, at the time of its last start."""

    world: MemoryWorld
    answers: list[Why] = field(default_factory=list)

    def publish(self, kind: str = "good", version: str = "2.0") -> None:
        self.world.engine.host.registry.publish(IMAGE, built(kind, version))

    def configure(self, more: str, *, image: str = IMAGE, timeout: str = PATIENT) -> None:
        """Have these lines in the service's table, and these tables behind it."""
        self.world.box.configure(image, PORT, health=HEALTH.format(timeout=timeout), more=more)

    def auto(self, line: str) -> None:
        config = self.world.box.folder / "config.toml"
        config.write_text(f"{config.read_text()}\n[services.{NAME}.auto]\n{line}\n")

    def why(self) -> Why:
        written = self.world.journal.rows
        found = self.world.app.why(NAME)
        assert self.world.journal.rows == written
        return found

    def names(self) -> list[str]:
        return named(self.why())

    def reason(self, name: str) -> Reason:
        return next(reason for reason in self.why().reasons if reason.name == name)

    def container(self) -> dict[str, str]:
        """The labels of its container, to be changed."""
        (there,) = self.world.engine.host.containers.values()
        return there.labels  # type: ignore[return-value]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    world = MemoryWorld(tmp_path)
    world.prepare("restart", "one")
    return Site(world)


def test_an_update_that_nothing_keeps_away_is_due(site: Site) -> None:
    site.publish()
    assert (site.why().due, site.names()) == (True, [])


def test_engine_unreachable(site: Site) -> None:
    site.world.app.hold(NAME, HoldWish(why="the fair"))

    def silent() -> MemoryEngine:
        raise EngineUnreachableError("the engine does not answer", hint="occ doctor")

    desk = site.world.desk()
    desk.open_engine = silent
    found = App(desk).why(NAME)
    assert named(found) == ["engine_unreachable", "held"]
    assert not found.due


def test_other_engine(site: Site) -> None:
    site.world.engine = MemoryEngine(site.world.clock, number="another")
    assert site.names() == ["other_engine"]
    assert "lives on the engine" in site.reason("other_engine").text


def test_other_journal(site: Site) -> None:
    site.container()["occ.journal"] = "b" * 32
    assert site.names() == ["other_journal"]
    assert "looked after by" in site.reason("other_journal").text


def test_foreign_container(site: Site) -> None:
    site.container().clear()
    assert site.names() == ["foreign_container"]


def test_host_ahead(site: Site) -> None:
    site.container()["occ.operation"] = "99"
    assert site.names() == ["host_ahead"]
    assert "occ journal advance" in site.reason("host_ahead").ends


def test_busy(site: Site) -> None:
    site.publish()
    site.world.journal.locked.add(NAME)
    assert site.names() == ["busy"]
    assert site.reason("busy").text == "another occ is about to begin an operation"


def test_busy_names_the_operation_that_is_driven(site: Site) -> None:
    site.publish()
    assert site.world.occ("update", "engine:7:after", "kill") == -9
    site.world.journal.locked.add(NAME)
    assert site.names()[0] == "busy"
    assert site.reason("busy").text.startswith("operation 2 (update) is driven by process ")


def test_operation_unfinished(site: Site) -> None:
    site.publish()
    assert site.world.occ("update", "engine:7:after", "kill") == -9
    assert site.names()[0] == "operation_unfinished"
    reason = site.reason("operation_unfinished")
    assert reason.text == "operation 2 (update) stopped while going forward"
    assert reason.ends == f"occ resume --service {NAME}, or occ abort --service {NAME}"
    assert not site.why().due


def test_secret_missing(site: Site) -> None:
    site.configure('secrets = ["TOKEN"]\n')
    assert site.names() == ["secret_missing"]
    assert "occ secret set TOKEN" in site.reason("secret_missing").ends


def test_image_missing(site: Site) -> None:
    site.configure("", image="example.test/web:absent")
    assert site.names() == ["image_missing", "config_pending"]


def test_image_missing_where_nothing_is_pulled(site: Site) -> None:
    site.configure('pull = "never"\n', image="example.test/web:absent")
    reason = site.reason("image_missing")
    assert reason.text == "example.test/web:absent is not on the host, and pull is never"


def test_registry_unknown(site: Site) -> None:
    site.world.engine.host.registry.mood = "down"
    assert site.names() == ["registry_unknown"]
    assert "connection refused" in site.reason("registry_unknown").text


def test_no_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.world.snapshot = "replace"
    site.configure('min_free = "1g"\n')
    site.publish()
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=500_000_000))
    assert site.names() == ["no_room"]
    reason = site.reason("no_room")
    assert reason.text.startswith("500.0 MB are free for ")
    assert reason.ends == f"occ prune --service {NAME}"


def test_snapshot_lacking(site: Site) -> None:
    site.configure("snapshot_required = true\n")  # while snapshot = "never" forbids it
    site.publish()
    assert site.names() == ["snapshot_lacking"]


def test_rehearsal_lacking(site: Site) -> None:
    more = 'rehearse_required = true\nmounts = ["/var/run/docker.sock:/engine"]\n'
    site.configure(more)
    site.publish()
    assert site.names()[0] == "rehearsal_lacking"
    assert "cannot run isolated" in site.reason("rehearsal_lacking").text


def test_already_newest(site: Site) -> None:
    assert site.names() == ["already_newest"]
    assert site.reason("already_newest").text == "already the newest: 1.0"


def test_known_bad(site: Site) -> None:
    site.configure("", timeout=HASTY)
    site.publish("sick", "3.0")
    assert site.world.occ("update") == 6
    assert site.names() == ["known_bad", "config_pending"]
    reason = site.reason("known_bad")
    assert reason.text.startswith("it failed here in operation 2, configured as it is now: ")
    assert not site.why().due
    site.publish("good", "4.0")
    assert "known_bad" not in site.names()


def test_left_by_rollback(site: Site) -> None:
    went_back(site)
    assert site.names() == ["left_by_rollback"]
    assert site.reason("left_by_rollback").text == "operation 3 rolled back from it: it is slow"
    site.publish("good", "3.0")
    assert site.names() == []


def went_back(site: Site, more: str = "") -> None:
    site.configure(more)
    site.publish()
    assert site.world.occ("update") == 0, site.world.said
    assert site.world.occ("rollback", options=Options(reason="it is slow")) == 0


def test_a_rollback_keeps_newer_images_away_until_the_release(site: Site) -> None:
    went_back(site, 'hold_after_rollback = "until-released"\n')
    site.publish("good", "3.0")
    assert site.names() == ["left_by_rollback"]
    reason = site.reason("left_by_rollback")
    said = "operation 3 rolled back, and no newer image is taken until its release"
    assert (reason.text, reason.ends) == (said, "occ unhold")
    site.world.app.unhold(NAME, "it was the network")
    assert site.names() == []


def test_a_rollback_keeps_nothing_away(site: Site) -> None:
    went_back(site, 'hold_after_rollback = "no"\n')
    assert site.names() == []
    assert site.world.occ("update") == 0
    assert site.world.serves() == "2.0"


def test_held(site: Site) -> None:
    site.publish()
    since = site.world.clock.now()
    until = since + 3 * DAY
    site.world.app.hold(NAME, HoldWish(until=until, why="the fair"))
    assert site.names() == ["held"]
    reason = site.reason("held")
    assert reason.text.endswith(" holds it since operation 2: the fair")
    assert (reason.since, reason.until) == (since, until)
    site.world.clock.sleep(3 * DAY)
    assert site.names() == []


def test_too_young(site: Site) -> None:
    site.auto('min_age = "3d"')
    site.publish()
    assert site.names() == ["too_young"]
    assert site.world.app.check(NAME).available  # the first sight is noted by check
    first = site.reason("too_young").since
    assert 0 <= site.world.clock.now() - first < 1_000
    site.world.clock.sleep(2 * DAY)
    reason = site.reason("too_young")
    assert (reason.since, reason.until) == (first, first + 3 * DAY)
    site.world.clock.sleep(DAY)
    assert site.names() == []
    site.publish("good", "3.0")  # a newer one has its own age
    assert site.names() == ["too_young"]


def test_not_installed(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    site = Site(world)
    site.configure("")
    site.publish()
    assert site.names() == ["not_installed"]
    assert site.why().due  # an update that is typed installs


def test_built_here(site: Site) -> None:
    (site.world.folder / "web").mkdir()
    config = site.world.box.folder / "config.toml"
    text = config.read_text()
    table = f'[services.{NAME}.build]\ncontext = "{site.world.folder / "web"}"\n'
    config.write_text(text + table)
    assert "built_here" in site.names()
    assert site.why().due


def test_config_pending(site: Site) -> None:
    site.configure('env = { COLOUR = "red" }\n')
    assert site.names() == ["config_pending"]
    reason = site.reason("config_pending")
    assert (reason.text, reason.ends) == ("not in force: env.COLOUR", "occ apply")
    assert site.why().due  # for a person, who sees the difference first


def test_a_hold_keeps_no_config_away(site: Site) -> None:
    site.world.app.hold(NAME, HoldWish())
    assert site.names() == ["already_newest", "held"]
    site.configure('env = { COLOUR = "red" }\n')
    assert site.names() == ["config_pending"]


@pytest.mark.parametrize(
    ("bring", "name"),
    [
        (lambda site: site.publish(), None),
        (lambda site: site.world.app.hold(NAME, HoldWish()), "held"),
        (lambda site: site.auto('min_age = "3d"'), "too_young"),
    ],
)
def test_check_and_plan_agree_with_it(
    site: Site, bring: Callable[[Site], None], name: str | None
) -> None:
    site.publish()
    bring(site)
    checked = site.world.app.check(NAME)
    plan = site.world.app.change("update", NAME, Options(plan=True), YES).proposal
    assert plan is not None
    names = [name] if name else []
    assert [reason.name for reason in checked.reasons] == names
    assert [reason.name for reason in plan.reasons] == names
    assert (checked.due, plan.due) == (name is None, name is None)
    assert site.names() == names
