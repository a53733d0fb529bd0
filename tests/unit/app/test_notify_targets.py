"""The ways to targets: real HTTP, real programs, the real library; and what no address tells."""

import hashlib
import hmac
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from occ.app.app import App
from occ.app.outbox import direct
from occ.app.outbox.targets import chosen, sender_of
from occ.domain.messages import Message
from occ.errors import ConfigError, NotFoundError
from occ.notify.port import Answer
from tests.doubles.receiver import always, receiver
from tests.faults.memory import MemoryWorld

MESSAGE = Message(
    id="a:7:ended", event="failed", title="web: update failed", text="Grüße", at=1_700_000_000_000
)


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def has(world: MemoryWorld, text: str, **secrets: str) -> None:
    """Have this at the end of the config, and these secrets of targets."""
    config = world.box.folder / "config.toml"
    config.write_text(f"{config.read_text().partition('# targets')[0]}# targets\n{text}\n")
    app = App(world.desk())
    for name, value in secrets.items():
        app.keep_secret(name, "notify", lambda v=value: v, add=False)  # type: ignore[misc]


def send(world: MemoryWorld, name: str = "one", ms: int = 5_000) -> Answer:
    desk = world.desk()
    return sender_of(desk, desk.settings.notify[name]).send(MESSAGE, ms)


def test_a_webhook_is_signed_over_time_and_body(world: MemoryWorld) -> None:
    with receiver() as room:
        has(
            world,
            f'[notify.one]\nwebhook = "{room.url}{{{{secret:ROOM}}}}"\n'
            'sign = "{{secret:KEY}}"\ntoken = "{{secret:TOKEN}}"',
            ROOM="in/a1b2c3",
            KEY="correct horse",
            TOKEN="tk_1",
        )
        assert send(world) == Answer("delivered")
        (body,), (headers,) = room.bodies, room.headers
    told = json.loads(body)
    assert list(told) == [
        *("occ", "id", "event", "title", "text", "at", "machine", "service", "operation"),
        *("kind", "outcome", "before", "after", "downtime_ms", "failure"),
    ]
    assert (told["occ"], told["id"], told["text"]) == (1, "a:7:ended", "Grüße")
    signed = f"{headers['Occ-Time']}.".encode() + body
    mac = hmac.new(b"correct horse", signed, hashlib.sha256).hexdigest()
    assert headers["Occ-Signature"] == f"sha256={mac}"
    assert headers["Authorization"] == "Bearer tk_1"
    assert int(headers["Occ-Time"]) == world.clock.now() // 1000


def test_plain_text_has_its_title_in_a_header(world: MemoryWorld) -> None:
    with receiver() as phone:
        has(world, f'[notify.one]\nplain = "{phone.url}"')
        assert send(world) == Answer("delivered")
        assert phone.bodies == ["Grüße".encode()]
        assert phone.headers[0]["Title"] == "web: update failed"
        assert phone.headers[0]["Priority"] == "high"
        assert "Authorization" not in phone.headers[0]


def test_a_redirect_is_not_followed(world: MemoryWorld) -> None:
    with receiver(always(302)) as phone:
        has(world, f'[notify.one]\nplain = "{phone.url}"')
        assert send(world) == Answer("failed", "it answers 302, a redirect, which is not followed")
        assert len(phone.every) == 1


@pytest.mark.parametrize(
    ("status", "how"),
    [(200, "delivered"), (204, "delivered"), (400, "refused"), (404, "refused")]
    + [(status, "failed") for status in (301, 408, 429, 500, 503)],
)
def test_the_meaning_of_a_status(world: MemoryWorld, status: int, how: str) -> None:
    with receiver(always(status)) as phone:
        has(world, f'[notify.one]\nplain = "{phone.url}"')
        assert send(world).how == how


@pytest.mark.parametrize(
    "value",
    [
        "no-address",
        "https://",
        "http://127.0.0.1:9/hush",
        "http://nowhere.invalid/hush",
        "ftp://a/b",
    ],
)
def test_no_answer_tells_an_address_that_is_a_secret(world: MemoryWorld, value: str) -> None:
    has(world, '[notify.one]\nwebhook = "{{secret:ROOM}}"', ROOM=value)
    answer = send(world)
    assert answer.how == "failed"
    assert value not in answer.why
    assert "hush" not in answer.why


def test_a_token_that_no_header_takes_is_not_told(world: MemoryWorld) -> None:
    with receiver() as phone:
        text = f'[notify.one]\nplain = "{phone.url}"\ntoken = "{{{{secret:TOKEN}}}}"'
        has(world, text, TOKEN="two\nlines")
        assert send(world) == Answer("failed", "its address or token cannot be sent as it is")


def program(folder: Path, body: str) -> Path:
    file = folder / "tell"
    file.write_text(f"#!{sys.executable}\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_a_program_reads_the_message_and_has_its_secrets(
    world: MemoryWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)  # as root the folder of a test is refused
    out = tmp_path / "out"
    file = program(
        tmp_path,
        "import os, sys\n"
        f"open({str(out)!r}, 'w').write(sys.stdin.read() + os.environ['SMTP'] "
        "+ os.environ['OCC_TITLE'])",
    )
    has(world, f'[notify.one]\ncommand = ["{file}", "ops"]\nsecrets = ["SMTP"]', SMTP="swordfish")
    assert send(world, ms=30_000) == Answer("delivered")
    assert out.read_text().endswith("}swordfishweb: update failed")
    assert json.loads(out.read_text().partition("swordfish")[0])["event"] == "failed"
    program(tmp_path, "raise SystemExit(3)")
    assert send(world, ms=30_000) == Answer("failed", "its program ended with 3")


