"""Whose socket it is that listens on a port of the host's network."""

import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from occ.engine.docker import listeners
from occ.engine.docker.listeners import own_address
from occ.engine.values import NoAnswer, Question
from occ.errors import NoProbeError
from tests.unit.engine.odd import THERE, Handler, served

ID = "c0ffee" * 10 + "abcd"
STRANGER = NoAnswer(why="port 3000 of the host's network is held by another program")


def coded(address: str) -> str:
    """An address as /proc/net has it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    return "".join(f"{word:08X}" for word in struct.unpack(f"={len(packed) // 4}I", packed))


def host(
    proc: Path, *listening: tuple[str, int, int], mine: tuple[int, ...] = (), state: str = "0A"
) -> Path:
    """A host with two processes, the second of the container, and sockets: address, port, inode."""
    for number, group in (("1", "0::/init.scope"), ("77", f"0::/docker/{ID}/deeper")):
        process = proc / number
        (process / "fd").mkdir(parents=True)
        (process / "cgroup").write_text(f"{group}\n")
        (process / "net").mkdir()
        for table, wide in (("tcp", False), ("tcp6", True)):
            rows = [
                f"   0: {coded(address)}:{port:04X} 0:0 {state} 0:0 00:0 0 0 0 {inode} 1 0"
                for address, port, inode in listening
                if (":" in address) == wide
            ]
            (process / "net" / table).write_text("\n".join(["  sl  local_address", *rows]) + "\n")
    for place, inode in enumerate(mine):
        (proc / "77" / "fd" / str(place)).symlink_to(f"socket:[{inode}]")
    (proc / "77" / "fd" / "log").symlink_to("/dev/null")
    return proc


@pytest.mark.parametrize(
    ("listening", "mine", "told"),
    [
        ([("0.0.0.0", 3000, 5)], (5,), "127.0.0.1"),
        ([("::", 3000, 5)], (5,), "::1"),
        ([("::ffff:127.0.0.1", 3000, 5)], (5,), "127.0.0.1"),
        ([("192.0.2.7", 3000, 5), ("127.0.0.1", 3000, 6)], (5,), "192.0.2.7"),
        ([("127.0.0.1", 3000, 5), ("0.0.0.0", 3000, 6)], (5, 6), "127.0.0.1"),
        ([("127.0.0.1", 3000, 5)], (), STRANGER),
        ([("127.0.0.1", 3000, 5), ("0.0.0.0", 3001, 6)], (6,), STRANGER),
        # one port for both: nobody knows who would answer
        ([("0.0.0.0", 3000, 5), ("0.0.0.0", 3000, 6)], (5,), STRANGER),
        ([("127.0.0.1", 3000, 5), ("0.0.0.0", 3000, 6)], (5,), STRANGER),
        ([("0.0.0.0", 3001, 5)], (5,), NoAnswer()),
        ([], (), NoAnswer()),
    ],
)
def test_only_a_socket_of_the_container_s_own_is_asked(
    tmp_path: Path,
    listening: list[tuple[str, int, int]],
    mine: tuple[int, ...],
    told: str | NoAnswer,
) -> None:
    assert own_address(ID, 3000, host(tmp_path, *listening, mine=mine)) == told


def test_a_connection_on_that_port_is_no_listener(tmp_path: Path) -> None:
    there = host(tmp_path, ("127.0.0.1", 3000, 5), mine=(5,), state="01")
    assert own_address(ID, 3000, there) == NoAnswer()


def test_where_the_processes_are_not_seen_nobody_is_asked(tmp_path: Path) -> None:
    there = host(tmp_path, ("127.0.0.1", 3000, 5), mine=(5,))
    told = own_address("d" * 64, 3000, there)
    assert told == NoAnswer(why="the container's processes cannot be seen from here")


class _Handler(Handler, BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        versions = {"ApiVersion": "1.41", "MinAPIVersion": "1.12"}
        there = {**THERE, "HostConfig": {"NetworkMode": "host"}}
        self.answer(200, versions if self.path.endswith("/version") else there)


@pytest.mark.parametrize("root", [True, False])
def test_who_cannot_see_whose_a_socket_is_asks_nobody_on_the_host_s_network(
    monkeypatch: pytest.MonkeyPatch, *, root: bool
) -> None:
    monkeypatch.setattr(listeners, "visible", lambda: root)
    asked = Question(port=3000, path="/health", timeout_ms=500)
    with served(ThreadingHTTPServer(("127.0.0.1", 0), _Handler)) as engine:
        if root:
            assert engine.route("web", 3000) == "address"
            unseen = NoAnswer(why="the container's processes cannot be seen from here")
            assert engine.probe("web", asked) == unseen
            return
        assert engine.route("web", 3000) is None
        with pytest.raises(NoProbeError, match="where another program may answer"):
            engine.probe("web", asked)
