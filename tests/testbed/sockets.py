"""Asking a Unix socket, without a client that wants to know more first."""

import socket
from pathlib import Path


def connects(path: Path) -> bool:
    """Whether anyone listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def answers(path: Path) -> bool:
    """Whether an engine answers on a Unix socket, within two seconds."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
            probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in probe.recv(64)
        except OSError:
            return False
