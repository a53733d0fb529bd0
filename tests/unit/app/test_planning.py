"""A plan that is only looked at leaves nothing behind, on the host or beside the config."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.options import Options
from occ.app.results import Proposal
from occ.domain.events import Kind
from tests.faults.memory import NAME, MemoryWorld
from tests.people import YES

SILENT = replace(YES, confirm=lambda _: False)


def proposed(world: MemoryWorld, verb: Kind, options: Options) -> Proposal:
    """What a verb would do."""
    app = App(world.desk(DB_PASSWORD="hunter22"))
    proposal = app.change(verb, NAME, options, SILENT).proposal
    assert isinstance(proposal, Proposal)
    return proposal


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("update", Options(plan=True)),
        ("apply", Options(plan=True)),
        ("rollback", Options(plan=True, to=1, spec_now=True)),
    ],
)
def test_a_new_secret_is_planned_for_without_a_key(
    tmp_path: Path, verb: Kind, options: Options
) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    config = tmp_path / "config.toml"
    text = config.read_text().replace("volumes = ", 'secrets = ["DB_PASSWORD"]\nvolumes = ', 1)
    config.write_text(text)
    before, written = {path.name for path in tmp_path.iterdir()}, world.journal.head()
    assert proposed(world, verb, options).pending
    assert {path.name for path in tmp_path.iterdir()} == before
    assert world.journal.head() == written


def test_volumes_that_the_image_brings_are_no_change_of_the_config(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    config = tmp_path / "config.toml"
    world.prepare("update", "one")
    text = config.read_text().replace('volumes = ["web-data:/data"]\n', "", 1)
    config.write_text(text)
    assert world.occ("update") == 0, world.said
    assert proposed(world, "update", Options(plan=True)).warnings == ()
    config.write_text(text.replace("[services.web]\n", '[services.web]\nuser = "7"\n', 1))
    noted = proposed(world, "update", Options(plan=True)).warnings
    assert noted == ("the config changes: user",)
