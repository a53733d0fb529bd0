"""The wire to the engine: the SDK's transport and credentials, and one way to ask.

Requests are written out in full, because the SDK's own methods give most calls one time-out for
everything, hide errors within streams, or add fields of their own.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import requests
import urllib3.exceptions
from docker import APIClient
from docker.errors import DockerException

from occ.domain.total import json_value, whole_number
from occ.engine.docker.wire import shape
from occ.engine.docker.wire.address import Address
from occ.engine.docker.wire.errors import refusal
from occ.engine.docker.wire.silence import stranger, unreachable
from occ.errors import EngineUnreachableError, EngineVersionError

# The newest API whose answers are known to be read rightly here, and the oldest with all we ask.
NEWEST: Final = "1.51"
OLDEST: Final = "1.40"

_FAILURE = 400
_MOST_VERSION: Final = 9_999
_PIECE: Final = 1 << 17
"""The most that comes at once; the engine sends pieces of up to 2 MB."""
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How many seconds a silent engine is waited for, by what was asked.

    The first request of all, whatever it is for, asks who is there, and waits `info`.

    A call that changes something has none shorter than what it asks for: stop waits its grace
    and `stop` more, a pull as long as bytes come at least every `stall`. `command` is for the
    docker command, asked what it is.
    """

    info: float = 2
    inspect: float = 10
    change: float = 120
    stop: float = 60
    stall: float = 60
    registry: float = 20
    removal: float = 60
    command: float = 20


class Client(APIClient):
    """One engine's connection pool. The API version is agreed on at the first request."""

    def __init__(self, address: Address, waits: Waits) -> None:
        """Make ready; nothing is sent."""
        self._address = address
        self._first_wait = waits.info
        self._agreed = ""
        with reached(address):
            try:
                super().__init__(base_url=address.text, version=OLDEST, tls=address.tls or False)
            except (AttributeError, TypeError) as error:  # the SDK reads Docker's config.json here
                raise EngineUnreachableError(
                    "the config.json of the docker command is not as docker writes it",
                    hint="docker info",
                ) from error

    def ask(
        self,
        method: str,
        path: str,
        *,
        wait: float | None,
        fine: tuple[int, ...] = (),
        stream: bool = False,
        **more: Any,  # noqa: ANN401 - what requests takes: params, json, data, headers
    ) -> requests.Response:
        """Send one request; `wait` is how long the engine may be silent, None for ever.

        Raises:
            EngineUnreachableError: it was silent, or could not be reached.
            OccError: it answered 400 or more, and that is not in `fine`.
        """
        prefix = f"/v{self._agree()}" if path != "/version" else ""
        patience = (min(wait or _CONNECT_SECONDS, _CONNECT_SECONDS), wait)
        with reached(self._address):
            answer = self.request(
                method,
                f"{self.base_url}{prefix}{path}",
                timeout=patience,
                stream=stream,
                allow_redirects=False,
                **more,
            )
            if answer.status_code >= _FAILURE and answer.status_code not in fine:
                raise refusal(answer.status_code, message(answer))
        return answer

    def get(self, path: str, *, wait: float, **params: object) -> Any:  # type: ignore[override]  # noqa: ANN401 - JSON of any shape
        """The JSON at a path, None where nothing is (404)."""
        answer = self.ask("GET", path, wait=wait, fine=(404,), params=params)
        return self.json(answer) if answer.status_code < _FAILURE else None

    def json(self, answer: requests.Response) -> Any:  # noqa: ANN401 - JSON of any shape
        """The JSON of an answer.

        Raises:
            EngineUnreachableError: the answer is no JSON: another server than an engine is there.
        """
        with reached(self._address):
            body = answer.content
        try:
            return json_value(body)
        except ValueError as error:
            raise stranger(self._address, str(error)) from None

    def pieces(self, answer: requests.Response) -> Iterator[bytes]:
        """The body of a streamed answer as it comes."""
        with reached(self._address):
            try:
                yield from answer.iter_content(_PIECE)
            finally:
                answer.close()

    def trickle(self, answer: requests.Response) -> Iterator[bytes]:
        """The body of a streamed answer, each piece at once; without a length, `pieces` waits."""
        body: Any = answer.raw._fp  # noqa: SLF001 - as the SDK does
        with reached(self._address):
            try:
                while piece := body.read1(1 << 16):
                    yield piece
            finally:
                answer.close()

    def line(self, answer: requests.Response) -> socket.socket:
        """The connection on which a streamed answer comes."""
        raw = self._get_raw_response_socket(answer)  # type: ignore[attr-defined]
        found: socket.socket = getattr(raw, "_sock", raw)
        return found

    def conversation(self, answer: requests.Response, said: bytes) -> Iterator[bytes]:
        """The answer on an upgraded connection after something was said to it."""
        with reached(self._address):
            line = self.line(answer)
            try:
                line.sendall(said)
                while piece := line.recv(1 << 16):
                    yield piece
            finally:
                answer.close()

    @property
    def agreed(self) -> str:
        """The API version agreed on; empty before the first request."""
        return self._agreed

    def speaks(self, version: str) -> bool:
        """Whether the API agreed on is this version or a later one; the engine may be asked."""
        return _number(self._agree()) >= _number(version)

    def _agree(self) -> str:
        """Ask the engine once which versions it speaks, and take the newest known to both."""
        if not self._agreed:
            answer = self.ask("GET", "/version", wait=self._first_wait)
            spoken = shape.table(self.json(answer))
            newest = shape.text(spoken.get("ApiVersion"))
            oldest = shape.text(spoken.get("MinAPIVersion")) or "1.0"
            if not _number(newest):
                raise stranger(self._address, "it tells no API version")
            if _number(newest) < _number(OLDEST) or _number(oldest) > _number(NEWEST):
                raise EngineVersionError(
                    f"the engine {spoken.get('Version', '')} speaks API {oldest} to {newest}, "
                    f"this occ {OLDEST} to {NEWEST}",
                    hint="update the older of the two: docker version, occ --version",
                )
            self._agreed = min(newest, NEWEST, key=_number)
        return self._agreed


def message(answer: requests.Response) -> str:
    """The engine's words about a failure."""
    try:
        said = json_value(answer.content)
    except ValueError:
        return answer.text
    return str(said.get("message", answer.text)) if isinstance(said, dict) else answer.text


@contextmanager
def reached(address: Address) -> Iterator[None]:
    """Turn everything that means "no answer" into EngineUnreachableError.

    Raises:
        EngineUnreachableError: with the socket, and what helps.
    """
    try:
        yield
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        DockerException,
        OSError,
        KeyError,
    ) as error:
        raise unreachable(address, error) from error


def _number(version: str) -> tuple[int, ...]:
    parts = (whole_number(part, _MOST_VERSION) for part in version.split("."))
    return tuple(part for part in parts if part is not None)
