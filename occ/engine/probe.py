"""One question to a service over HTTP: never cached, never redirected, bounded in time and size."""

import http.client
import time

_MOST_BYTES = 65_536


def get(host: str, port: int, path: str, timeout_ms: int) -> tuple[int, bytes] | None:
    """The status and the body's beginning; None when nothing answers like HTTP in time."""
    until = time.monotonic() + timeout_ms / 1000
    connection = http.client.HTTPConnection(host, port, timeout=timeout_ms / 1000)
    try:
        connection.request("GET", path, headers={"Cache-Control": "no-cache", "Host": "localhost"})
        if connection.sock is not None:
            connection.sock.settimeout(max(0.01, until - time.monotonic()))
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
