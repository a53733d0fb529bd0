"""A large archive of an engine on this machine: in small pieces, and not compressed."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

from occ.engine.docker.engine import DockerEngine
from tests.unit.engine.odd import Handler

CHUNK = b"x" * (2 << 20)
TIMES = 5
MOST = 1 << 19


class Sender(ThreadingMixIn, UnixStreamServer):
    """An engine that sends an archive in large chunks, compressed for whoever takes that."""

    daemon_threads = True
    compressed = False


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    server: Sender

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """The version, or an archive."""
        if "/archive" not in self.path:
            self.answer(200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24"})
            return
        self.server.compressed = "gzip" in (self.headers.get("Accept-Encoding") or "")
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        if self.server.compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        for _ in range(TIMES):
            chunk = gzip.compress(CHUNK) if self.server.compressed else CHUNK
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")


@contextmanager
def sending(folder: Path) -> Iterator[tuple[DockerEngine, Sender]]:
    """While it is entered, that engine serves on a socket of its own."""
    with Sender(str(folder / "socket"), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield DockerEngine(f"unix://{folder}/socket"), server
        finally:
            server.shutdown()
            thread.join()


def test_a_large_chunk_comes_in_small_pieces_and_whole(tmp_path: Path) -> None:
    sizes: list[int] = []
    with sending(tmp_path) as (engine, server):
        engine.read_folder("web", "/data", lambda piece: sizes.append(len(piece)))
        assert not server.compressed
    assert sum(sizes) == TIMES * len(CHUNK)
    assert max(sizes) <= MOST
