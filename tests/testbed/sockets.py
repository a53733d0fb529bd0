"""Asking a Unix socket, without a client that wants to know more first; breaking a connection."""

import socket
import struct
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


def reset(connection: socket.socket) -> None:
    """End a connection so that the other side sees it broken."""
    try:
        # With no time to linger, closing sends a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was quicker
        return
