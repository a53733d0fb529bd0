"""Hooks, gate commands and deferral: what each of their ends comes to, written down by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.domain.acceptance import ImageJudged
from occ.domain.programs import Ended
from occ.errors import ConfigError
from tests.contract.memory_lab import built
from tests.doubles.programs import Script
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES
from tests.unit.app.hooked import Hooked

EARLY, LATE = ("pre_update", "pre_stop"), ("post_start", "post_health")
ONE, TWO = (f"example.test/web@{built('good', version).digest}" for version in ("1.0", "2.0"))
SECOND_MS = 1_000
HOUR_MS = 3_600_000
OWN = 'run = ["/on"], undo = ["/off"]'


def hooked(folder: Path, *lines: str) -> Hooked:
    return Hooked(folder, "\n".join(lines))


def hook(place: str, where: str = "host", more: str = "") -> str:
    return f'hooks.{place} = {{ {OWN}, in = "{where}"{more} }}'


@pytest.mark.parametrize(
    ("place", "where"),
    [(p, w) for p in EARLY for w in ("host", "old")]
    + [(p, w) for p in LATE for w in ("host", "new")],
)
@pytest.mark.parametrize(
    ("ended", "status", "cause", "standing"),
    [
        # 0 goes on
        (Ended(), 0, None, "proven"),
        # 75 puts off before the stop, and fails afterwards
        (Ended(status=75), (4, 6), ("deferred", "failure"), ("unproven", "unproven")),
        # all else is a failure; the last hook's own no is a verdict on the version
        (Ended(status=1), 6, "failure", "as the last hook says"),
        (Ended(how="killed", status=9), 6, "failure", "unproven"),
        (Ended(how="timed out"), 6, "failure", "unproven"),
    ],
    ids=["0", "75", "1", "killed", "timed out"],
)
def test_every_end_at_every_place(
    place: str,
    where: str,
    ended: Ended,
    status: object,
    cause: object,
    standing: object,
    tmp_path: Path,
) -> None:
    world = hooked(tmp_path, hook(place, where))
    world.play("/on", mark="on", ended=ended)
    early = place in EARLY
    if isinstance(status, tuple) and isinstance(cause, tuple):
        status, cause = (status[0], cause[0]) if early else (status[1], cause[1])
    assert world.update() == status, world.world.said
    if ended == Ended():
        assert world.end() == ("2.0", "done", None)
        assert world.marks == {"on"}
    else:
        assert world.end() == ("1.0", "undone", cause)
        assert world.marks == set()
    if place == "post_health" and ended != Ended():
        # its gate was passed before the hook said anything
        assert world.standing == ("bad" if ended.status == 1 else "proven")
    else:
        assert world.standing == ("proven" if ended == Ended() else "unproven")


def test_a_hook_whose_undo_fails_holds_nothing_up_and_is_told(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("post_start"), 'hooks.post_health = { run = ["/no"] }')
    world.play("/off", ended=Ended(status=3, tail=("no such pool",)))
    world.play("/no", ended=Ended(status=1))
    assert world.update() == 6
    assert world.end() == ("1.0", "undone", "failure")
    undone = [step.undo_result.get("warning") for step in world.last.steps]
    assert "hooks.post_start.undo ended with 3: no such pool" in undone


def test_a_hook_whose_undo_is_no_more_in_the_config_holds_nothing_up(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("pre_stop"))
    assert world.update(point="programs:1:after") == -9
    world.declare("")
    assert world.world.occ("abort") == 0, world.world.said
    assert world.end() == ("1.0", "undone", "abort")
    assert world.marks == {"on"}
    said = "hooks.pre_stop.undo was not run: hooks.pre_stop.undo is not what was planned"
    assert any(said in note for note in world.world.notes)


def test_words_that_the_plan_did_not_have_are_not_run(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("pre_stop"))
    # after the plan was written, before the hook
    assert world.update(point="journal:2:after") == -9
    world.declare('hooks.pre_stop = { run = ["/evil"], undo = ["/evil"] }')
    assert world.world.occ("resume") == 4
    assert "hooks.pre_stop is not what was planned" in world.world.said
    assert world.runs == []
    assert world.end() == ("1.0", "undone", "failure")


@pytest.mark.parametrize("more", ["", 'hooks.pre_stop = { run = ["/bin/true"] }'])
def test_a_journal_from_elsewhere_runs_nothing(more: str, tmp_path: Path) -> None:
    """It names words that this machine's config does not have: neither words nor digest help."""
    world = hooked(tmp_path, hook("pre_stop"), 'accept = [["/on"]]')
    assert world.update(point="programs:1:before") == -9
    world.declare(more)
    assert world.world.occ("resume") == 4
    assert "accept[0] is not what was planned" in world.world.said
    assert world.runs == []
    assert world.end() == ("1.0", "undone", "failure")


