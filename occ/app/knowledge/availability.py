"""Whether a version's image can be had: on the host, or still at its registry."""

from occ.domain.request import Version
from occ.engine.port import Engine
from occ.errors import NoTargetError, RegistryError
from occ.operations.kept_images import published


def missing(engine: Engine, version: Version) -> NoTargetError | None:
    """Why a version's image cannot be had; None when it is on the host, or published."""
    if engine.image(version.image) is not None:
        return None
    try:
        there = published(engine, version.digests)
    except RegistryError as error:
        return NoTargetError(
            f"its image is not here, and its registry cannot be asked: {error.message}",
            hint=error.hint,
        )
    gone = "its image is gone, here and at its registry"
    return None if there else NoTargetError(gone, hint="occ versions --check")


def why_not(engine: Engine, version: Version) -> str:
    """The reason in words why an image cannot be had; empty where it can."""
    found = missing(engine, version)
    return found.message if found else ""
