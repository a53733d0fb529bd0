"""Where a rollback leads, and what is said when there is no way back."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.ledgers import ledger_of
from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.events import Event, Kind, VersionJudged
from occ.domain.operation import Operation
from occ.domain.step_events import StepStarted
from occ.errors import NoTargetError, OccError
from tests.contract.memory_lab import built
from tests.doubles.engine.registry import Mood
from tests.model.world import IMAGE, NAME, World
from tests.people import YES

TOKEN = Path("web.secrets")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Version 1, and version 2 in its place."""
    made = World(tmp_path)
    configure(made)
    made.publish("good", "1.0")
    assert made.typed("start") == 0, made.said
    made.publish("good", "2.0")
    assert made.typed("update") == 0, made.said
    return made


def configure(world: World, env: str = "a", secret: str = "") -> None:
    world.configure(env=env, policy="unless-stopped", volume="", timeout="8s")
    config = world.folder / "config.toml"
    if secret:
        text = config.read_text().replace("volumes = ", 'secrets = ["TOKEN"]\nvolumes = ', 1)
        config.write_text(text)
        file = world.folder / TOKEN
        file.touch(mode=0o600)
        file.write_text(f"TOKEN={secret}\n")


def planned(world: World, verb: Kind, options: Options) -> Outcome:
    def nothing(_operation: Operation, _event: Event) -> None:
        raise AssertionError("a plan touches nothing")

    with world.app() as (app, _):
        outcome: Outcome = app.change(verb, NAME, options, replace(YES, listen=nothing))
    return outcome


def judged_with(world: World) -> list[object]:
    """The secrets that each judgement of a version names; None for those that it was made with."""
    entries = world.read(lambda app: tuple(app.desk.journal.entries()))
    return [one.event.fingerprints for one in entries if isinstance(one.event, VersionJudged)]


def ended(world: World) -> tuple[str, int]:
    last = world.recorded()[-1]
    return str(last.ending), last.version


def refused(world: World, to: int) -> str:
    with pytest.raises(NoTargetError) as error:
        planned(world, "rollback", Options(to=to, plan=True))
    return str(error.value)


def env(world: World) -> Sequence[str]:
    there = world.serving()
    assert there is not None
    made: Sequence[str] = there.body["Env"]
    return made


def forget_first(world: World) -> None:
    """Have the image of version 1 gone from the host, and only from there."""
    world.engine.host.prune("all images")


def test_today_s_spec_where_it_is_the_recorded_one_is_no_change(world: World) -> None:
    now = Options(to=2, spec_now=True)
    assert planned(world, "rollback", Options(to=2, spec_now=True, plan=True)).proposal is not None
    assert world.typed("rollback", now) == 0
    assert ended(world) == ("unchanged", 0)
    assert world.typed("rollback", Options(to=1, spec_now=True)) == 0
    assert ended(world) == ("done", 1)


def test_after_today_s_spec_with_an_earlier_image_back_is_never_forward(world: World) -> None:
    configure(world, env="b")
    assert world.typed("rollback", Options(spec_now=True)) == 0, world.said
    assert ended(world) == ("done", 3)
    proposal = planned(world, "rollback", Options(plan=True)).proposal
    assert proposal is not None
    assert (proposal.before, proposal.after) == (3, 1)
    assert "version 2 is skipped: rolled back from" in proposal.warnings


def test_today_s_spec_with_an_image_that_runs_so_already_replaces_nothing(world: World) -> None:
    configure(world, env="b")
    now = Options(to=1, spec_now=True)
    assert world.typed("rollback", now) == 0, world.said
    there = world.serving()
    proposal = planned(world, "rollback", replace(now, plan=True)).proposal
    assert proposal is not None
    assert not proposal.pending
    assert world.typed("rollback", now) == 0, world.said
    assert ended(world) == ("unchanged", 0)
    assert world.serving() == there


def test_today_s_spec_with_another_version_s_image_has_no_number_before_it_is_made(
    world: World,
) -> None:
    configure(world, env="b")
    proposal = planned(world, "rollback", Options(to=1, spec_now=True, plan=True)).proposal
    assert proposal is not None
    assert (proposal.before, proposal.after) == (2, 0)
    assert world.typed("rollback", Options(to=1, spec_now=True)) == 0
    assert ended(world) == ("done", 3)


