"""What a contract test needs beside the engine's port: images, names, and other people's doings."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from occ.engine.port import Engine
from occ.engine.values import Shared

Mood: TypeAlias = Literal["open", "unauthorized", "too_many", "down", "cut"]
Prune: TypeAlias = Literal["containers", "images", "all images", "volumes"]
End: TypeAlias = Literal["terminated", "killed", "power cut"]


@dataclass(frozen=True, slots=True)
class Published:
    """An image in a registry: the reference to pull, its manifest's digest, the image's id."""

    reference: str
    digest: str
    image: str

    @property
    def pinned(self) -> str:
        """The reference by digest."""
        return f"{self.reference.rpartition(':')[0]}@{self.digest}"


class Lab(Protocol):
    """One test's view of an engine. Kinds of images are those of tests/testbed/kinds.py.

    They keep their data in /data (a VOLUME), listen on 3000, and answer /health with
    `{"healthy":true,"version":VERSION}`. Their output ends with the line `ready` once they listen;
    `crash` says three lines, one not UTF-8 (tests/testbed/service), and exits 1. /etc/passwd is
    there in all but `bare`; in `linked` /etc/shadow is a link, and /etc/gshadow one to nothing.
    `moved` keeps its data in /newdata.
    """

    @property
    def engine(self) -> Engine:
        """The engine under test."""

    def name(self, what: str = "web") -> str:
        """A name of this test's own; containers, volumes, networks and tags of it go with it."""

    def image(self, kind: str, version: str = "1") -> str:
        """The id of an image that is on the host."""

    def publish(self, kind: str, version: str = "1", *, name: str, tag: str = "new") -> Published:
        """Let `<registry>/<name>:<tag>` be this image; a tag that is there moves.

        The host does not have the image afterwards, unless a container uses it.
        """

    def registry(self, mood: Mood) -> None:
        """Have the registry behave so until the end of the test; `too_many` says 30 s.

        `cut` ends the connection in the middle of a layer.
        """

    def free_port(self) -> int:
        """A port of 127.0.0.1 that nobody listens on."""

    def occupied(self, port: int) -> AbstractContextManager[None]:
        """Somebody else listens on this port of 127.0.0.1."""

    def foreign(self, name: str, image: str, *, shares: Mapping[Shared, str] | None = None) -> str:
        """Somebody else's running container, with no labels and no volumes, its id.

        With `shares` it sleeps, and uses these parts of containers.
        """

    def network(self, name: str) -> None:
        """Make a network."""

    def remove_network(self, name: str) -> None:
        """Have a network gone that no running container is in."""

    def until(self, question: Callable[[], bool], *, seconds: float = 10) -> None:
        """Let time go by until the answer is yes; TimeoutError after so long."""

    def abandoned_stop(self, container: str, grace_ms: int) -> None:
        """A stop whose caller dies when the engine has begun it."""

    def archiving(self, container: str) -> AbstractContextManager[None]:
        """Somebody reads an archive out of the container, and takes a second over it."""

    def files(self, container: str, path: str) -> Mapping[str, bytes]:
        """The files right under a folder of a container: name -> content. Stopped or running."""

    def now(self) -> int:
        """The wall clock that the engine goes by, ms since 1970 UTC."""


class RoughLab(Lab, Protocol):
    """A lab whose engine is nobody else's: it may be pruned, frozen and ended."""

    def prune(self, what: Prune) -> None:
        """`docker <what> prune -f`: somebody cleans up."""

    def frozen(self) -> AbstractContextManager[None]:
        """The engine takes connections and does not answer."""

    def restart(self, end: End) -> None:
        """The engine ends in this way and is started again; it answers when this returns."""

    def absent(self) -> AbstractContextManager[None]:
        """The engine is not there."""
