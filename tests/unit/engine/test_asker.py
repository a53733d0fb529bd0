"""What curl and wget write about an answer, word for word, and what it means."""

import pytest

from occ.engine.docker.asker import answered, asker
from occ.engine.values import Answer, NoAnswer, Ran

CURL, WGET, BUSYBOX = "/usr/bin/curl", "/usr/bin/wget", "/bin/busybox"
TIMEOUT = "/usr/bin/timeout"
BODY = b'{"version": "2"}\n'
TOLD = b"  HTTP/1.0 503 Service Unavailable\n"


@pytest.mark.parametrize(
    ("program", "ran", "status", "body"),
    [
        (CURL, Ran(status=0, out=b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n" + BODY), 200, BODY),
        (CURL, Ran(status=0, out=b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n"), 204, b""),
        (CURL, Ran(status=0, out=b"HTTP/1.0 503 Sick\r\n\r\nHTTP/1.1 200"), 503, b"HTTP/1.1 200"),
        (WGET, Ran(status=0, out=BODY, err=b"  HTTP/1.0 200 OK\n  Server: x\n"), 200, BODY),
        (WGET, Ran(status=8, err=TOLD + b"  Content-Length: 17\n"), 503, b""),
        (BUSYBOX, Ran(status=0, out=BODY, err=b"  HTTP/1.1 200 OK\n  \n"), 200, BODY),
        (BUSYBOX, Ran(status=1, err=TOLD + b"wget: server returned error: HTTP/1.0"), 503, b""),
    ],
)
def test_the_status_is_the_servers_and_not_the_programs(
    program: str, ran: Ran, status: int, body: bytes
) -> None:
    told = answered(program, ran)
    assert isinstance(told, Answer)
    assert (told.status, told.body, told.route) == (status, body, "inside")


def test_of_a_redirect_the_first_answer_counts_as_for_a_probe_from_outside() -> None:
    err = b"  HTTP/1.0 302 Found\n  Location: /200\n  HTTP/1.0 200 OK\n"
    told = answered(WGET, Ran(status=0, out=BODY, err=err))
    assert isinstance(told, Answer)
    assert told.status == 302


@pytest.mark.parametrize(
    "ran",
    [
        Ran(status=7),
        Ran(status=1, err=b"wget: can't connect to remote host (127.0.0.1): Connection refused\n"),
        Ran(status=126, out=b"OCI runtime exec failed: exec failed\r\n"),
    ],
)
@pytest.mark.parametrize("program", [CURL, WGET, BUSYBOX])
def test_no_answer_is_told(program: str, ran: Ran) -> None:
    assert answered(program, ran) == NoAnswer()


@pytest.mark.parametrize("status", [28, 124, 143, -1])
def test_an_asker_that_was_ended_by_time_says_so(status: int) -> None:
    assert answered(BUSYBOX, Ran(status=status)) == NoAnswer(late=True)


@pytest.mark.parametrize(
    ("there", "first"),
    [
        ({}, ()),
        ({WGET: ""}, (WGET, "-q")),
        ({WGET: "", TIMEOUT: ""}, (TIMEOUT, "{s}", WGET)),
        ({WGET: "/bin/busybox", TIMEOUT: "/bin/busybox", BUSYBOX: ""}, (BUSYBOX, "timeout")),
        ({CURL: "", WGET: "", TIMEOUT: ""}, (CURL, "-s")),
    ],
)
def test_what_does_not_end_by_itself_is_ended_where_there_is_something_that_can(
    there: dict[str, str], first: tuple[str, ...]
) -> None:
    def stat(path: str) -> dict[str, str] | None:
        return {"linkTarget": there[path]} if path in there else None

    assert asker(stat)[: len(first)] == first