def test_root_runs_no_program_that_others_can_replace(
    world: MemoryWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    file = program(tmp_path, "raise SystemExit(0)")
    file.chmod(0o777)
    has(world, f'[notify.one]\ncommand = ["{file}"]')
    answer = send(world)
    assert answer.how == "failed"
    assert answer.why.startswith("root does not run notify.one.command")


def test_a_secret_without_a_value_is_why_it_waits(world: MemoryWorld) -> None:
    has(world, '[notify.one]\nwebhook = "{{secret:ROOM}}"')
    (sent,) = direct.test(world.desk(), chosen(world.desk().settings, "one"))
    assert (sent.waiting, type(sent.waiting)) == (1, int)
    assert "ROOM" in sent.why


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_reaches_a_target(world: MemoryWorld) -> None:
    pytest.importorskip("apprise")
    with receiver() as room:
        has(world, '[notify.one]\napprise = "{{secret:ROOM}}"', ROOM=f"json{room.url[4:]}")
        assert send(world, ms=30_000) == Answer("delivered")
        assert room.messages[0]["title"] == "web: update failed"
        room.mood = always(500)
        assert send(world, ms=30_000) == Answer("failed", "apprise could not deliver it")
    has(world, '[notify.one]\napprise = "{{secret:ROOM}}"', ROOM="nobody://knows")
    assert send(world) == Answer("failed", "apprise does not know this address")


def test_without_the_library_it_is_named(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    has(world, '[notify.one]\napprise = "mailto://mail.example"')
    with pytest.raises(ConfigError) as caught:
        send(world)
    assert caught.value.hint == "pip install 'occ-journal[notify]'"


def test_a_test_goes_to_all_or_to_the_one_that_is_named(world: MemoryWorld) -> None:
    with receiver() as one, receiver() as two:
        has(world, f'[notify.one]\nwebhook = "{one.url}"\n[notify.two]\nwebhook = "{two.url}"')
        app = App(world.desk())
        assert [sent.delivered for sent in app.notify_test(None)] == [1, 1]
        app.notify_test("two")
        assert [message["event"] for message in one.messages] == ["test"]
        assert len(two.messages) == 2
        with pytest.raises(NotFoundError, match=r"there is no \[notify.three\]"):
            app.notify_test("three")


def test_the_list_tells_what_waits_and_no_path(world: MemoryWorld) -> None:
    with receiver(always(500)) as room:
        has(world, f'[notify.one]\nwebhook = "{room.url}my/room"\nevents = ["done"]')
        assert world.occ("update") == 0
        App(world.desk()).afterwards()
        (row,) = App(world.desk()).notify_list()
    assert (row.target, row.way, row.address) == ("one", "webhook", room.url.rstrip("/"))
    assert (row.waiting, row.delivered_at, row.why) == (1, 0, "it answers 500")
    assert row.oldest_at
    assert row.failed_at


def test_the_heartbeat_is_one_request(world: MemoryWorld) -> None:
    assert direct.beat(world.desk()) == Answer("delivered")  # the config has none
    with receiver() as watch:
        config = world.box.folder / "config.toml"
        config.write_text(f'heartbeat = "{watch.url}{{{{secret:PING}}}}"\n{config.read_text()}')
        App(world.desk()).keep_secret("PING", "notify", lambda: "abc", add=False)
        assert direct.beat(world.desk()) == Answer("delivered")
        assert watch.every == [b""]


def test_an_end_of_auto_is_told_once_a_day_and_cause(world: MemoryWorld) -> None:
    def codes(room: Any) -> list[str]:
        return [message["failure"] for message in room.messages]

    with receiver() as room:
        has(world, f'[notify.one]\nwebhook = "{room.url}"')
        for code in ("journal", "journal", "config"):
            direct.auto_ended(world.desk(), code)
        assert codes(room) == ["journal", "config"]
        world.clock.wall += 24 * 3_600_000
        direct.auto_ended(world.desk(), "journal")
        assert codes(room) == ["journal", "config", "journal"]
        assert room.messages[0]["event"] == "auto_ended"


def test_a_good_run_of_auto_is_followed_by_a_heartbeat_and_what_waits(world: MemoryWorld) -> None:
    with receiver() as watch, receiver() as room:
        has(world, f'[notify.one]\nwebhook = "{room.url}"\nevents = ["done"]')
        config = world.box.folder / "config.toml"
        config.write_text(f'heartbeat = "{watch.url}"\n{config.read_text()}')
        assert world.occ("stop") == 0
        assert App(world.desk()).afterwards(6) == ()
        assert (len(room.bodies), len(watch.every)) == (1, 0)
        assert App(world.desk()).afterwards(77) == ()
        assert len(watch.every) == 1
        watch.mood = always(500)
        assert App(world.desk()).afterwards(0) == ("the heartbeat was not heard: it answers 500",)


def test_a_run_of_auto_without_a_journal_is_told_directly(world: MemoryWorld) -> None:
    with receiver() as room:
        has(world, f'[notify.one]\nwebhook = "{room.url}"')
        for status in (9, 9, 1):
            assert App(world.desk()).afterwards(status) == ()
        assert [message["failure"] for message in room.messages] == ["journal", "bug"]
