"""Whether a port of this machine is still to be had."""

import errno
import socket
from collections.abc import Callable

from occ.domain.spec import Port

_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_MOST = 65_535


def refusal(port: Port) -> str:
    """Why this machine would not give the port to somebody new; empty when it would, or may.

    It is bound for a moment. A port that only root may bind counts as free.
    """
    kind = _KINDS.get(port.protocol)
    if kind is None:
        return ""
    address = "" if port.address == "*" else port.address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, kind) as bound:
            if kind is socket.SOCK_STREAM:  # else a connection that has just ended counts
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((address, port.host))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "it is in use"
        if error.errno == errno.EADDRNOTAVAIL:
            return f"{port.address} is no address of this machine"
    return ""


def next_free(wanted: int, taken: Callable[[int], bool]) -> int:
    """The port wanted, or the first above it that is not taken."""
    return next((n for n in range(wanted, _MOST + 1) if not taken(n)), wanted)
