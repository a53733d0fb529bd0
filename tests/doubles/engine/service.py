"""What the service within a container of the memory engine lets people hear of it."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from occ.engine.values import Answer, NoAnswer, Question, Route
from tests.doubles.engine.agenda import Agenda
from tests.doubles.engine.container import MemoryContainer

_OK = 200
_NOTHING_THERE = 404
_WANTS_A_LOGIN = 401
_POLL_MS = 100


def answer(
    container: MemoryContainer,
    question: Question,
    route: Route,
    pages: Mapping[tuple[str, str], tuple[int, bytes]],
) -> Answer | NoAnswer:
    """What a running service answers to one GET; `pages` are more paths, by version and path."""
    behaviour = container.image.behaviour
    if question.port != behaviour.port:
        return NoAnswer()
    page = pages.get((behaviour.version, question.path))
    if page is not None and _may_ask(container, question):
        return Answer(status=page[0], body=page[1], route=route)
    if question.path != behaviour.path and page is None:
        return Answer(status=_NOTHING_THERE, body=b"nothing here\n", route=route)
    if not _may_ask(container, question):
        return Answer(status=_WANTS_A_LOGIN, body=b"who is there?\n", route=route)
    told = {"healthy": container.status == _OK, "version": behaviour.version}
    body = behaviour.page or json.dumps(told, separators=(",", ":")).encode()
    return Answer(status=container.status, body=body, route=route)


def _may_ask(container: MemoryContainer, question: Question) -> bool:
    """Whether the question has the login that the container was made with, if it wants one."""
    env = dict(word.partition("=")[::2] for word in container.body.get("Env", ()))
    password = env.get(container.image.behaviour.password_in, "")
    user = env.get("OPENCODE_SERVER_USERNAME", "opencode")
    wanted = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"
    return not password or question.headers.get("Authorization") == wanted


def lines(
    agenda: Agenda,
    container: MemoryContainer,
    said: list[tuple[int, bytes]],
    *,
    timestamps: bool,
    follow: bool,
) -> Iterator[bytes]:
    """What it said, and with `follow` what it says until it ends."""
    seen = len(container.output)
    while True:
        for at, line in said:
            yield f"{_stamp(at)} ".encode() + line if timestamps else line
        goes_on = container.running
        said, seen = container.output[seen:], len(container.output)
        if not follow or not (said or goes_on):
            return
        if not said:
            agenda.spend(_POLL_MS)


def _stamp(at: int) -> str:
    moment = datetime.fromtimestamp(at // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}000000Z"
