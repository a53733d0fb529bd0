"""Targets that are asked by HTTP: a webhook with JSON, and plain text with a title."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import urllib3

from occ.clock import Clock
from occ.domain.messages import Message
from occ.notify.port import DELIVERED, Answer

_LATER = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_URGENT = "high"
_NO_ADDRESS: Final = "its address is none of HTTP"
LATE: Final = "there was no answer in time"
_WHY: Final = (
    (urllib3.exceptions.SSLError, "its certificate is not accepted"),
    (urllib3.exceptions.NameResolutionError, "its name is not known"),
    (urllib3.exceptions.NewConnectionError, "it cannot be reached"),
    (urllib3.exceptions.TimeoutError, LATE),
    (urllib3.exceptions.LocationValueError, _NO_ADDRESS),
    (ValueError, "its address or token cannot be sent as it is"),
)
_BROKEN: Final = "the connection broke off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Takes a message as JSON, signed where there is a key."""

    url: str = field(repr=False)
    clock: Clock
    key: str = field(default="", repr=False)
    """The key of the signature; empty for none."""
    token: str = field(default="", repr=False)

    def send(self, message: Message, timeout_ms: int) -> Answer:
        """Post it; see the port."""
        body = json.dumps(message.as_json(), ensure_ascii=False, separators=(",", ":")).encode()
        at = str(self.clock.now() // 1000)
        headers = {"Content-Type": "application/json", "Occ-Time": at, **_bearer(self.token)}
        if self.key:
            headers["Occ-Signature"] = f"sha256={signature(self.key, at, body)}"
        return posted(self.url, body, headers, timeout_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Takes the text as the body and the title as a header, as ntfy does."""

    url: str = field(repr=False)
    token: str = field(default="", repr=False)

    def send(self, message: Message, timeout_ms: int) -> Answer:
        """Post it; see the port."""
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Title": message.title.encode("ascii", "replace").decode(),
            **({"Priority": _URGENT} if message.urgent else {}),
            **_bearer(self.token),
        }
        return posted(self.url, message.text.encode(), headers, timeout_ms)


def signature(key: str, at: str, body: bytes) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, as hexadecimal digits."""
    return hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def posted(url: str, body: bytes, headers: Mapping[str, str], timeout_ms: int) -> Answer:
    """Post once, and follow no redirect: who answers one may lead the message anywhere."""
    return asked("POST", url, body, headers, timeout_ms)


def asked(
    method: str, url: str, body: bytes, headers: Mapping[str, str], timeout_ms: int
) -> Answer:
    """Make one request. No error's own text is told: it would have the address in it."""
    if not url.startswith(("http://", "https://")):
        return Answer("failed", _NO_ADDRESS)
    try:
        return judged(_status(method, url, body, headers, timeout_ms))
    except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:
        why = next((why for kind, why in _WHY if isinstance(error, kind)), _BROKEN)
        return Answer("failed", why)


def _status(method: str, url: str, body: bytes, headers: Mapping[str, str], timeout_ms: int) -> int:
    timeout = urllib3.Timeout(total=timeout_ms / 1000)
    with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
        response = pool.request(
            method,
            url,
            body=body or None,
            headers={"User-Agent": "occ", **headers},
            redirect=False,
            preload_content=False,
        )
        response.close()
        return response.status


def judged(status: int) -> Answer:
    """The meaning of a status for the message: whether it is there, and whether to try again."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return DELIVERED
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Answer("failed", f"it answers {status}, a redirect, which is not followed")
    final = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return Answer("refused" if final and status not in _LATER else "failed", f"it answers {status}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
