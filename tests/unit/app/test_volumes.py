"""Volumes that a version leaves out, and new ones that begin empty: told before and afterwards."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.findings import Finding
from occ.domain.request import Version
from occ.domain.spec import Spec, Volume
from occ.domain.versions import Ledger, Record
from occ.domain.volume_changes import since_replaced, volume_changes
from tests.contract.memory_lab import built
from tests.model.world import HEALTH, IMAGE, NAME, PORT, World
from tests.people import YES, do

A, B = Volume(name="a", path="/a"), Volume(name="b", path="/b")
FILLED = "or with the files that the image has there"
LEFT = "volume web.data (/data)"
NEW = f"volume web.newdata (/newdata) is new: it began empty, {FILLED}"
MENDS = (
    "occ config set volumes web.data:/newdata --service web && occ apply --service web "
    "(or go back: occ rollback --service web; or, where neither data nor a way back is needed: "
    "docker volume rm web.data)"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service whose first image has a VOLUME /data, and the next one /newdata."""
    made = World(tmp_path)
    text = f'[services.{NAME}]\nimage = "{IMAGE}"\nports = ["127.0.0.1:{PORT}:3000"]\n'
    text += f"[services.{NAME}.health]\n{HEALTH.format(timeout='8s')}"
    made.box.environ  # noqa: B018 - the folder is there
    (tmp_path / "config.toml").write_text(text)
    made.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    assert made.typed("start") == 0, made.said
    publish(made, "2.0", "/newdata")
    return made


def publish(world: World, version: str, *paths: str) -> None:
    world.engine.host.registry.publish(IMAGE, replace(built("good", version), volumes=paths))


def warnings(world: World, verb: str, **options: object) -> tuple[str, ...]:
    """The notes of a change; with `plan` those of its proposal."""
    with world.app() as (app, _):
        outcome = do(app, verb, NAME, Options(**options), YES)  # type: ignore[arg-type]
    assert isinstance(outcome, Outcome)
    return outcome.proposal.warnings if outcome.proposal else outcome.warnings


def found(world: World) -> list[Finding]:
    told: tuple[Finding, ...] = world.read(lambda app: app.doctor(NAME))
    return [finding for finding in told if finding.code.startswith("volume_")]


def test_a_volume_that_the_new_image_does_not_mount_is_told_with_its_mend(world: World) -> None:
    assert warnings(world, "update") == (
        NEW,
        f"{LEFT} is not mounted any more; its data stays: {MENDS}",
    )
    left, new = found(world)
    assert (left.code, left.note, left.fix) == ("volume_left", False, MENDS)
    assert left.says == (
        f"{LEFT} of an earlier version is not mounted by version 2: "
        "the service does not see its data"
    )
    assert (new.code, new.note) == ("volume_new", True)
    assert world.read(lambda app: app.status(NAME)).notes == (
        f"{LEFT} of an earlier version is not mounted: occ doctor",
        f"volume web.newdata (/newdata) began empty with version 2, {FILLED}",
    )


def test_before_the_question_as_far_as_it_is_known(world: World) -> None:
    assert warnings(world, "update", plan=True) == ()  # the image is at its registry alone
    host = world.engine.host
    host.images.add(replace(built("good", "2.0"), volumes=("/newdata",)), IMAGE)
    config = world.folder / "config.toml"
    pull = config.read_text().replace("ports =", 'pull = "missing"\nports =')
    config.write_text(pull)
    assert warnings(world, "update", plan=True) == (
        f"{LEFT} will not be mounted any more: its data stays, and the service does not see it",
        f"volume web.newdata (/newdata) is new: it begins empty, {FILLED}",
    )


def test_the_way_back_is_told_and_no_finding_afterwards(world: World) -> None:
    assert world.typed("update") == 0
    assert warnings(world, "rollback", plan=True) == (
        (
            "the data stays as it is now; version 1 has its own of 2023-11-14 22:13: "
            "occ rollback --to 1 --data then"
        ),
        "version 1 was never tried on data of version 2",
        (
            "volume web.newdata (/newdata) will not be mounted any more: "
            "its data stays, and the service does not see it"
        ),
    )
    assert warnings(world, "rollback") == (
        "volume web.newdata (/newdata) is not mounted any more; its data stays",
    )
    assert found(world) == []


def test_it_is_a_finding_until_it_is_mounted_again_or_gone(world: World) -> None:
    assert world.typed("update") == 0
    publish(world, "3.0", "/newdata")
    assert warnings(world, "update") == ()
    assert [finding.code for finding in found(world)] == ["volume_left"]
    config = world.folder / "config.toml"
    text = config.read_text()
    config.write_text(text.replace("ports =", 'volumes = ["web.data:/newdata"]\nports ='))
    assert found(world)[0].fix == "occ apply --service web (the config mounts it again)"
    assert world.typed("apply") == 0, world.said
    (left,) = found(world)
    assert left.says.split()[1] == "web.newdata"
    assert left.fix.startswith("docker volume rm web.newdata (")
    world.engine.remove_volume("web.newdata")
    assert found(world) == []


def test_a_volume_that_somebody_else_mounts_is_not_missed(world: World) -> None:
    world.engine.run_foreign("other", built("good", "1.0").id, shares={"volumes": NAME})
    assert warnings(world, "update") == (NEW,)
    assert [finding.code for finding in found(world)] == ["volume_new"]


def test_a_failed_update_tells_of_the_data_that_was_put_back_and_of_nothing_else(
    world: World,
) -> None:
    sick = replace(built("sick", "2.0"), volumes=("/newdata",))
    world.engine.host.registry.publish(IMAGE, sick)
    assert world.typed("update") == 6
    assert found(world) == []
    assert world.read(lambda app: app.status(NAME)).notes == (
        (
            "its data is in web.data.occ-2-2, and not in volumes of the plain names: "
            "occ data adopt-name --service web"
        ),
        (
            "the data that version 2 left on 2023-11-14 22:13 is kept in web.data: "
            "occ rollback --to 2 --data set:1 --service web"
        ),
    )


def test_an_update_that_changes_no_volume_says_nothing(world: World) -> None:
    publish(world, "2.0", "/data")
    assert warnings(world, "update") == ()
    assert found(world) == []


def test_a_volume_in_the_engine_s_own_words_is_mounted() -> None:
    before = Spec(volumes=(A, B))
    after = Spec(engine={"Binds": ["a:/a:rslave", "/srv:/s"], "Mounts": [{"Source": "b"}, "odd"]})
    assert volume_changes(before, after).left == ()
    assert volume_changes(before, Spec(engine={"Binds": "odd", "Mounts": None})).left == (A, B)


def test_a_version_that_never_ran_leaves_nothing() -> None:
    records = {
        number: Record(
            version=Version(number=number, image="sha256:1", reference="web:1", spec=spec),
            created_at=number,
            replaced=replaced,
        )
        for number, spec, replaced in (
            (1, Spec(volumes=(A,)), 0),
            (2, Spec(volumes=(B,)), None),
            (3, Spec(volumes=(A,)), 1),
        )
    }
    changes = since_replaced(Ledger(versions=records, current=3))
    assert (changes.left, changes.new) == ((), ())
    assert since_replaced(Ledger()).left == ()
