"""Files within the containers of the memory engine: its own layer, volumes, folders of the host."""

import io
import posixpath
import stat
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from occ.engine.docker.archive import MOST_BYTES
from occ.engine.docker.wire.errors import refusal
from occ.engine.values import Change, File
from occ.errors import EngineRefusedError
from tests.doubles.engine.container import MemoryContainer, MemoryMount
from tests.doubles.engine.host import MemoryHost

_MOST_LINKS = 255
_USUAL = frozenset({"/", "/etc", "/home", "/tmp", "/var"})


def read(host: MemoryHost, container: MemoryContainer, path: str) -> File | None:
    """A file or folder, as the port has it."""
    found = _read(host, container, real_path(host, container, path))
    return None if found is None or stat.S_ISLNK(found.mode) else replace(found, path=path)


def link(path: str, target: str) -> File:
    """A symbolic link among the files of an image."""
    return File(path=path, data=target.encode(), mode=stat.S_IFLNK | 0o777)


def real_path(host: MemoryHost, container: MemoryContainer, path: str) -> str:
    """Where the links at a path lead in the end, there or not."""
    for _ in range(_MOST_LINKS):
        found = _read(host, container, path)
        if found is None or not stat.S_ISLNK(found.mode):
            return path
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), found.data.decode()))
    raise refusal(500, f"too many links in {path}")


def _read(host: MemoryHost, container: MemoryContainer, path: str) -> File | None:
    mounted = container.mounted(path)
    if mounted is None:
        own = {f.path: f for f in container.layer()}
        found = own.get(path)
        inside = path in _USUAL or any(name.startswith(f"{path}/") for name in own)
    else:
        mount, below = mounted
        content = contents(host, mount)
        found = content.get(below)
        inside = not below or any(name.startswith(f"{below}/") for name in content)
    if found is None:
        return File(path=path, mode=0o755, folder=True) if inside else None
    if found.folder:
        return File(path=path, folder=True)
    if len(found.data) > MOST_BYTES:
        raise EngineRefusedError(f"{path} is larger than 1 MiB", hint="occ show")
    return replace(found, path=path)


def write(host: MemoryHost, container: MemoryContainer, file: File) -> None:
    """Put a file where its path leads; a folder that is there is left as it is."""
    if file.folder and read(host, container, file.path) is not None:
        return
    mounted = container.mounted(file.path)
    if mounted is None:
        container.files[file.path] = file
        return
    mount, below = mounted
    if mount.read_only:
        raise refusal(500, f"mounted volume is marked read-only: {file.path}")
    contents(host, mount)[below] = replace(file, path=below)


def copy(host: MemoryHost, source: MemoryContainer, target: MemoryContainer, path: str) -> None:
    """Copy what is below a folder into the same place of another container."""
    mounted = source.mounted(path)
    if mounted is None:
        start, named = f"{path}/", {f.path: f for f in source.layer()}
    else:
        start = f"{mounted[1]}/" if mounted[1] else ""
        named = contents(host, mounted[0])
    for name, file in list(named.items()):
        if name.startswith(start):
            write(host, target, replace(file, path=f"{path}/{name.removeprefix(start)}"))


def archived(host: MemoryHost, container: MemoryContainer, path: str) -> bytes:
    """What is below a folder as the archive call has it: the folder itself first."""
    base, found = posixpath.basename(path), _below(host, container, path)
    folders = {parent for name in found for parent in _above(name)} | {""}
    folders |= {name for name, file in found.items() if file.folder}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(folders | found.keys()):
            file = found.get(name, File(path=name, mode=0o755))
            member = tarfile.TarInfo(f"{base}/{name}".rstrip("/"))
            member.mode, member.uid, member.gid = stat.S_IMODE(file.mode), file.uid, file.gid
            if name in folders:
                member.type = tarfile.DIRTYPE
            elif stat.S_ISLNK(file.mode):
                member.type, member.linkname = tarfile.SYMTYPE, file.data.decode()
            else:
                member.size = len(file.data)
            tar.addfile(member, io.BytesIO(file.data))
    return buffer.getvalue()


def _below(host: MemoryHost, container: MemoryContainer, path: str) -> dict[str, File]:
    """The files of a folder by their path below it; its own entry, if it has one, under ""."""
    mounted = container.mounted(path)
    if mounted is not None and not mounted[1]:
        return contents(host, mounted[0])
    start = f"{path}/"
    own = {} if mounted else {f.path: f for f in container.layer()}
    found = {name.removeprefix(start): f for name, f in own.items() if name.startswith(start)}
    if path in own and own[path].folder:
        found[""] = own[path]
    if not found:
        raise refusal(404, f"Could not find the file {path} in container {container.id}")
    return found


def extract(host: MemoryHost, container: MemoryContainer, at: str, data: bytes) -> None:
    """Put the members of an archive in a folder, as far as they are whole.

    There are plain files, folders and links here, and no times.
    """
    with suppress(tarfile.ReadError), tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            mode, inside = member.mode, content.read() if content else b""
            if member.issym():
                mode, inside = stat.S_IFLNK | 0o777, member.linkname.encode()
            path = posixpath.join(at, member.name)
            if not (member.isdir() and read(host, container, path) is not None):
                owned = File(path=path, uid=member.uid, gid=member.gid, folder=member.isdir())
                write(host, container, replace(owned, data=inside, mode=mode))


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def changes(container: MemoryContainer) -> tuple[Change, ...]:
    """What was put into its own layer, without folders in which something else was."""
    brought = {file.path for file in container.image.files}
    return tuple(
        Change(path=path, kind="changed" if path in brought else "added")
        for path, file in sorted(container.files.items())
        if not (file.folder and any(other.startswith(f"{path}/") for other in container.files))
    )


def listing(host: MemoryHost, container: MemoryContainer, folder: str) -> Mapping[str, bytes]:
    """The files right under a folder: name -> content."""
    mounted = container.mounted(folder)
    if mounted is None:
        start = folder.rstrip("/") + "/"
        named = {f.path: f for f in container.layer()}
    else:
        start = f"{mounted[1]}/" if mounted[1] else ""
        named = contents(host, mounted[0])
    return {
        path.removeprefix(start): file.data
        for path, file in named.items()
        if path.startswith(start) and "/" not in path.removeprefix(start) and not file.folder
    }


def contents(host: MemoryHost, mount: MemoryMount) -> dict[str, File]:
    """The files of a volume or of a folder of the host, by their path below it."""
    if mount.volume:
        return host.volumes[mount.source].files
    return host.folders.setdefault(mount.source, {})
