"""Images that say odd things: a health answer without end, ports as a range, no account files."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from docker.errors import APIError
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.box import Box, get, until_said
from tests.host import containers
from tests.strange import many
from tests.terminal import Terminal
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images, build_image, inspect_image
from tests.unit.app.test_strange_world import ACCOUNTS, PATHS

FAST = 'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "300ms"\n'

NO_VERSION = "the answer of /health holds no version: it has no field version, or is no JSON"
PLACES = dict.fromkeys(("passwd", "group", "shadow", "gshadow"), "etc")
USUAL = {"passwd": "root:x:0:0::/:/bin/sh\n", "group": "root:x:0:\n", "shadow": "root:*:1::::::\n"}
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "Labels": st.dictionaries(TEXT | st.just("org.opencontainers.image.version"), TEXT),
        "ExposedPorts": st.dictionaries(
            st.sampled_from(["3000/tcp", "3000-3002/tcp", "53/udp", "9/sctp", "65535"]),
            st.just({}),
        ),
        "Volumes": st.dictionaries(PATHS, st.just({}), max_size=2),
        "Env": st.lists(TEXT.map(lambda text: f"STRANGE={text}"), max_size=2),
        "User": st.sampled_from(["", "0", "nobody", "65534:65534", "\u00b2"]),
        "WorkingDir": st.sampled_from(["", "/", "/nowhere", "www"]),
        "StopSignal": st.sampled_from(["", "SIGKILL", "9", "SIGRTMIN+3", "SIGNOTHING"]),
        "Healthcheck": st.sampled_from(
            [
                {"Test": ["NONE"]},
                {"Test": []},
                {"Test": ["CMD", "/bin/true"], "Interval": 10**9, "Retries": 1},
                {"Test": ["CMD-SHELL", "exit 1"], "Interval": 10**9, "Retries": 1},
            ]
        ),
    },
)
BODIES = st.one_of(
    TEXT,
    TEXT.map(lambda text: json.dumps({"version": text})),
    st.sampled_from(["[" * 5_000, '{"version": ' + "9" * 5_000 + "}", '{"version": {"a": 1.5}}']),
)

LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DIGEST = f"sha256:{'0a' * 32}"
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Type": st.sampled_from(["", "x/y", "application/json", LIST, "text/html"]),
        "Docker-Content-Digest": st.sampled_from(["", DIGEST, "sha256:g", "sha512:00", "\u00b2"]),
        "Location": st.sampled_from(["", "/v2/", "http://127.0.0.1:1/", "file:///etc/passwd"]),
        "Retry-After": st.sampled_from(["0", "-1", "9" * 30, "soon", "\u00b2"]),
        "WWW-Authenticate": st.sampled_from(["", "Basic", "Bearer", 'Bearer realm="x://y"']),
    },
)


def publish(images: Images, name: str, files: Mapping[str, str], conf: Mapping[str, Any]) -> str:
    """Let `<registry>/<name>:latest` be the bare image with these files and this config."""
    client = images.engine.client()
    try:
        lines = [f"FROM {images.build('bare', '1.0')}"]
        lines += [f"COPY {file} /{PLACES.get(file, 'www')}/{file}" for file in files]
        made = build_image(client, {"Dockerfile": "\n".join(lines), **files})
        if conf:  # a Dockerfile would write each port of a range
            there = client.create_container(made)["Id"]
            try:
                made = client.commit(there, conf=dict(conf))["Id"]
            finally:
                client.remove_container(there, v=True)
            exposed = conf.get("ExposedPorts", {})
            told = inspect_image(client, made)["Config"].get("ExposedPorts") or {}
            assert told.items() >= exposed.items()
        return images.push(made, name, "latest").ref
    finally:
        client.close()


def test_a_health_answer_nested_without_end_is_no_version_and_something_serves(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=FAST)
    box.well("start", "--yes")
    assert box.status()["reported"] == "1.0"
    for number, said in enumerate(("[" * 5_000, "<!doctype html><title>Log in</title>"), start=2):
        publish(images, box.service, {"health": said}, {})
        assert NO_VERSION in box.well("update", "--yes").err
        assert get(port, "/health") == (200, said)
        assert containers(private_engine, box.service) == {box.service: "running"}
        status = box.status()
        assert (status["version"], status["health"], status["reported"]) == (number, "healthy", "")
        assert status["notes"] == [NO_VERSION]
        assert "healthy" in box.well("status").out


def test_an_update_to_such_an_answer_is_resumed_after_a_kill(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=FAST.replace("300ms", "3s"))
    box.well("start", "--yes")
    publish(images, box.service, {"health": "[" * 5_000}, {})
    with box.start("update", "--yes") as running:
        until_said(running, "Prove it healthy")
        running.kill()
    assert "occ resume" in box.well("status").out
    box.well("resume")
    assert get(port, "/health") == (200, "[" * 5_000)
    assert containers(private_engine, box.service) == {box.service: "running"}


def test_an_image_that_exposes_a_range_of_ports_is_updated_to_and_left_again(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=FAST)
    box.well("start", "--yes")
    ranged: dict[str, Any] = {"ExposedPorts": {"3000-3002/tcp": {}}}
    told = json.dumps({"healthy": True, "version": "2.0"})
    publish(images, box.service, {"health": told}, ranged)
    box.well("update", "--yes")
    assert json.loads(get(port, "/health")[1])["version"] == "2.0"
    assert box.status()["drift"] == []
    box.well("rollback", "--yes")
    assert json.loads(get(port, "/health")[1])["version"] == "1.0"
    assert containers(private_engine, box.service) == {box.service: "running"}


def test_a_version_that_would_turn_the_terminals_text_is_shown_escaped(
    box: Box, images: Images, port: int
) -> None:
    """Right-to-left, an isolate, a zero-width space and a control sequence of one byte."""
    odd = "1.0\u202e\u2066\u200b\u009b31m"
    ref = images.publish("good", "1.0", name=box.service).ref
    written = odd.encode("ascii", "backslashreplace").decode().replace("\\x9b", "\\u009b")
    box.configure(ref, port, health=FAST, more=f'env = {{ VERSION = "{written}" }}\n')
    told = box.well("start", "--yes")
    said = [told.out + told.err]
    for words in (("status",), ("status", "-o", "json"), ("versions",), ("show", "1"), ("doctor",)):
        done = box.well(*words)
        said.append(done.out + done.err)
    terminal = Terminal(box.folder, box.environ)
    said.append(terminal.occ("logs", "--tail", "3"))
    assert r"\u202e" in said[1]
    assert r"service 1.0\u202e\u2066\u200b\x9b31m" in said[-1]
    assert [char for char in "\u202e\u2066\u200b\u009b" for text in said if char in text] == []
    assert "\u202e" in terminal.occ("logs", "--tail", "3", "--raw")
    assert json.loads(said[2])["result"]["reported"] == odd


def test_an_id_that_is_a_digit_for_unicode_alone_is_no_uid(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    files = {"health": "{}", **USUAL}
    ref = publish(images, box.service, files, {})
    box.configure(ref, port, health=FAST, more='users = ["ann"]\n')
    box.well("start", "--yes")
    odd = f"{USUAL['passwd']}odd:x:\u00b2:\u00b2::/:/bin/sh\n"
    publish(images, box.service, {**files, "passwd": odd, "health": '{"version": "2.0"}'}, {})
    updated = box.occ("update", "--yes")
    assert "Traceback" not in updated.err
    assert not (box.folder / "journal.db.bugs").exists()
    assert updated.status == 0, updated.err
    assert get(port, "/health") == (200, '{"version": "2.0"}')
    (ann,) = box.well("user", "list", "-o", "json").result()
    assert (ann["name"], ann["uid"]) == ("ann", 1000)
    assert containers(private_engine, box.service) == {box.service: "running"}


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_an_update_to_any_image_that_the_engine_takes_ends_and_something_serves(
    box: Box,
    images: Images,
    private_engine: PrivateEngine,
    port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ref = publish(images, box.service, {"health": "{}", **USUAL}, {})
    box.configure(ref, port, health=f'{FAST}timeout = "5s"\n', more='users = ["ann"]\n')
    box.well("start", "--yes")
    passed: list[str] = []

    @many(1)
    @given(
        conf=CONFIGS,
        accounts=st.dictionaries(st.sampled_from(sorted(PLACES)), ACCOUNTS),
        body=BODIES,
    )
    def one(conf: dict[str, Any], accounts: dict[str, str], body: str) -> None:
        try:
            publish(images, box.service, {"health": body, **USUAL, **accounts}, conf)
        except APIError:  # the engine takes no such image
            assume(False)  # noqa: FBT003 - Hypothesis's own word
        done = box.occ("update", "--yes")
        assert done.status in {0, 4, 6}, done.err
        assert "Traceback" not in done.err
        assert not (box.folder / "journal.db.bugs").exists()
        assert containers(private_engine, box.service) == {box.service: "running"}
        assert get(port, "/health")[0] == 200
        box.well("journal", "verify")
        passed.append(body)

    one()
    with capsys.disabled():
        print(f"\n{len(passed)} examples passed")


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_whatever_a_registry_answers_what_serves_goes_on(
    box: Box,
    images: Images,
    gate: Gate,
    private_engine: PrivateEngine,
    port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    images.publish("bare", "1.0", name=box.service)
    box.configure(f"{gate.host}/{box.service}:latest", port, health=FAST)
    box.well("start", "--yes")
    passed: list[int] = []

    @many(1)
    @given(
        status=st.sampled_from([200, 204, 206, 301, 307, 401, 403, 404, 418, 429, 500, 503, 599]),
        headers=HEADERS,
        body=BODIES.map(str.encode) | st.binary(max_size=60),
    )
    def one(status: int, headers: dict[str, str], body: bytes) -> None:
        gate.says(status, headers, body)
        for words in (("update", "--yes"), ("check",), ("versions",)):
            done = box.occ(*words)
            assert done.status in {0, 4, 6}, done.err
            assert "Traceback" not in done.err
        assert not (box.folder / "journal.db.bugs").exists()
        assert containers(private_engine, box.service) == {box.service: "running"}
        assert get(port, "/health")[0] == 200
        passed.append(status)

    one()
    with capsys.disabled():
        print(f"\n{len(passed)} examples passed")
    gate.open()
    box.well("journal", "verify")
