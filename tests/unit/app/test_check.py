"""Whether there is another image than the one that runs, by every digest it is known by."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from occ.app.desk import Desk
from occ.app.reading import Reading
from occ.domain.events import Found, OperationPlanned, Request
from occ.domain.values import Actor
from occ.engine.port import Engine, Image
from occ.journal.memory import MemoryJournal
from occ.settings import load
from tests.unit.operations.toy import Toy

if TYPE_CHECKING:
    from collections.abc import Mapping

INDEX, PLATFORM, OTHER = (f"sha256:{letter * 64}" for letter in "abc")


class Registry(Toy):
    """A toy engine whose registry has one digest, and whose image has two."""

    published = INDEX

    def image(self, _reference: str) -> Image | None:
        known = (f"example.test/web@{INDEX}", f"mirror.test/web@{PLATFORM}")
        return Image(id="i", digests=known)

    def registry_digest(self, _reference: str) -> str:
        return self.published


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    config = tmp_path / "config.toml"
    config.write_text('[services.web]\nimage = "example.test/web:1"\n')
    environ: Mapping[str, str] = {"HOME": str(tmp_path), "OCC_CONFIG": str(config)}
    return Desk(settings=load(environ), environ=environ, argv=())


@pytest.mark.parametrize(
    ("published", "available"), [(INDEX, False), (PLATFORM, False), (OTHER, True)]
)
def test_an_index_and_its_platforms_image_are_no_update(
    desk: Desk, published: str, *, available: bool
) -> None:
    toy, journal = Registry(), MemoryJournal()
    toy.published = published
    stamp = desk.stamp("web")
    planned = OperationPlanned(
        kind="start", actor=Actor(operator="ann"), request=Request(), found=Found(), steps=()
    )
    journal.open_operation((planned,), stamp)
    toy.put("web", journal=journal.id, service="web", version="1")
    desk.__dict__ |= {"journal": journal, "engine": cast("Engine", toy)}
    assert Reading(desk).check("web").available is available
