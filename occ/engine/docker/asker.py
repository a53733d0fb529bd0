"""A request made inside a container with what it has, where nothing else reaches its port."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from occ.engine.values import Answer, NoAnswer, Question, Ran
from occ.errors import EngineRefusedError, NotFoundError

_STATUS: Final = re.compile(rb"HTTP/[\d.]+ (\d{3})")
# Each ends by itself, asks no proxy, and tells the status that was answered first: curl before the
# body, wget on stderr. The busybox of Debian has no -T, and ends by a segmentation fault of it; the
# -T of wget is for each read, so another program ends it where there is one.
_CURL: Final = ("/usr/bin/curl", "-s", "-i", "-m", "{s}", "--noproxy", "*", "{url}")
_WGET: Final = (
    *("/usr/bin/wget", "-q", "-S", "-t", "1", "-T", "{s}"),
    *("--no-proxy", "-O", "-", "{url}"),
)
_BUSYBOX: Final = (
    *("/bin/busybox", "timeout", "{s}"),
    *("/bin/busybox", "wget", "-q", "-S", "-Y", "off", "-O", "-", "{url}"),
)
_ENDER: Final = ("/usr/bin/timeout", "{s}")
# How curl, timeout and the timeout of busybox end when the time is over, and an asker that is cut.
_LATE: Final = frozenset({28, 124, 143, -1})
_ASKERS: Final = (_CURL, _WGET, _BUSYBOX)


def asker(stat: Callable[[str], Mapping[str, Any] | None]) -> tuple[str, ...]:
    """The words of a request that a container can make, running or not; empty for none.

    `stat` tells what is at a path of it, None for nothing.
    """
    for words in _ASKERS:
        there = stat(words[0])
        if there is None:
            continue
        linked = posixpath.basename(str(there.get("linkTarget", "")))
        if linked == "busybox":
            return _BUSYBOX
        bounded = words is not _WGET or stat(_ENDER[0]) is None
        return words if bounded else (*_ENDER, *words)
    return ()


def ask(
    run: Callable[[Sequence[str]], Ran], words: Sequence[str], question: Question
) -> Answer | NoAnswer:
    """One GET of the container's own port, whose headers everyone may read."""
    seconds = str(max(1, question.timeout_ms // 1000))
    url = f"http://127.0.0.1:{question.port}{question.path}"
    given = [{"{s}": seconds, "{url}": url}.get(word, word) for word in words]
    sign = "-H" if given[0] == _CURL[0] else "--header"
    named = {} if question.host == "localhost" else {"Host": question.host}
    for name, value in (named | dict(question.headers)).items():
        given[-1:-1] = [sign, f"{name}: {value}"]
    try:
        ran = run(tuple(given))
    except (EngineRefusedError, NotFoundError):
        return NoAnswer()
    return answered(given[0], ran)


def answered(program: str, ran: Ran) -> Answer | NoAnswer:
    """The answer that a program got, told by what it wrote."""
    head, body = ran.err, ran.out
    if program == _CURL[0]:
        head, _, body = ran.out.partition(b"\r\n\r\n")
    found = _STATUS.search(head)
    if found is None:
        return NoAnswer(late=ran.status in _LATE)
    return Answer(status=int(found[1]), body=body, route="inside")
