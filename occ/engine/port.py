"""The engine as the rest of occ sees it. Verbs are Docker's where Docker has one."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from occ.domain.programs import Ended
from occ.domain.spec import Spec
from occ.engine.image_calls import ImageCalls
from occ.engine.values import (
    Answer,
    Change,
    Container,
    ContainerRequest,
    EngineInfo,
    File,
    Inspection,
    Neighbour,
    NoAnswer,
    Question,
    Ran,
    Reached,
    Route,
)
from occ.engine.volume_place import VolumePlace


class Engine(ImageCalls, Protocol):
    """One container engine.

    Every method raises EngineUnreachableError when the engine does not answer (a read that times
    out, a refused or lost connection, no permission on the socket) and EngineRefusedError or one
    of its kinds when it answers with no. A call that changes something waits as long as what it
    asks for may take; after EngineUnreachableError it may still be carried out.

    Containers are named by id, or by name where only a name is known.
    """

    def info(self) -> EngineInfo:
        """Who answers; waits at most 2 s."""

    def started_at(self) -> int:
        """When this engine was started, ms since 1970 UTC; 0 where it does not tell."""

    def containers(self, labels: Mapping[str, str]) -> tuple[Container, ...]:
        """The containers that carry all these labels (an empty value: any value), oldest first."""

    def names(self) -> Mapping[str, str]:
        """The id of every container on the host by its name; nothing is inspected."""

    def neighbours(
        self, containers: Collection[str], volumes: Collection[str]
    ) -> tuple[Neighbour, ...]:
        """Who was made to use parts of one of these, or mounts one of these volumes, by name.

        `containers` are ids and names, also of containers that are gone. They themselves are left
        out; containers that do not run are not.
        """

    def inspect(self, container: str) -> Container | None:
        """One container, or None when it is not there; waits at most 10 s."""

    def inspection(self, container: str) -> Inspection | None:
        """All that a container was made with, None when it is not there; nothing is changed."""

    def create(self, request: ContainerRequest) -> str:
        """Create a container, and return its id.

        An engine takes one network at a time: a caller that dies in between leaves a container
        without its further networks, until somebody calls `join`.

        Raises:
            NameTakenError: another container has the name.
            ImageMissingError: the image is not on the host.
        """

    def join(self, container: str, spec: Spec, alias: str) -> None:
        """Have a container in every network of the spec, known there as `alias`.

        The networks that it is in already are left as they are. A network that does not exist is
        refused here when the container runs, else by its start.

        Raises:
            NotFoundError: it is not there.
        """

    def start(self, container: str) -> None:
        """Start it; nothing happens when it runs already.

        Raises:
            PortTakenError: a host port is in use.
            NotFoundError: it is not there.
        """

    def stop(self, container: str, grace_ms: int) -> None:
        """Have it stopped: SIGTERM, after the grace SIGKILL.

        A stop that is pending already is waited for. Nothing happens when it is not running or
        not there.
        """

    def pause(self, container: str) -> None:
        """Freeze the processes of a running one; nothing happens when they are frozen.

        A stop thaws it, a start is refused meanwhile.

        Raises:
            EngineRefusedError: it is not running.
            NotFoundError: it is not there.
        """

    def unpause(self, container: str) -> None:
        """Have its processes go on; nothing happens when they do, or when it is not there."""

    def memory(self, container: str) -> int:
        """The memory that its processes have now, in bytes; 0 where the engine does not tell."""

    def remove(self, container: str, *, volumes: bool = True) -> None:
        """Have it gone, with `volumes` its anonymous ones too, named ones never; absent is fine.

        A removal in progress is waited for, at most 60 s. A running one is refused.
        """

    def rename(self, container: str, name: str) -> None:
        """Give it this name; nothing happens when it has it.

        Raises:
            NameTakenError: another container has the name.
        """

    def set_policy(self, container: str, policy: str) -> None:
        """Set its restart policy: no, always, unless-stopped, on-failure or on-failure:N."""

    def logs(
        self,
        container: str,
        *,
        tail: int | None = None,
        since: int = 0,
        timestamps: bool = False,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Its output in lines without the line's end; `tail` None is all, `since` is ms."""

    def volume(self, name: str) -> Mapping[str, str] | None:
        """The labels of a volume, None when it is not there."""

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a named volume; an existing one is left as it is."""

    def remove_volume(self, name: str) -> None:
        """Have a volume gone, with its data; absent is fine.

        Raises:
            EngineRefusedError: a container has it.
        """

    def volumes(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the volumes that carry all these labels."""

    def volume_place(self, name: str) -> VolumePlace | None:
        """Where the data of a volume is, None when there is no such volume."""

    def network(self, name: str) -> bool:
        """Whether there is a network of this name."""

    def networks(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The names of the networks that carry all these labels."""

    def close_network(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a network of these labels that leads nowhere: out of it only `reached` answers."""

    def reached(self) -> frozenset[Reached]:
        """The places of the host whose listeners answer a container in a closed network."""

    def remove_network(self, name: str) -> None:
        """Have a network gone; absent is fine.

        Raises:
            EngineRefusedError: a container is in it.
        """

    def networks_lost(self, container: str) -> tuple[str, ...]:
        """The networks that a container was put in and that are gone, made anew or not.

        An engine knows them by number, so a network made anew under its name is another one, and
        every start of the container is refused; an engine's own (bridge, host, none) are never
        gone. `container:...` is a container whose network it shares and that is gone.
        """

    def copy_folder(self, source: str, target: str, path: str) -> None:
        """Copy a folder from one container into the same place of another, neither running.

        Owners, modes and links come with it; what was in the target stays beside it. The data
        goes through occ as a stream, as much at a time as the engine sends.

        Raises:
            EngineRefusedError: the engine ended the stream early, or could not write.
        """

    def read_folder(
        self,
        container: str,
        path: str,
        take: Callable[[bytes], None],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Read a folder out of a container, running or not, as a tar whose first member it is.

        `take` gets the pieces as they come, `tick` is called several times a second also while
        none does; an exception out of either ends the reading within a second, and goes through.
        An engine that sends nothing for 60 s is EngineUnreachableError. A stream that ends early
        is not told from a whole one: that is for `take` to see.

        Raises:
            NotFoundError: there is no such container.
            EngineRefusedError: it has no such folder.
        """

    def write_folder(
        self,
        container: str,
        path: str,
        give: Iterable[bytes],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Write a tar whose first member is this folder into a container that was never started.

        The folder is there, and gets its mode, owner and time as all that is in it; what was in it
        stays beside that. `give` is asked for the next piece when the engine has taken the last
        one, `tick` is called several times a second; an exception out of either ends the writing
        within a second, and goes through. Then, and after every other error, a part is written.
        An engine that takes nothing for 60 s is EngineUnreachableError.

        Raises:
            NotFoundError: there is no such container.
            EngineRefusedError: the engine could not write it, such as on a full disk.
        """

    def read_file(self, container: str, path: str) -> File | None:
        """A file out of a container, running or not, at most 1 MiB; None when it is not there.

        Mode and owners come with it, so that writing it back changes only the data. A folder is
        answered without data. A link is followed to its end; to nothing, it is not there.
        """

    def real_path(self, container: str, path: str) -> str:
        """Where a link in a container leads in the end, there or not; of all else the path."""

    def write_files(self, container: str, files: Sequence[File]) -> None:
        """Put files into a container, running or not, as root, from memory.

        A folder that is there already is left as it is; a link is replaced by the file.
        """

    def exec(self, container: str, words: Sequence[str], *, stdin: bytes = b"") -> Ran:
        """Run a program inside a running container as root, to its end.

        A secret goes through `stdin`, which ends after that: an engine, its events and every
        process list keep the words.

        Raises:
            NotFoundError: there is no such container.
            EngineRefusedError: it is not running, or has no such program.
        """

    def run_inside(
        self,
        container: str,
        words: Sequence[str],
        *,
        told: Mapping[str, str],
        hidden: Sequence[str] = (),
        most_ms: int,
    ) -> Ended:
        """Run a program inside a running container as its own user, for no longer than `most_ms`.

        It gets no standard input, and the variables of `told` beside the container's own. `hidden`
        are taken out of its output. No engine can end such a program: a run that takes too long
        is left to itself, and ends with the container.

        Raises:
            NotFoundError: there is no such container.
            EngineRefusedError: it is not running.
        """

    def runs_inside(self, container: str, words: Sequence[str]) -> bool:
        """Whether a program of these words that was begun by `run_inside` still runs there."""

    def changes(self, container: str) -> tuple[Change, ...]:
        """The paths in a container's own layer, which would be gone with it, in their order.

        Paths in volumes and other mounts do not belong to the layer.

        Raises:
            NotFoundError: there is no such container.
        """

    def route(self, container: str, port: int) -> Route | None:
        """The way a probe of this container's port would go; None when there is none.

        A local engine: the published port, else on Linux the container's address; a remote one:
        a request made inside the container, with the curl, wget or busybox that it has.
        """

    def probe(self, container: str, question: Question) -> Answer | NoAnswer:
        """Ask a container once; never cached, never redirected.

        A private question goes to the container's own address, or to its own published port while
        it runs, and to nobody else.

        Raises:
            NoProbeError: there is no way to ask.
        """
