"""Users inside a running container, through `occ user`, on a real engine."""

import json

import pexpect
import pytest

from tests.box import Box
from tests.host import client, inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

PASSWORD = "correct-horse 7%: battery"


@pytest.fixture
def ref(box: Box, images: Images, port: int) -> str:
    """A service that runs."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    return ref


def account(engine: PrivateEngine, name: str, user: str) -> dict[str, str]:
    """A user's lines in the container's own files, and its groups."""
    return {
        what: inside(engine, name, f"{command} {user}")
        for what, command in (
            ("passwd", "getent passwd"),
            ("shadow", "getent shadow"),
            ("groups", "id -Gn"),
        )
    }


def logs_in(engine: PrivateEngine, name: str, user: str, password: str) -> bool:
    """Whether `su` takes the password, asked by somebody who is not root."""
    with client(engine) as one:
        script = f'printf "%s\\n" "$WORD" | su -c "echo in-as-{user}" {user} 2>&1'
        run = one.exec_create(
            name, ["sh", "-c", script], user="65534:65534", environment={"WORD": password}
        )
        out: bytes = one.exec_start(run["Id"])
    return f"in-as-{user}".encode() in out


def test_a_user_from_its_first_day_to_its_last(
    box: Box, ref: str, private_engine: PrivateEngine
) -> None:
    config = box.folder / "config.toml"
    config.write_text(f"# precious comment\n{config.read_text()}")
    planned = box.well("user", "add", "ann", "--plan", status=10).out
    assert "Create user ann" in planned
    added = box.occ(
        *("user", "add", "ann", "--password-stdin", "--groups", "sudo,adm", "--uid", "1234"),
        stdin=f"{PASSWORD}\n",
    )
    assert added.status == 0, added.err
    assert added.out == f"{box.service}: user ann added\n"
    there = account(private_engine, box.service, "ann")
    assert there["passwd"] == "ann:x:1234:1234::/home/ann:/bin/bash\n"
    assert set(there["groups"].split()) == {"ann", "sudo", "adm"}
    assert there["shadow"].startswith("ann:$6$rounds=")
    assert logs_in(private_engine, box.service, "ann", PASSWORD)
    assert not logs_in(private_engine, box.service, "ann", "wrong")
    assert config.read_text().startswith("# precious comment\n[services.")
    assert 'users = ["ann"]' in config.read_text()
    box.well("update", "--plan")

    box.well("user", "disable", "ann")
    assert not logs_in(private_engine, box.service, "ann", PASSWORD)
    assert box.well("user", "list", "-o", "json").result()[0] == {
        "name": "ann",
        "present": True,
        "declared": True,
        "uid": 1234,
        "gid": 1234,
        "groups": ["ann", "adm", "sudo"],
        "home": "/home/ann",
        "shell": "/bin/bash",
        "locked": True,
        "password": True,
    }
    box.well("user", "disable", "ann", "--exit-unchanged", status=77)
    changed = box.well("user", "passwd", "ann", "--generate", "-o", "json").result()
    assert not logs_in(private_engine, box.service, "ann", changed["password"])
    box.well("user", "enable", "ann")
    assert logs_in(private_engine, box.service, "ann", changed["password"])

    assert "asks before" in box.well("user", "remove", "ann", status=4).err
    box.well("user", "remove", "ann", "--yes")
    assert account(private_engine, box.service, "ann")["passwd"] == ""
    assert "ann" not in config.read_text()
    box.well("update", "--plan")
    kinds = {row["kind"] for row in box.well("history", "-o", "json").result()}
    assert kinds == {"start", "user"}
    _no_secret(box, PASSWORD, changed["password"], "$6$")


def _no_secret(box: Box, *secrets: str) -> None:
    written = (box.folder / "journal.db").read_bytes()
    wal = box.folder / "journal.db-wal"
    written += wal.read_bytes() if wal.exists() else b""
    for secret in secrets:
        assert secret.encode() not in written


def test_a_generated_password_is_shown_once_and_asked_for_twice_on_a_terminal(
    box: Box, ref: str, private_engine: PrivateEngine
) -> None:
    made = box.well("user", "add", "bob", "--generate")
    line, password, end = made.out.split("\n")
    assert (line, end) == (f"{box.service}: user bob added", "")
    assert logs_in(private_engine, box.service, "bob", password)
    words = box.command("user", "passwd", "bob")
    screen = pexpect.spawn(words[0], words[1:], env=box.environ, cwd=str(box.folder), timeout=30)
    screen.expect_exact("Password for bob: ")
    screen.sendline(PASSWORD)
    screen.expect_exact("Again: ")
    screen.sendline(PASSWORD)
    screen.expect(pexpect.EOF)
    assert PASSWORD.encode() not in screen.before
    screen.close()
    assert screen.exitstatus == 0
    assert logs_in(private_engine, box.service, "bob", PASSWORD)
    _no_secret(box, password, PASSWORD)


def test_what_cannot_be_is_refused_before_anything(
    box: Box, ref: str, private_engine: PrivateEngine
) -> None:
    def refused(*words: str, status: int) -> str:
        done = box.occ("user", *words, stdin="word-1234\n")
        assert done.status == status, (words, done)
        return done.err

    said = refused("add", "Ann", "--generate", status=2)
    assert "no name of a user" in said
    assert "asks for" not in said
    assert "root" in refused("add", "root", "--generate", status=4)
    assert "account of the system" in refused("add", "daemon", "--generate", status=4)
    assert "no group nosuch" in refused("add", "a", "--groups", "nosuch", "--generate", status=3)
    assert "no shell" in refused("add", "a", "--shell", "/bin/nosuch", "--generate", status=3)
    assert "already" in refused("add", "sudo", "--generate", status=6)
    assert "there is no user" in refused("passwd", "ann", "--generate", status=3)
    assert "nobody to ask" in refused("add", "ann", status=2)
    assert "exclude" in refused("add", "ann", "--generate", "--password-stdin", status=2)
    box.well("user", "add", "ann", "--generate")
    assert "already" in refused("add", "ann", "--generate", status=4)
    assert "uid 1000 belongs to ann" in refused(
        "add", "bob", "--uid", "1000", "--generate", status=6
    )
    box.well("stop", "--yes")
    assert "occ start" in refused("disable", "ann", status=4)
    assert [row["kind"] for row in box.well("history", "-o", "json").result()] == [
        *("stop", "user", "start")
    ]


def test_an_image_without_useradd_is_refused(box: Box, images: Images, port: int) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    said = box.well("user", "add", "ann", "--generate", status=4).err
    assert "has no useradd, no userdel, no chpasswd" in said


def test_the_plan_says_what_a_replacement_will_not_have(
    box: Box, ref: str, images: Images, private_engine: PrivateEngine
) -> None:
    assert box.well("changes", "-o", "json").result() == []
    box.well("user", "add", "ann", "--generate")
    assert all(
        change["path"].startswith("/home/ann/")
        for change in box.well("changes", "-o", "json").result()
    )
    script = "rm -rf /home/ann/.[a-z]* && echo x > /opt/notes && echo y > /tmp/y && rm /etc/issue"
    script += "; echo done"
    inside(private_engine, box.service, script)
    assert box.well("changes").out == "D /etc/issue\nA /opt/notes\n"
    images.publish("good", "2.0", name=box.service)
    planned = json.loads(box.well("update", "--plan", "-o", "json", status=10).out)["result"]
    assert planned["warnings"] == [
        "the home of ann, /home/ann, lies in no volume: its files go with the container",
        "2 files in the container's own layer will not be in the new one: occ changes",
    ]


def test_a_user_of_the_image_clashes_before_the_stop(
    box: Box, ref: str, images: Images, private_engine: PrivateEngine
) -> None:
    box.well("user", "add", "ann", "--generate")
    images.publish("clash", "2.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert "uid 1000 of ann belongs to other in the new image" in failed.err
    shown = json.loads(box.well("show", "3", "-o", "json").out)["result"]
    assert not any(s["plan"]["name"] == "stop_container" and s["attempts"] for s in shown["steps"])
    assert account(private_engine, box.service, "ann")["passwd"].startswith("ann:x:1000:")


def test_passwords_that_are_reset_leave_names_and_numbers(
    box: Box, ref: str, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(ref, port, more='users = { names = ["ann"], passwords = "reset" }\n')
    assert "not in the container" in box.well("user", "list").out
    box.occ("user", "add", "ann", "--password-stdin", "--uid", "1500", stdin="word-1234\n")
    images.publish("good", "2.0", name=box.service)
    updated = box.well("update", "--yes")
    assert f"occ user passwd ann --service {box.service}" in updated.err
    there = account(private_engine, box.service, "ann")
    assert there["passwd"].startswith("ann:x:1500:1500:")
    assert there["shadow"].startswith("ann:!:")
    box.well("user", "enable", "ann", status=4)
    box.occ("user", "passwd", "ann", "--password-stdin", stdin="word-5678\n")
    assert logs_in(private_engine, box.service, "ann", "word-5678")
    box.well("user", "add", "bob", "--generate")
    assert 'names = ["ann", "bob"]' in (box.folder / "config.toml").read_text()


def test_a_user_added_later_is_there_after_a_rollback(
    box: Box, ref: str, images: Images, private_engine: PrivateEngine
) -> None:
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    box.occ("user", "add", "ann", "--password-stdin", stdin="word-1234\n")
    before = account(private_engine, box.service, "ann")
    box.well("rollback", "--yes")
    assert account(private_engine, box.service, "ann") == before
    assert logs_in(private_engine, box.service, "ann", "word-1234")