def test_its_body_tells_the_versions_and_nothing_that_is_somebodys_own(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("post_health"), 'env = { COLOUR = "blue" }')
    assert world.update() == 0, world.world.said
    ran = world.world.programs.ran[-1]
    body = json.loads(ran.body)
    number = world.last.number
    assert {key: body[key] for key in ("form", "hook", "undo", "service", "operation", "kind")} == {
        "form": 1,
        "hook": "post_health",
        "undo": False,
        "service": "web",
        "operation": number,
        "kind": "update",
    }
    old, new = body["old"], body["new"]
    assert (old["version"], new["version"]) == (1, 2)
    assert (old["digests"], new["digests"]) == ([ONE], [TWO])
    assert new["container"] == world.last.created
    assert sorted(body) == sorted(
        [*("form", "hook", "undo", "service", "operation", "kind", "journal", "old", "new")]
    )
    assert "blue" not in ran.body.decode()
    assert ran.told == {
        "OCC_CONFIG": str(tmp_path / "config.toml"),
        "OCC_JOURNAL": str(tmp_path / "journal.db"),
        "OCC_HOOK": "post_health",
        "OCC_UNDO": "",
        "OCC_SERVICE": "web",
        "OCC_OPERATION": str(number),
        "OCC_KIND": "update",
    }


def test_it_gets_the_secrets_that_the_config_names_and_no_others(tmp_path: Path) -> None:
    world = hooked(
        tmp_path, hook("pre_stop"), 'program_env = { KEY = "{{secret:POOL}}", WHERE = "here" }'
    )
    assert world.update() == 4
    assert "the secret POOL of program_env of service web has no value" in world.world.said
    secrets = tmp_path / "web.secrets"
    secrets.touch(mode=0o600)
    secrets.write_text("POOL=hunter22\nOTHER=swordfish\n")
    assert world.update() == 0, world.world.said
    assert world.world.programs.ran[0].secrets == {"KEY": "hunter22", "WHERE": "here"}
    assert "hunter22" not in str(list(world.world.journal.entries()))


def test_a_store_that_cannot_be_read_holds_no_way_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "web.secrets"
    secrets.touch(mode=0o600)
    secrets.write_text("POOL=hunter22\n")
    world = hooked(tmp_path, hook("pre_stop"), 'program_env = { KEY = "{{secret:POOL}}" }')
    assert world.update(point="programs:1:after") == -9

    def locked(*_: object) -> None:
        raise ConfigError("the keyring is locked")

    monkeypatch.setattr("occ.app.change.own_programs.stores_of", locked)
    assert world.world.occ("abort") == 0, world.world.said
    assert world.end() == ("1.0", "undone", "abort")
    assert world.world.programs.ran[-1].secrets == {}


def test_root_refuses_what_somebody_else_can_replace_before_anything(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("pre_stop"))
    world.world.programs.untrusted.add("/on")
    written = world.world.journal.head()
    assert world.update() == 2
    assert "root does not run hooks.pre_stop" in world.world.said
    assert world.world.journal.head() == written


def test_a_rollback_and_an_apply_run_hooks_and_a_start_does_not(tmp_path: Path) -> None:
    world = hooked(tmp_path, hook("pre_stop"))
    assert world.update() == 0
    assert world.world.occ("rollback") == 0, world.world.said
    assert world.world.occ("stop") == 0
    assert world.world.occ("start") == 0
    world.declare(hook("pre_stop") + '\nenv = { A = "b" }')
    assert world.world.occ("apply") == 0, world.world.said
    kinds = [json.loads(one.body)["kind"] for one in world.world.programs.ran]
    assert kinds == ["update", "rollback", "apply"]


