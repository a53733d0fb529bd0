"""The inside of a container: files, folders, programs, its own layer."""

import base64
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from occ.domain.programs import Ended
from occ.domain.total import json_value
from occ.engine.docker import archive, bounded, programs
from occ.engine.docker.containers import Containers
from occ.engine.docker.wire import read, shape, upload
from occ.engine.docker.wire.link import ABSENT
from occ.engine.docker.wire.pump import pump
from occ.engine.values import Change, File, Ran
from occ.errors import EngineRefusedError, NotFoundError

_FOLDER, _LINK = 1 << 31, 1 << 27  # Go's os.ModeDir and os.ModeSymlink, as the engine tells modes


class Inside(Containers):
    """The calls about the inside of a container."""

    def read_file(self, container: str, path: str) -> File | None:
        """A file out of a container, by the end of its links."""
        facts = self._stat(container, path)
        real = _leads(facts) or path
        facts = facts if real == path else self._stat(container, real)
        found = self._archived(container, real, facts) if facts is not None else None
        return None if found is None else replace(found, path=path)

    def real_path(self, container: str, path: str) -> str:
        """Where a link leads, as the engine works it out within the container."""
        return _leads(self._stat(container, path)) or path

    def write_files(self, container: str, files: Sequence[File]) -> None:
        """Put files into a container, as root, in one archive from memory."""
        wanted = [f for f in files if not f.folder or self.read_file(container, f.path) is None]
        if not wanted:
            return
        self._put(container, "/", archive.pack(wanted))

    @property
    def _uncompressed(self) -> Mapping[str, str]:
        """Headers by which an engine of this machine sends a stream as it is.

        Else it would compress what nobody has to carry, and take four times as long for it.
        """
        return {"Accept-Encoding": "identity"} if self._address.local else {}

    def copy_folder(self, source: str, target: str, path: str) -> None:
        """From one archive call to the other; only a whole archive counts."""
        answer = self._client.ask(
            "GET",
            f"/containers/{source}/archive",
            wait=self._waits.stall,
            stream=True,
            params={"path": path},
            headers=self._uncompressed,
        )
        self._put(target, posixpath.dirname(path), archive.whole(self._client.pieces(answer)))

    def read_folder(
        self,
        container: str,
        path: str,
        take: Callable[[bytes], None],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """By the archive call; the engine goes on until it notices that nobody listens."""
        answer = self._client.ask(
            "GET",
            f"/containers/{quote(container, safe='')}/archive",
            wait=self._waits.stall,
            stream=True,
            params={"path": path},
            headers=self._uncompressed,
        )
        pump(self._client.pieces(answer), self._client.line(answer), take, tick)

    def write_folder(
        self,
        container: str,
        path: str,
        give: Iterable[bytes],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """By the archive call, extracted at the place above: see wire/upload.py."""
        there = f"/containers/{quote(container, safe='')}/archive"
        upload.put(self._address, self._waits, there, posixpath.dirname(path), give, tick)

    def exec(self, container: str, words: Sequence[str], *, stdin: bytes = b"") -> Ran:
        """Run a program as root, to its end."""
        return programs.run(self._client, self._waits, self._clock, container, words, stdin)

    def run_inside(
        self,
        container: str,
        words: Sequence[str],
        *,
        told: Mapping[str, str],
        hidden: Sequence[str] = (),
        most_ms: int,
    ) -> Ended:
        """Run a program as the container's own user."""
        asked = (self._client, self._waits, self._clock)
        return bounded.run(asked, container, words, told=told, hidden=hidden, most_ms=most_ms)

    def runs_inside(self, container: str, words: Sequence[str]) -> bool:
        """Whether it is among the programs that the engine still runs there."""
        return bounded.runs(self._client, self._waits, container, words)

    def changes(self, container: str) -> tuple[Change, ...]:
        """The paths in its own layer."""
        there = self.inspect(container)
        if there is None:
            raise NotFoundError(f"there is no container {container[:12]}", hint="occ status")
        told = self._client.get(f"/containers/{there.id}/changes", wait=self._waits.change)
        return read.changes(shape.listed(told), there.mounts)

    def _put(self, container: str, folder: str, data: bytes | Iterator[bytes]) -> None:
        """Unpack an archive in a folder of a container."""
        self._change(
            "PUT",
            f"/containers/{container}/archive",
            params={"path": folder},
            data=data,
            headers={"Content-Type": "application/x-tar"},
        )

    def _archived(self, container: str, path: str, stat: Mapping[str, Any]) -> File | None:
        if shape.number(stat.get("mode")) & _FOLDER:
            return File(path=path, folder=True)
        if shape.number(stat.get("size")) > archive.MOST_BYTES:
            raise EngineRefusedError(f"{path} is larger than 1 MiB", hint="occ history")
        answer = self._change(
            "GET", f"/containers/{container}/archive", fine=(ABSENT,), params={"path": path}
        )
        return archive.unpack(answer.content, path) if answer.ok else None

    def _stat(self, container: str, path: str) -> Mapping[str, Any] | None:
        """The archive call's facts about a path, base64 of JSON in a header; None without it."""
        answer = self._client.ask(
            "HEAD",
            f"/containers/{quote(container, safe='')}/archive",
            wait=self._waits.inspect,
            fine=(ABSENT,),
            params={"path": path},
        )
        if answer.status_code == ABSENT:
            return None
        told = answer.headers.get("X-Docker-Container-Path-Stat", "")
        try:
            return shape.table(json_value(base64.b64decode(told))) if told else {}
        except ValueError:
            return {}


def _leads(stat: Mapping[str, Any] | None) -> str:
    """Where a link leads in the end, as the engine works it out; empty for all else."""
    link = stat is not None and shape.number(stat.get("mode")) & _LINK
    return shape.text(stat.get("linkTarget")) if stat and link else ""
