"""A stream whose engine sends two megabytes at once: no more than a little of it is held."""

from http.server import ThreadingHTTPServer

from tests.unit.engine.odd import Handler, served

CHUNK = b"x" * (2 << 20)
TIMES = 5
MOST = 1 << 19


class Sender(ThreadingHTTPServer):
    """An engine that sends an archive in large chunks."""

    daemon_threads = True


class _Handler(Handler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """The version, or an archive."""
        if "/archive" not in self.path:
            self.answer(200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24"})
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(TIMES):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK))
        self.wfile.write(b"0\r\n\r\n")


def test_a_large_chunk_comes_in_small_pieces_and_whole() -> None:
    sizes: list[int] = []
    with served(Sender(("127.0.0.1", 0), _Handler)) as engine:
        engine.read_folder("web", "/data", lambda piece: sizes.append(len(piece)))
    assert sum(sizes) == TIMES * len(CHUNK)
    assert max(sizes) <= MOST
