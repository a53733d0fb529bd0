"""The chapters, each a site of its own where scenes are played one after the other."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from tests.unit.app.campaign import (
    adopting,
    broken,
    building,
    forgetting,
    left,
    life,
    mending,
    replaced,
    secrets,
    several,
    sweeps,
    users,
)
from tests.unit.app.campaign.place import somewhere
from tests.unit.app.campaign.site import Site

PlanInput = Callable[[Site], None]
Chapters = Mapping[str, Callable[[], Iterable[str]]]
_HEADS = "all heads"


def played(scenes: tuple[PlanInput, ...]) -> Iterator[str]:
    """What is noted in scenes that follow each other; each is called what its function is."""
    with somewhere():
        site = Site()
        for given in scenes:
            site.note(f"\n## {given.__name__.replace('_', ' ')}")
            given(site)
            site.note(f"= {site.head()} | {site.host()}")
        yield from site.lines


CAMPAIGN: Chapters = {
    "from nothing to the first updates": partial(played, life.SCENES),
    "applied, rolled back and removed": partial(played, replaced.SCENES),
    "broken off": partial(played, broken.SCENES),
    "left unfinished": partial(played, left.SCENES),
    "mending": partial(played, mending.SCENES),
    "users": partial(played, users.SCENES),
    "secrets": partial(played, secrets.SCENES),
    "adopting": partial(played, adopting.SCENES),
    "building, and volumes of an image": partial(played, building.SCENES),
    "two services, and an older copy of the journal": partial(played, several.SCENES),
    **{f"death at every append: {name}": play for name, play in sweeps.deaths().items()},
}
FORGET: Chapters = {"forgetting": partial(played, forgetting.SCENES)}
BOOKS: Mapping[str, Chapters] = {"campaign": CAMPAIGN, "forget": FORGET}


def written(chapters: Chapters) -> str:
    """The chapters as they are played now, and a digest of all heads at the end."""
    text = "".join(chapter(name, play()) for name, play in chapters.items())
    return f"{text}# {_HEADS}\n\n{heads(text)}\n"


def chapter(name: str, lines: Iterable[str]) -> str:
    """One chapter as text."""
    return "\n".join((f"# {name}", *lines, "", ""))


def read(text: str) -> Mapping[str, str]:
    """The chapters of what was written, by name, without the digest."""
    parts = [f"# {part}" for part in f"\n{text}".split("\n# ")[1:-1]]
    return {part.partition("\n")[0][2:]: f"{part}\n" for part in parts}


def heads(text: str) -> str:
    """A digest of all heads in a text."""
    found = "\n".join(line for line in text.split("\n") if line.startswith("= "))
    return hashlib.sha256(found.encode()).hexdigest()