def test_a_secret_that_a_rollback_brought_is_not_taken_for_the_recorded_one(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    configure(world, secret="of-the-first")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    configure(world, env="b", secret="of-the-second")
    assert world.typed("update") == 0, world.said
    assert world.typed("rollback") == 0, world.said
    assert "TOKEN=of-the-second" in env(world)
    assert judged_with(world) == [
        None,
        None,
        world.read(lambda app: ledger_of(app.desk.journal, NAME)).versions[2].version.fingerprints,
    ]
    configure(world, secret="of-the-second")
    assert world.typed("update") == 0, world.said
    assert ended(world) == ("unchanged", 0)
    configure(world, secret="of-the-first")
    pending = planned(world, "update", Options(plan=True)).proposal
    assert pending is not None
    assert pending.pending
    assert world.typed("update") == 0, world.said
    assert ended(world) == ("done", 1)
    assert "TOKEN=of-the-first" in env(world)


def test_an_engine_that_restarts_under_the_gate_makes_no_proven_version_bad(world: World) -> None:
    def restart(operation: Operation, event: Event) -> None:
        step = operation.steps[event.index] if isinstance(event, StepStarted) else None
        if step is not None and step.plan.name == "prove_health":
            world.engine.restart("killed")

    with world.app() as (app, _), pytest.raises(OccError, match="the engine restarted after its"):
        app.change("rollback", NAME, Options(), replace(YES, listen=restart))
    assert ended(world) == ("undone", 1)
    rows = world.read(lambda app: app.versions(NAME, ask_registry=False))
    assert [(row.number, row.standing) for row in rows] == [(2, "proven"), (1, "proven")]
    assert world.typed("rollback") == 0, world.said
    assert ended(world) == ("done", 1)


def test_an_image_that_is_nowhere_is_gone(world: World) -> None:
    forget_first(world)
    first = world.read(lambda app: ledger_of(app.desk.journal, NAME)).versions[1].version
    world.engine.host.registry.withdraw(first.digests[0])
    gone = "its image is gone, here and at its registry"
    assert refused(world, 1) == f"version 1 cannot be had: {gone}; available: 2"
    assert refused(world, 0) == f"nothing precedes version 2; version 1 is skipped: {gone}"
    rows = world.read(lambda app: app.versions(NAME, ask_registry=True))
    assert [(row.number, row.here, row.published) for row in rows] == [
        (2, True, True),
        (1, False, False),
    ]


@pytest.mark.parametrize(
    ("mood", "why"), [("down", "refused"), ("unauthorized", "login"), ("too_many", "come back")]
)
def test_a_registry_that_does_not_tell_is_not_said_to_have_nothing(
    world: World, mood: Mood, why: str
) -> None:
    forget_first(world)
    world.engine.host.registry.mood = mood
    for said in (refused(world, 1), refused(world, 0)):
        assert "its image is not here, and its registry cannot be asked" in said
        assert why in said
        assert "gone" not in said
    rows = world.read(lambda app: app.versions(NAME, ask_registry=True))
    assert [row.published for row in rows] == [None, None]
    world.engine.host.registry.mood = "open"
    assert world.typed("rollback") == 0, world.said
    assert ended(world) == ("done", 1)


def test_without_a_version_there_is_nothing_to_go_back_from(tmp_path: Path) -> None:
    world = World(tmp_path)
    configure(world)
    with pytest.raises(OccError, match=r"^no version is current$"):
        planned(world, "rollback", Options(plan=True))


def test_no_registry_is_asked_for_an_image_that_none_ever_had(tmp_path: Path) -> None:
    world, previous = World(tmp_path), IMAGE.replace("latest", "previous")
    configure(world)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("volumes = ", 'pull = "never"\nvolumes = ', 1))
    world.engine.host.images.add(built("good", "1.0"), IMAGE)
    assert world.typed("start") == 0, world.said
    world.engine.host.images.add(built("good", "2.0"), IMAGE)
    proposal = planned(world, "update", Options(plan=True)).proposal
    assert proposal is not None
    assert proposal.titles[1] == f"Find {IMAGE}"
    assert world.typed("update") == 0, world.said
    world.engine.host.registry.publish(previous, built("good", "9.0"))
    assert world.typed("rollback") == 0, world.said
    there = world.engine.image(previous)
    assert there is not None
    assert there.id == built("good", "2.0").id
