"""A secrets store that cannot be read stands in no way back, and hides what it can still hide."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.domain.events import Event
from occ.domain.operation import Operation
from occ.domain.step_events import StepFailed, StepStarted
from occ.errors import ConfigError, JournalUnwritableError, OccError
from tests.contract.memory_lab import built
from tests.doubles.engine.image import BuiltImage
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES

SECRETS = ("DB_PASSWORD", "API_TOKEN", "PIN")
KEPT = "DB_PASSWORD=hunter22\nAPI_TOKEN=open-sesame\nPIN=swordfish\n"
STOPPED = "engine:6:after"  # of an update, see tests/faults/ends.toml


def noisy(kind: str, version: str) -> BuiltImage:
    """An image that says its secrets, and more."""
    made = built(kind, version)
    words = (b"key hunter22", b"token open-sesame", b"pin swordfish")
    return replace(made, behaviour=replace(made.behaviour, says=words))


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """One with secrets in a file, its first version running."""
    made = MemoryWorld(tmp_path)
    store = tmp_path / "web.secrets"
    store.touch(mode=0o600)
    store.write_text(KEPT)
    made.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    listed = ", ".join(f'"{name}"' for name in SECRETS)
    health = 'path = "/health"\nmin_healthy = "1s"\ntimeout = "5s"\n'
    made.box.configure(IMAGE, 3000, health=health, more=f"secrets = [{listed}]\n")
    assert made.occ("start") == 0, made.said
    made.engine.host.registry.publish(IMAGE, built("good", "2.0"))
    return made


def shut(world: MemoryWorld, how: str) -> None:
    """Have the store be one that cannot be read."""
    store = world.folder / "web.secrets"
    if how == "words":
        store.write_text("export DB_PASSWORD=hunter22\n")
    else:
        config = world.folder / "config.toml"
        config.write_text(f'[secrets]\nstore = "keyring"\n{config.read_text()}')


class Heard:
    """What was told of an update, and the store shut at one of its steps."""

    def __init__(self, world: MemoryWorld, at: str) -> None:
        self._world, self._at = world, at
        self.events: list[Event] = []

    def listen(self, operation: Operation, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, StepStarted) and operation.steps[event.index].plan.name == self._at:
            shut(self._world, "words")

    def update(self) -> OccError:
        """Type it, and have it fail."""
        people = replace(YES, listen=self.listen)
        with pytest.raises(OccError) as failed:
            self._world.app.change("update", NAME, Options(), people)
        return failed.value

    @property
    def failure(self) -> StepFailed:
        """The step that failed."""
        return next(event for event in self.events if isinstance(event, StepFailed))


@pytest.mark.parametrize("how", ["words", "keyring"])
@pytest.mark.parametrize(("way", "serves"), [("abort", "1.0"), ("resume", "2.0")])
def test_ways_out_of_an_update_need_no_secrets_store(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, how: str, way: str, serves: str
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert world.occ("update", STOPPED) == -9
    assert world.serves() == ""
    shut(world, how)
    assert world.occ(way) == 0, world.said
    assert world.serves() == serves


@pytest.mark.parametrize("way", ["resume", "abort", "start", "update", "apply"])
def test_modes_of_files_are_warned_of_and_keep_nobody_from_a_way_back(
    world: MemoryWorld, way: str
) -> None:
    for name in ("web.secrets", "fingerprint.key"):
        (world.folder / name).chmod(0o644)
    if way == "resume":  # which makes the new container
        assert world.occ("update", "engine:2:after") == -9
    elif way == "abort":  # which makes the old one again
        assert world.occ("update", STOPPED) == -9
        world.engine.host.prune("containers")
    elif way == "start":
        there = world.engine.host.there(NAME)
        world.engine.stop(there.id, 1_000)
        world.engine.remove(there.id)
    else:
        world.engine.host.registry.publish(IMAGE, built("good", "3.0"))
    if way == "apply":
        config = world.folder / "config.toml"
        config.write_text(
            config.read_text().replace("[services.web.h", 'env.C = "1"\n[services.web.h')
        )
    assert world.occ(way) == 0, world.said
    assert world.serves() != ""
    said = "others may read {0} (mode 0644); run chmod 600 {0}"
    expected = [said.format(world.folder / name) for name in ("web.secrets", "fingerprint.key")]
    assert [note for note in world.notes if "others" in note] == expected
    findings = [f for f in world.app.doctor(NAME) if f.code == "secrets_readable"]
    assert [f.fix for f in findings] == [note.partition("; run ")[2] for note in expected]


def test_what_was_readable_at_the_start_is_hidden_in_what_is_written_later(
    world: MemoryWorld,
) -> None:
    world.engine.host.registry.publish(IMAGE, noisy("sick", "3.0"))
    heard = Heard(world, "prove_health")
    assert "it is as it was found" in heard.update().message
    assert world.serves() == "1.0"
    assert heard.failure.log_tail[1:4] == ("key ***", "token ***", "pin ***")


def test_last_lines_that_may_hold_an_unknown_secret_are_not_kept(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, noisy("sick", "3.0"))
    assert world.occ("update", STOPPED) == -9
    store = world.folder / "web.secrets"
    store.write_text(KEPT.replace("PIN=swordfish\n", ""))
    assert world.occ("resume") == 6
    failed = [e.event for e in world.journal.entries() if isinstance(e.event, StepFailed)]
    assert failed[0].log_tail == (
        "its last lines are not kept: PIN has no value now to be taken out; occ logs",
    )
    assert world.serves() == "1.0"


def test_logs_hide_what_has_a_value_and_are_refused_where_nobody_knows(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, noisy("good", "3.0"))
    assert world.occ("update") == 0, world.said
    (world.folder / "web.secrets").write_text(KEPT.replace("API_TOKEN=open-sesame\n", ""))

    def lines() -> list[bytes]:
        app = world.app
        return list(app.logs(NAME, tail=None, since=0, timestamps=False, follow=False))

    assert lines()[1:4] == [b"key ***", b"token open-sesame", b"pin ***"]
    shut(world, "words")
    with pytest.raises(ConfigError, match="it is not NAME=value"):
        lines()


def test_the_rescue_needs_no_secrets_store(world: MemoryWorld) -> None:
    assert world.occ("update", STOPPED) == -9
    shut(world, "words")
    assert world.occ("resume", "journal:1:before", "full") == JournalUnwritableError.exit_status
    assert "serves again" in world.said
    assert world.serves() == "1.0"
