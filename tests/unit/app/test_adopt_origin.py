"""Whether an adopted image is from a registry, where the engine's digests do not tell it."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from occ.app.change.adopt_draft import from_registry
from occ.engine.values import Image
from occ.errors import ImageMissingError, RegistryError, UnauthorizedError
from occ.operations.derive import derive
from tests.unit.operations.declaring import declared

if TYPE_CHECKING:
    from occ.engine.port import Engine

ID = f"sha256:{'1' * 64}"
LOCAL = Image(id=ID, digests=(f"example.test/web@{ID}",), by_digest=True)
LOST = Image(id=ID, by_digest=True)


class _Registry:
    """An engine of which nothing is asked but what its registries say."""

    def __init__(self, refusal: Exception | None) -> None:
        self._refusal = refusal

    def registry_digest(self, reference: str) -> str:
        assert reference.endswith("web:1")
        if self._refusal is not None:
            raise self._refusal
        return ID


@pytest.mark.parametrize(
    ("image", "refusal", "reference", "pull", "digests"),
    [
        (LOCAL, None, "example.test/web:1", "always", LOCAL.digests),
        (LOST, None, "example.test/web:1", "always", LOCAL.digests),
        (LOCAL, ImageMissingError("none"), "example.test/web:1", "never", LOCAL.digests),
        (LOCAL, UnauthorizedError("login"), "example.test/web:1", "always", LOCAL.digests),
        (LOCAL, UnauthorizedError("login"), "web:1", "never", LOCAL.digests),
        (LOCAL, RegistryError("silent"), "example.test/web:1", "always", LOCAL.digests),
        (LOST, RegistryError("silent"), "example.test/web:1", "never", ()),
    ],
)
def test_its_registry_is_asked(
    image: Image,
    refusal: Exception | None,
    reference: str,
    pull: str,
    digests: tuple[str, ...],
) -> None:
    there = replace(declared({}, {}), image=image)
    found = replace(derive(there, "web", free=lambda _: True), reference=reference)
    engine = cast("Engine", _Registry(refusal))
    seen, decided = from_registry(engine, there, image, found)
    assert decided.pull == pull
    assert seen.image is not None
    assert seen.image.digests == digests
