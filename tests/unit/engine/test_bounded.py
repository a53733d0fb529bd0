"""Programs inside containers for a limited time, against an engine that answers by hand."""

import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from occ.domain.programs import Ended
from occ.engine.docker.engine import DockerEngine
from occ.errors import EngineUnreachableError

WORDS = ("/app/idle", "--now")


@dataclass
class Life:
    """What the program does: writes, goes on for so long, and ends."""

    says: bytes = b""
    seconds: float = 0
    status: int = 0
    refused: str = ""
    lost: bool = False
    """The line breaks, and the engine answers no more."""
    asked: list[Any] = field(default_factory=list)
    began: float = 0

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return bool(self.began) and time.monotonic() < self.began + self.seconds


def handler(life: Life) -> type[BaseHTTPRequestHandler]:
    class Engine(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if life.lost and life.began:
                self.connection.close()
                return
            process = {"entrypoint": WORDS[0], "arguments": [*WORDS[1:]], "user": ""}
            exec_ = {"Running": life.running, "ExitCode": life.status, "ProcessConfig": process}
            exec_ |= {"ExitCode": None} if life.running else {}
            found = {"/exec/e1/json": exec_, "/containers/web/json": {"ExecIDs": ["e1"]}}
            end = next((one for one in found if self.path.endswith(one)), "")
            self.tell(200, found.get(end, {"ApiVersion": "1.44", "MinAPIVersion": "1.24"}))

        def do_POST(self) -> None:
            life.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if self.path.endswith("/containers/web/exec"):
                self.tell(201, {"Id": "e1"})
                return
            if life.refused:
                self.tell(400, {"message": life.refused})
                return
            life.began = time.monotonic()
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.docker.raw-stream")
            self.end_headers()
            if life.says:
                self.wfile.write(struct.pack(">BxxxL", 1, len(life.says)) + life.says)
                self.wfile.flush()
            time.sleep(life.seconds)
            self.close_connection = True

        def tell(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Engine


@contextmanager
def engine(life: Life) -> Iterator[DockerEngine]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(life))
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield DockerEngine(f"tcp://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def ran(life: Life, most_ms: int = 5_000, hidden: tuple[str, ...] = ()) -> Ended:
    with engine(life) as there:
        told = {"OCC_HOOK": "defer"}
        return there.run_inside("web", WORDS, told=told, hidden=hidden, most_ms=most_ms)


def test_it_is_run_as_the_containers_user_with_its_variables_and_no_input() -> None:
    life = Life(says=b"busy\n", status=75)
    ended = ran(life)
    assert (ended.how, ended.status, ended.tail) == ("ended", 75, ("busy",))
    assert life.asked[0] == {
        "Cmd": [*WORDS],
        "Env": ["OCC_HOOK=defer"],
        "AttachStdout": True,
        "AttachStderr": True,
    }


def test_what_is_hidden_is_not_in_its_output() -> None:
    assert ran(Life(says=b"KEY hunter22 is wrong"), hidden=("hunter22",)).tail == (
        "KEY *** is wrong",
    )


def test_a_status_above_128_is_a_signal() -> None:
    ended = ran(Life(status=137))
    assert (ended.how, ended.status) == ("killed", 9)


@pytest.mark.parametrize("says", [b"", b"working\n"])
def test_one_that_takes_too_long_is_left_after_its_time(says: bytes) -> None:
    began = time.monotonic()
    ended = ran(Life(says=says, seconds=8), most_ms=300)
    assert ended.how == "timed out"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("life", [Life(refused="exec: /app/idle: not found"), Life(status=127)])
def test_a_program_that_is_not_there_was_not_started(life: Life) -> None:
    assert ran(life).how == "not started"


def test_an_engine_that_goes_away_leaves_it_in_doubt() -> None:
    with pytest.raises(EngineUnreachableError):
        ran(Life(lost=True))


def test_one_that_still_runs_is_known_by_its_words() -> None:
    life = Life(seconds=60, began=time.monotonic())
    with engine(life) as there:
        assert there.runs_inside("web", WORDS)
        assert not there.runs_inside("web", (*WORDS, "--later"))
        life.seconds = 0
        assert not there.runs_inside("web", WORDS)
