"""What is said before a stop of the files that will not be in the new container."""

import pytest

from occ.domain.spec import Spec, Volume
from occ.engine.values import Change
from occ.operations.accounts import Accounts
from occ.operations.unsaved_files import homes, kept, lost, notes, read_only

PEOPLE = Accounts.parse(
    {
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
        "ann:x:1001:1001::/home/ann:/bin/sh\n"
        "bob:x:1002:1002::/data/bob:/bin/sh\n"
    }
)
DATA = Spec(volumes=(Volume(name="web-data", path="/data"),))


def _changes(*paths: str) -> list[Change]:
    return [Change(path=path, kind="added") for path in paths]


def test_homes_are_those_of_the_users_that_are_there() -> None:
    assert homes(["ann", "zoe"], PEOPLE) == {"ann": "/home/ann"}


def test_a_line_without_a_shell_has_a_home_and_one_without_a_home_has_none() -> None:
    cut = Accounts.parse({"/etc/passwd": "ann:x:1001:1001::/home/ann\nbob:x:1002:1002:\n"})
    assert homes(["ann", "bob"], cut) == {"ann": "/home/ann"}


@pytest.mark.parametrize(
    ("path", "there"),
    [("/data", True), ("/data/bob/x", True), ("/database", False), ("/home/ann", False)],
)
def test_what_lies_in_a_volume_is_kept(path: str, *, there: bool) -> None:
    assert kept(path, DATA) is there


def test_account_files_homes_and_what_passes_anyhow_are_not_lost() -> None:
    nothing = (
        *("/etc/passwd", "/etc/shadow", "/etc/shadow-", "/etc/subuid", "/etc/.pwd.lock"),
        *("/tmp", "/tmp/x", "/run/pid", "/var/run/x", "/dev/shm/x", "/home/ann"),
    )
    assert lost(_changes(*nothing, "/etc/motd", "/tmpfiles"), {"ann": "/home/ann"}) == tuple(
        _changes("/etc/motd", "/tmpfiles")
    )


GONE = "cannot be put into the new one, and their passwords go with the container"


def test_a_read_only_root_takes_no_users_and_is_told_with_their_names() -> None:
    spec = Spec(volumes=DATA.volumes, engine={"ReadonlyRootfs": True})
    assert read_only(spec)
    assert not read_only(DATA)
    assert notes(["bob"], PEOPLE, [], spec) == (f"the root filesystem is read-only: bob {GONE}",)
    both = Spec(volumes=(Volume(name="h", path="/home"), *DATA.volumes), engine=spec.engine)
    assert notes(["ann", "bob"], PEOPLE, [], both) == (
        f"the root filesystem is read-only: ann, bob {GONE}",
    )
    assert notes([], PEOPLE, [], spec) == ()


def test_who_has_a_password_and_is_not_named_is_told_where_accounts_were_changed() -> None:
    shadow = "root:$y$r:1::::::\nann:$6$a:1::::::\nbob:!$6$b:1::::::\nsys:*:1::::::\n"
    passwd = PEOPLE.text("/etc/passwd") + "sys:x:1003:1003::/data/sys:/bin/sh\n"
    there = Accounts.parse({"/etc/passwd": passwd, "/etc/shadow": shadow})
    spec = Spec(volumes=(Volume(name="h", path="/home"), *DATA.volumes))
    assert notes(["ann"], there, _changes("/etc/shadow"), spec) == (
        (
            "the config does not name bob, whose account will not be in the new one: "
            "occ user add bob takes it along"
        ),
    )
    assert notes(["ann"], there, _changes("/etc/shadow"), DATA) == (
        "the home of ann, /home/ann, lies in no volume: its files go with the container",
        (
            "the config does not name bob, whose account will not be in the new one: "
            "occ user add bob takes it along"
        ),
    )
    assert notes(["ann", "bob"], there, _changes("/etc/shadow"), spec) == ()
    assert notes([], there, _changes("/etc/group"), spec) == ()


def test_a_home_in_no_volume_and_files_of_its_own_layer_are_told() -> None:
    assert notes(["ann", "bob"], PEOPLE, _changes("/etc/motd", "/home/ann"), DATA) == (
        "the home of ann, /home/ann, lies in no volume: its files go with the container",
        "1 file in the container's own layer will not be in the new one: occ changes",
    )
    assert notes(["bob"], PEOPLE, _changes("/srv/a", "/srv/b"), DATA) == (
        "2 files in the container's own layer will not be in the new one: occ changes",
    )
