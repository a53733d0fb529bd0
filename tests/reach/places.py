"""The places that answer: listeners of the host, and those outside of it."""

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.testbed.machine import run
from tests.testbed.waiting import until

LAN, OUTSIDE = "198.51.100.1", "198.51.100.2"
PORT = 7_000
ONE_PORT, LAN_PORT, LOOPBACK_PORT = 7_001, 7_002, 7_003
NAME = "only.occ.test"
_ANSWERED = b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4\x0a\x09\x08\x07"  # an address, 5 s
_QUESTION = 12


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def listen(address: str, port: int) -> None:
    """Answer every GET there, until this process ends."""
    server = http.server.ThreadingHTTPServer((address, port), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def tell_names() -> None:
    """Answer every question for a name, on all addresses, until this process ends."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 53))

    def serve() -> None:
        while True:
            asked, who = server.recvfrom(512)
            question = asked[_QUESTION : asked.index(b"\0", _QUESTION) + 5]
            head = asked[:2] + b"\x81\x80" + b"\0\1\0\1\0\0\0\0"
            server.sendto(head + question + _ANSWERED, who)

    threading.Thread(target=serve, daemon=True).start()


@contextmanager
def outside() -> Iterator[None]:
    """A machine behind this one, which answers on a port and to questions for names."""
    command = ["unshare", "--net", sys.executable, "-m", "tests.reach.places"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as there:
        assert there.stdin is not None
        assert there.stdout is not None
        try:
            own = Path("/proc/self/ns/net").stat().st_ino
            theirs = Path(f"/proc/{there.pid}/ns/net")
            until(lambda: theirs.stat().st_ino != own, seconds=10, what="a network outside")
            run(
                ["ip", "link", "add", "lan", "type", "veth", "peer", "out", "netns", str(there.pid)]
            )
            _up("lan", LAN)
            there.stdin.write(b"there is a link\n")
            there.stdin.flush()
            there.stdout.readline()
            yield
        finally:
            there.kill()


@contextmanager
def names_from_outside() -> Iterator[None]:
    """Have the host ask outside for names, as its engine sees it."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "resolv.conf")
        file.write_text(f"nameserver {OUTSIDE}\n")
        run(["mount", "--bind", str(file), os.path.realpath("/etc/resolv.conf")])
        try:
            yield
        finally:
            run(["umount", os.path.realpath("/etc/resolv.conf")])


def _up(link: str, address: str) -> None:
    run(["ip", "address", "add", f"{address}/24", "dev", link])
    run(["ip", "link", "set", link, "up"])


def _be_outside() -> None:
    sys.stdin.readline()
    run(["ip", "link", "set", "lo", "up"])
    _up("out", OUTSIDE)
    run(["ip", "route", "add", "default", "via", LAN])
    listen("0.0.0.0", PORT)
    tell_names()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _be_outside()
