"""From a tar that goes by to a file of ours, and from that file back to the tar."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from occ.archives.tar import BrokenTarError, Tar, Visitor

_LEVEL: Final = 3
_THREADS: Final = 1
_JOB: Final = 1 << 20
"""The bytes of one job; as many as zstd takes by itself cost 45 MB more memory."""
_WINDOW: Final = 1 << 25
"""The memory that a file may ask for to be read; ours ask for less."""
_PIECE: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file of a snapshot, measured."""

    bytes: int
    raw_bytes: int
    """The size of the tar in it."""
    sha256: str
    """The digest of the file, in hexadecimal digits."""


class Packing:
    """A tar on its way into a file: followed, compressed, hashed, and nothing else."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._tar = Tar()
        import zstandard  # noqa: PLC0415 - most commands pack nothing

        # Beside this thread, in small jobs: it is to take the next piece meanwhile.
        settings = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, threads=_THREADS, job_size=_JOB, overlap_log=1, write_checksum=True
        )
        packer = zstandard.ZstdCompressor(compression_params=settings)
        self._zstd = packer.compressobj()
        self._digest = hashlib.sha256()
        self._bytes = 0

    def take(self, piece: bytes) -> None:
        """Take the next bytes of the tar.

        Raises:
            BrokenTarError: they cannot be the next ones.
            OSError: the file cannot be written.
        """
        if piece:
            self._tar.feed(piece)
            self._write(self._zstd.compress(piece))

    def finish(self) -> Packed:
        """See that the tar is whole, and write the rest.

        Raises:
            BrokenTarError: its two blocks of zeros have not been read.
            OSError: the file cannot be written.
        """
        self._tar.finish()
        self._write(self._zstd.flush())
        return Packed(bytes=self._bytes, raw_bytes=self._tar.bytes, sha256=self._digest.hexdigest())

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)


def unpacked(
    file: BinaryIO, visitor: Visitor | None = None, *, tick: Callable[[], None] = lambda: None
) -> Packed:
    """The measures of a file, whose tar is shown to a visitor on the way.

    `tick` is called at every piece; an exception out of it goes through.

    Raises:
        BrokenTarError: the file is damaged, or ends early.
        OSError: it cannot be read.
    """
    hashed, tar = Hashed(file), Tar(visitor)
    for piece in pieces(cast("BinaryIO", hashed)):
        tick()
        tar.feed(piece)
    tar.finish()
    while hashed.read(_PIECE):
        tick()
    return Packed(bytes=hashed.bytes, raw_bytes=tar.bytes, sha256=hashed.digest())


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The tar in a file, as it comes.

    Raises:
        BrokenTarError: the file is damaged.
        OSError: it cannot be read.
    """
    import zstandard  # noqa: PLC0415 - as above

    zstd = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    try:
        with zstd.stream_reader(file, read_size=_PIECE, closefd=False) as reader:
            while piece := reader.read(_PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise BrokenTarError(f"it is not as zstd writes it ({error})") from None


def digest(file: BinaryIO, *, tick: Callable[[], None] = lambda: None) -> str:
    """The digest of a file, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    hashed = Hashed(file)
    while hashed.read(_PIECE):
        tick()
    return hashed.digest()


class Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.bytes = 0

    def read(self, count: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(count)
        self._digest.update(data)
        self.bytes += len(data)
        return data

    def digest(self) -> str:
        """The digest of all that was read, in hexadecimal digits."""
        return self._digest.hexdigest()