def test_a_service_that_does_not_run_is_asked_nothing(tmp_path: Path) -> None:
    inside = 'hooks.pre_update = { run = ["/on"], in = "old" }'
    world = hooked(tmp_path, inside, hook("pre_stop"), hook("post_start"), 'defer = ["idle"]')
    assert world.world.occ("stop") == 0
    assert world.update() == 0, world.world.said
    assert world.runs == []
    assert world.marks == set()


# Gate commands.


def judged(world: Hooked) -> list[tuple[str, str, str]]:
    asked = [event for event in world.events if isinstance(event, ImageJudged)]
    return [(one.command, one.verdict, one.image) for one in asked]


def test_a_gate_command_is_asked_about_the_digest_that_is_pulled(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify", "--key", "k"]]')
    world.play("/verify")

    def moves() -> None:  # between the question and the pull the tag moves on
        world.world.engine.host.registry.publish(IMAGE, built("good", "9.0"))

    world.world.programs.after = moves
    assert world.update() == 0, world.world.said
    assert world.runs == [f"/verify --key k {TWO} {ONE}"]
    assert world.end() == ("2.0", "done", None)
    assert judged(world) == [("accept[0]", "accepted", TWO)]
    image = world.world.engine.image(IMAGE)
    assert image is not None
    assert image.id == built("good", "2.0").id
    body = json.loads(world.world.programs.ran[0].body)
    assert (body["image"], body["current"]) == (TWO, ONE)


@pytest.mark.parametrize(
    ("ended", "verdict", "status"),
    [
        (Ended(status=1), "refused", 4),
        (Ended(status=126), "refused", 4),
        (Ended(status=75), "unknown", 4),
        (Ended(how="killed", status=9), "unknown", 4),
        (Ended(how="timed out"), "unknown", 4),
        (Ended(how="not started", said="no such file"), "unknown", 4),
    ],
)
@pytest.mark.parametrize("on_unknown", ["block", "pass"])
def test_what_is_not_accepted_stops_nothing_and_is_no_verdict(
    ended: Ended, verdict: str, status: int, on_unknown: str, tmp_path: Path
) -> None:
    world = hooked(tmp_path, f'accept = [["/fine"], ["/verify"]]\non_unknown = "{on_unknown}"')
    world.play("/fine")
    world.play("/verify", ended=ended)
    there = world.world.engine.containers({})
    passes = verdict == "unknown" and on_unknown == "pass"
    assert world.update() == (0 if passes else status), world.world.said
    assert judged(world) == [("accept[0]", "accepted", TWO), ("accept[1]", verdict, TWO)]
    if passes:
        assert world.end() == ("2.0", "done", None)
        assert f"accept[1] gave no answer about {TWO}" in world.world.notes
        return
    assert world.end() == ("1.0", "undone", "failure")
    assert world.world.engine.containers({}) == there
    assert [row.number for row in world.world.app.versions(NAME, ask_registry=False)] == [1]
    # asked again at the next try, and taken without a word of an earlier no
    world.play("/verify")
    assert world.update() == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


def test_a_first_installation_is_asked_about_too(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.engine.host.scripts["/verify"] = Script(ended=Ended(status=1))
    world.more = 'accept = [["/verify"]]\n'
    world.engine.host.registry.publish(IMAGE, built("good", "2.0"))
    world.box.configure(IMAGE, 3000, more=world.more)
    assert world.occ("start") == 4
    assert f"accept[0] refused {TWO}: it ended with 1" in world.said
    assert [" ".join(one.words) for one in world.programs.ran] == [f"/verify {TWO} "]
    assert world.engine.containers({}) == ()


def test_a_stage_asks_and_its_replacement_asks_again_about_that_image(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]')
    world.play("/verify")
    assert world.world.occ("stage") == 0, world.world.said
    world.world.engine.host.registry.publish(IMAGE, built("good", "9.0"))
    assert world.runs == [f"/verify {TWO} {ONE}"]
    assert world.world.occ("update", options=Options(staged=True)) == 0, world.world.said
    assert world.runs == [f"/verify {TWO} {ONE}"] * 2
    assert world.end() == ("2.0", "done", None)


def test_a_plan_that_is_carried_out_has_its_own_image_asked_about(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]')
    world.play("/verify")
    plan = Options(plan=True)
    proposal = world.world.app.change("update", NAME, plan, YES).proposal
    assert proposal is not None

    def confirm(_: object) -> bool:
        world.world.engine.host.registry.publish(IMAGE, built("good", "9.0"))
        return True

    people, options = replace(YES, confirm=confirm), Options(if_plan=proposal.token)
    world.world.app.change("update", NAME, options, people)
    assert world.runs == [f"/verify {TWO} {ONE}"]
    assert world.end() == ("2.0", "done", None)


def test_a_rollback_asks_no_gate_command(tmp_path: Path) -> None:
    world = hooked(tmp_path, "")
    assert world.update() == 0
    world.declare('accept = [["/verify"]]')
    world.play("/verify", ended=Ended(status=1))
    assert world.world.occ("rollback") == 0, world.world.said
    assert world.runs == []


def test_an_image_without_a_digest_is_unknown(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]\npull = "never"')
    world.play("/verify")
    host = world.world.engine.host
    host.images.add(built("good", "2.0"), IMAGE)
    assert world.update() == 4
    assert "accept[0] gave no answer about example.test/web:latest" in world.world.said
    assert world.runs == []


def test_an_unknown_answer_is_overridden_by_its_name(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]')
    world.play("/verify", ended=Ended(status=75))
    assert world.update() == 4
    assert world.update("gate_unknown") == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


def named(world: Hooked) -> list[str]:
    found = (reason.name for reason in world.world.app.why(NAME).reasons)
    return [name for name in found if name != "auto_off"]  # nothing here updates itself


def test_gate_refused(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]')
    world.play("/verify", ended=Ended(status=1))
    assert named(world) == []
    assert world.update() == 4
    assert named(world) == ["gate_refused"]
    first = world.world.app.why(NAME).reasons[0]
    assert first.text == f"accept[0] ended with 1 in operation {world.last.number}"
    # a newer image has its own turn
    world.world.engine.host.registry.publish(IMAGE, built("good", "3.0"))
    assert named(world) == []


def test_gate_unknown(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'accept = [["/verify"]]')
    world.play("/verify", ended=Ended(status=75))
    assert world.update() == 4
    assert named(world) == ["gate_unknown"]
    world.play("/verify", ended=Ended(status=1))
    assert world.update() == 4
    assert named(world) == ["gate_refused"]


def test_deferred(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'defer = ["idle"]\nmax_wait = "2h"')
    world.play("idle", ended=Ended(status=75))
    assert world.update() == 4
    assert named(world) == ["deferred"]
    since = world.last.ended_at
    world.world.clock.sleep(HOUR_MS)
    assert world.update() == 4
    first = world.world.app.why(NAME).reasons[0]
    assert (first.since, first.until) == (since, since + 2 * HOUR_MS)


# Deferral.


def test_the_service_puts_an_update_off_and_a_person_goes_on_anyway(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'defer = ["idle"]')
    world.play("idle", ended=Ended(status=75))
    assert world.update() == 4
    assert "web asks to wait" in world.world.said
    assert world.end() == ("1.0", "undone", "deferred")
    assert world.update("deferred") == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


@pytest.mark.parametrize(
    "ended",
    [Ended(status=1), Ended(how="timed out"), Ended(how="not started", said="no such program")],
)
def test_what_nobody_knows_counts_as_not_now(ended: Ended, tmp_path: Path) -> None:
    world = hooked(tmp_path, 'defer = ["idle"]')
    world.play("idle", ended=ended)
    assert world.update() == 4
    assert world.end() == ("1.0", "undone", "deferred")


def test_an_update_is_put_off_no_longer_than_the_config_allows(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'defer = ["idle"]\nmax_wait = "2h"')
    world.play("idle", ended=Ended(status=75))
    assert world.update() == 4
    world.world.clock.sleep(HOUR_MS)
    assert world.update() == 4
    world.world.clock.sleep(HOUR_MS)
    assert world.update() == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


def test_a_service_that_agrees_is_updated(tmp_path: Path) -> None:
    world = hooked(tmp_path, 'defer = ["idle"]')
    world.play("idle")
    assert world.update() == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


def test_a_service_is_not_asked_about_a_rollback(tmp_path: Path) -> None:
    world = hooked(tmp_path, "")
    assert world.update() == 0
    world.declare('defer = ["idle"]')
    world.play("idle", ended=Ended(status=75))
    assert world.world.occ("rollback") == 0, world.world.said
