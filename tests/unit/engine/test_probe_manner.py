"""How a probe asks: over TLS by whom it trusts, with its headers, and never anybody else."""

import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from occ.engine.docker.asker import ask
from occ.engine.probe import get
from occ.engine.values import NoAnswer, Question, Ran

ASKED = Question(port=1, path="/health", timeout_ms=2_000)
NAME = "web.example.test"


class Server(ThreadingHTTPServer):
    """Notes what it is asked; `moved` answers with a redirect to itself."""

    daemon_threads = True
    moved = False
    heard: list[dict[str, str]]


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.heard.append({"path": self.path, **self.headers})
        self.send_response(302 if self.server.moved else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    """A server, with a certificate one that speaks TLS."""
    server = Server(("127.0.0.1", 0), _Handler)
    server.heard = []
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # who distrusts hangs up
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, with its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    named = ("-subj", "/CN=web", "-addext", f"subjectAltName=DNS:{NAME}", "-nodes")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    subprocess.run((*made, *named, *files), check=True, capture_output=True)
    return folder / "cert.pem"


def test_the_headers_and_the_name_are_sent() -> None:
    with serving() as server:
        asked = replace(ASKED, host="web.example.test:80", headers={"X-Key": "schlüssel"})
        assert get("127.0.0.1", server.server_port, asked) == (200, b"{}")
    (heard,) = server.heard
    assert heard["Host"] == "web.example.test:80"
    assert heard["X-Key"].encode("latin-1").decode() == "schlüssel"


def test_a_redirect_is_told_and_its_place_is_sent_nothing() -> None:
    with serving() as server:
        server.moved = True
        private = replace(ASKED, private=True, headers={"Authorization": "Basic x"})
        assert get("127.0.0.1", server.server_port, private) == (302, b"{}")
    assert [each["path"] for each in server.heard] == ["/health"]


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "\ud800"])
def test_a_header_that_cannot_be_sent_leaves_no_exception_that_holds_it(value: str) -> None:
    with serving() as server:
        asked = replace(ASKED, headers={"X-Key": value})
        assert get("127.0.0.1", server.server_port, asked) == NoAnswer()
    assert server.heard == []


def test_a_certificate_of_its_own_is_trusted_by_its_name_alone(certificate: Path) -> None:
    asked = replace(ASKED, scheme="https", host=f"{NAME}:8443", ca_file=str(certificate))
    with serving(certificate) as server:
        at = server.server_port
        assert get("127.0.0.1", at, asked) == (200, b"{}")
        assert get("127.0.0.1", at, replace(asked, ca_file="", insecure=True)) == (200, b"{}")
        heard = len(server.heard)
        for wrong, why in (
            (replace(asked, host="other.example.test"), "Hostname mismatch"),
            (replace(asked, ca_file=""), "self-signed certificate"),
        ):
            told = get("127.0.0.1", at, wrong)
            assert isinstance(told, NoAnswer)
            assert told.why.startswith(f"its certificate is not trusted ({why}")
        assert len(server.heard) == heard
    gone = get("127.0.0.1", at, replace(asked, ca_file="/nowhere/ca.pem"))
    assert gone == NoAnswer(refused=True)  # nobody listens any more


def test_one_that_does_not_speak_tls_and_a_file_that_is_none_are_told(tmp_path: Path) -> None:
    asked = replace(ASKED, scheme="https")
    with serving() as server, suppress(ConnectionError):
        told = get("127.0.0.1", server.server_port, asked)
        assert told == NoAnswer(why="it does not speak TLS: health.scheme")
        (tmp_path / "ca.pem").write_text("no certificate")
        for file in (tmp_path / "ca.pem", tmp_path / "nowhere.pem"):
            told = get("127.0.0.1", server.server_port, replace(asked, ca_file=str(file)))
            assert told == NoAnswer(why=f"health.ca_file cannot be used: {file}")


@pytest.mark.parametrize(
    ("program", "sign"), [("/usr/bin/curl", "-H"), ("/usr/bin/wget", "--header")]
)
def test_a_program_inside_is_given_the_headers_before_the_address(program: str, sign: str) -> None:
    given: list[str] = []

    def run(words: Sequence[str]) -> Ran:
        given.extend(words)
        return Ran(status=28)

    asked = replace(ASKED, port=80, host="web", headers={"Accept": "a b"})
    assert ask(run, (program, "-m", "{s}", "{url}"), asked) == NoAnswer(late=True)
    url = "http://127.0.0.1:80/health"
    assert given == [program, "-m", "2", sign, "Host: web", sign, "Accept: a b", url]
