"""Users and images without account files, or with something else in their places."""

import json

import pytest

from tests.box import Box, serves
from tests.host import birth, client, inside, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image

PLACES = {
    "a folder": "rm /etc/shadow && mkdir /etc/shadow",
    "a link to /srv/accounts/shadow": "ln -sf /srv/accounts/shadow /etc/shadow",
    "no /etc/passwd": "rm /etc/passwd",
}


def publish(images: Images, name: str, version: str, script: str) -> None:
    """Let the tag of this service be a good image in which the script was run."""
    with client(images.engine) as one:
        ground = images.build("good", version)
        made = build_image(one, {"Dockerfile": f"FROM {ground}\nRUN {script}\n"})
    images.push(made, name, "latest")


def line(engine: PrivateEngine, name: str, path: str, user: str) -> str:
    """The line of a user in an account file of the container; empty where it has none."""
    return inside(engine, name, f"grep ^{user}: {path} 2>&1; echo .").partition("\n")[0]


@pytest.fixture
def ann(box: Box, images: Images, port: int) -> str:
    """A service with a user who has a password."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    added = box.occ("user", "add", "ann", "--password-stdin", "--groups", "sudo", stdin="word-12\n")
    assert added.status == 0, added.err
    return ref


def test_a_password_outlives_an_image_without_account_files_there_and_back(
    box: Box, ann: str, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    before = line(private_engine, box.service, "/etc/shadow", "ann")
    assert before.startswith("ann:$6$")
    publish(images, box.service, "2.0", "rm /etc/shadow /etc/gshadow /etc/group")
    box.well("update", "--yes")
    assert serves(port) == "2.0"
    assert line(private_engine, box.service, "/etc/shadow", "ann") == before
    mode = inside(private_engine, box.service, "stat -c '%a %u %g' /etc/shadow").strip()
    assert mode == "600 0 0"
    assert box.well("user", "list", "-o", "json").result()[0]["groups"] == ["ann", "sudo"]
    box.well("rollback", "--yes")
    assert serves(port) == "1.0"
    assert line(private_engine, box.service, "/etc/shadow", "ann") == before
    assert "ann" in line(private_engine, box.service, "/etc/group", "sudo")

    images.publish("linked", "3.0", name=box.service)
    box.well("update", "--yes")
    assert line(private_engine, box.service, "/etc/shadow", "ann") == before
    linked = inside(private_engine, box.service, "readlink -f /etc/shadow").strip()
    assert linked == "/usr/lib/accounts/shadow"
    box.well("rollback", "--yes")
    assert line(private_engine, box.service, "/etc/shadow", "ann") == before


def test_what_cannot_take_a_password_is_refused_before_the_stop(
    box: Box, ann: str, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    born = birth(private_engine, box.service)
    for said, script in PLACES.items():
        publish(images, box.service, "2.0", script)
        failed = box.well("update", "--yes", status=6)
        assert said in failed.err
        assert "it is as it was found" in failed.err
        assert birth(private_engine, box.service) == born
    assert serves(port) == "1.0"


def test_a_user_named_as_a_group_of_the_image_clashes_before_the_stop(
    box: Box, ann: str, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    born = birth(private_engine, box.service)
    there = line(private_engine, box.service, "/etc/group", "staff")
    box.configure(ann, port, more='users = ["ann", "staff"]\n')
    failed = box.well("update", "--yes", status=6)
    assert "the image has a group staff already" in failed.err
    assert birth(private_engine, box.service) == born
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes", status=6)
    assert birth(private_engine, box.service) == born
    assert line(private_engine, box.service, "/etc/group", "staff") == there
    shown = json.loads(box.well("show", "4", "-o", "json").out)["result"]
    assert not any(s["plan"]["name"] == "stop_container" and s["attempts"] for s in shown["steps"])
    assert inspect(private_engine, box.service)["State"]["Running"]
