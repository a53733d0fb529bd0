"""Files in and out of containers, by the archive call: running or not, from memory to memory."""

import io
import stat
import tarfile
from collections.abc import Iterable, Iterator

from occ.engine.values import File
from occ.errors import EngineRefusedError

MOST_BYTES = 1 << 20
_END = b"\0" * 1024


def unpack(data: bytes, path: str) -> File | None:
    """The one file of an archive.

    Only an archive with its two zero blocks is whole: a stream that was cut ends without them.
    None when it is not whole or has nothing of use, such as a link.
    """
    if not data.rstrip(b"\0") or not data.endswith(_END):
        return None
    try:
        return _first(data, path)
    except (tarfile.TarError, ValueError, OverflowError, EOFError):
        return None


def _first(data: bytes, path: str) -> File | None:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        member = tar.next()
        if member is None or member.issym():
            return None
        content = tar.extractfile(member) if member.isfile() else None
        return File(
            path=path,
            data=content.read(MOST_BYTES) if content else b"",
            mode=stat.S_IMODE(member.mode),  # the engine's archives tell the kind of file too
            uid=member.uid,
            gid=member.gid,
            folder=member.isdir(),
        )


def whole(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an archive, as they come, and a refusal when its end did not come.

    A file that shrinks while it is read ends the engine's stream cleanly, but without the two
    blocks of zeros that end an archive.

    Raises:
        EngineRefusedError: the end is missing.
    """
    tail = b""
    for piece in pieces:
        tail = (tail + piece)[-len(_END) :]
        yield piece
    if tail != _END:
        raise EngineRefusedError("the engine ended an archive early", hint="docker events")


def pack(files: Iterable[File]) -> bytes:
    """An archive to be unpacked at the root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for file in files:
            member = tarfile.TarInfo(file.path.lstrip("/"))
            member.mode, member.uid, member.gid = file.mode, file.uid, file.gid
            member.type = tarfile.DIRTYPE if file.folder else tarfile.REGTYPE
            member.size = len(file.data)
            tar.addfile(member, io.BytesIO(file.data))
    return buffer.getvalue()
