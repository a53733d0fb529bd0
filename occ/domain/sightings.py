"""First sights of images: since when this journal has known an image that a service could get."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from occ.domain.events import Entry

EVENTS: Final = ("image.seen",)


@dataclass(frozen=True, slots=True)
class ImageSeen:
    """This journal saw an image of the service's name for the first time; no operation did."""

    image: str
    """Its digest at the registry, or its id where no registry had it."""


def first_seen(entries: "Iterable[Entry]", image: str) -> int:
    """When an image was first seen, ms since 1970; 0 for never."""
    found = (e.at for e in entries if isinstance(e.event, ImageSeen) and e.event.image == image)
    return next(found, 0)
