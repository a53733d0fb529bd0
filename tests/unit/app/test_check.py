"""Whether there is another image than the one that runs, by every digest it is known by."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from occ.app.desk import Desk
from occ.app.view.check import check
from occ.domain.events import OperationPlanned
from occ.domain.request import Found, Request
from occ.domain.values import Actor
from occ.engine.values import Image
from occ.errors import ImageMissingError
from occ.settings import load
from tests.doubles.journal import MemoryJournal
from tests.unit.operations.toy import Toy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from occ.engine.port import Engine

INDEX, PLATFORM, OTHER = (f"sha256:{letter * 64}" for letter in "abc")


class Registry(Toy):
    """A toy engine whose registry has one digest, and whose image has two."""

    published = INDEX

    def image(self, _reference: str) -> Image | None:
        known = (f"example.test/web@{INDEX}", f"mirror.test/web@{PLATFORM}")
        return Image(id="i", digests=known)

    def registry_digest(self, _reference: str) -> str:
        return self.published


class Built(Registry):
    """One whose image was built there, and that nobody may ask of a registry."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here

    def image(self, reference: str) -> Image | None:
        """The name means what was built last; what runs has lost it."""
        return Image(id=self.here) if reference == "example.test/web:1" and self.here else None

    def registry_digest(self, reference: str) -> str:
        raise AssertionError(reference)


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
    toy = Registry()
    toy.published = published
    desk = running(desk, toy)
    assert check(desk, "web").available is available


def running(desk: Desk, toy: Registry) -> Desk:
    """The desk with the toy engine, which runs the service's first version."""
    journal = MemoryJournal()
    stamp = desk.stamp("web")
    planned = OperationPlanned(
        kind="start", actor=Actor(operator="ann"), request=Request(), found=Found(), steps=()
    )
    journal.open_operation((planned,), stamp)
    toy.put("web", journal=journal.id, service="web", version="1")
    return replace(desk, open_journal=lambda _: journal, open_engine=lambda: cast("Engine", toy))


@pytest.mark.parametrize(("here", "available"), [("i", False), ("another", True)])
def test_one_that_is_never_pulled_is_compared_on_the_host_and_no_registry_is_asked(
    tmp_path: Path, desk: Desk, here: str, *, available: bool
) -> None:
    with (tmp_path / "config.toml").open("a") as config:
        config.write('pull = "never"\n')
    desk.settings = load(desk.environ)
    toy = Built(here)
    desk = running(desk, toy)
    checked = check(desk, "web")
    assert (checked.available, checked.published) == (available, here)
    toy.here = ""
    with pytest.raises(ImageMissingError, match="is not on the host, and pull is never"):
        check(desk, "web")
