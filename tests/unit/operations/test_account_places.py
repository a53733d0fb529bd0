"""Images without account files, or with something else in their places: kept, or refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.request import Request
from occ.domain.spec import Spec
from occ.engine.values import File
from occ.errors import EngineRefusedError, UserClashError
from occ.operations.accounts import (
    GROUP,
    GSHADOW,
    PASSWD,
    SHADOW,
    Accounts,
    carry,
    password_field,
    with_password,
)
from occ.operations.steps.create import CreateContainer
from occ.operations.steps.users import RecreateUsers
from tests.doubles.engine.image import BuiltImage
from tests.doubles.engine.tree import link
from tests.unit.operations.house import NEW, TWO, House

BASE = {
    PASSWD: "root:x:0:0::/:/bin/sh\n",
    GROUP: "root:x:0:\nstaff:x:50:\n",
    SHADOW: "",
    GSHADOW: "",
}
ANN = "ann:x:1004:1004::/home/ann:/bin/sh\n"
HASH = "ann:$y$ann:1::::::\n"
OLD = {**BASE, PASSWD: ANN, GROUP: "ann:x:1004:\nsudo:x:27:ann\n", SHADOW: HASH}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.engine.stop(made.web, 1_000)
    return made


def image(*files: File, without: str = "") -> BuiltImage:
    """The new image with other files, or without one."""
    named = {file.path: file for file in NEW.files if file.path != without}
    return replace(NEW, files=tuple((named | {file.path: file for file in files}).values()))


def brought(house: House, made: BuiltImage) -> str:
    """The line of ann in the shadow file that a container of this image sees afterwards."""
    house.replacement(made)
    RecreateUsers(("ann",), source=house.web).apply(house.context())
    there = house.engine.read_file("web.occ-next", SHADOW)
    lines = there.data.decode().splitlines() if there else []
    return next((line for line in lines if line.startswith("ann:")), "")


def carried(old: dict[str, str], new: dict[str, str], *, reset: bool = False) -> Accounts:
    return carry(["ann"], Accounts.parse(old), Accounts.parse(new), reset=reset).accounts


def test_a_shadow_file_that_is_missing_is_made_for_the_hash_alone(house: House) -> None:
    assert brought(house, image(without=SHADOW)) == "ann:$y$ann:1::::::"
    made = house.engine.host.there("web.occ-next").files[SHADOW]
    assert (made.mode, made.uid, made.gid) == (0o600, 0, 0)
    assert made.data == b"ann:$y$ann:1::::::\n"


def test_the_group_shadow_reads_a_shadow_file_that_is_made(house: House) -> None:
    group = File(path=GROUP, data=b"shadow:x:42:\n")
    assert brought(house, image(group, without=SHADOW))
    made = house.engine.host.there("web.occ-next").files[SHADOW]
    assert (made.mode, made.gid) == (0o640, 42)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (File(path="/etc/shadow/x", data=b""), "/etc/shadow is a folder in the image"),
        (link(SHADOW, "/data/shadow"), "/etc/shadow is a link to /data/shadow, which is not there"),
    ],
)
def test_a_folder_or_a_link_to_nothing_is_refused_before_the_stop(
    house: House, there: File, said: str
) -> None:
    made = image(there, without=SHADOW)
    house.engine.host.images.add(made)
    context = house.fitted(request=Request(users=("ann",)))
    context = replace(context, versions={2: replace(TWO, image=made.id, spec=Spec())})
    with pytest.raises(UserClashError, match=said) as refused:
        CreateContainer("web.occ-next", version=2, source=house.web).apply(context)
    assert "passwords go with the old container" in refused.value.hint


@pytest.mark.parametrize("target", ["../lib/shadow", "/usr/lib/shadow"])
def test_a_linked_file_is_written_where_it_lies_and_the_link_stays(
    house: House, target: str
) -> None:
    made = image(
        link(SHADOW, "/usr/hop"),
        link("/usr/hop", target if target[0] == "/" else "../usr/lib/shadow"),
        File(path="/usr/lib/shadow", data=b"root:*:1::::::\n", mode=0o640, gid=42),
    )
    assert brought(house, made) == "ann:$y$ann:1::::::"
    written = house.engine.host.there("web.occ-next").files
    assert SHADOW not in written
    assert (written["/usr/lib/shadow"].mode, written["/usr/lib/shadow"].gid) == (0o640, 42)


def test_the_hash_in_a_linked_file_of_the_old_container_is_found(house: House) -> None:
    there = (link(SHADOW, "/srv/one"), link("/srv/one", "two"))
    house.inside.files.update({file.path: file for file in there})
    house.engine.write_files(house.web, [File(path="/srv/two", data=HASH.encode())])
    assert brought(house, NEW) == "ann:$y$ann:1::::::"


def test_links_in_a_circle_are_refused(house: House) -> None:
    house.replacement(image(link(SHADOW, "/a"), link("/a", SHADOW), without=SHADOW))
    with pytest.raises(EngineRefusedError, match="too many links"):
        RecreateUsers(("ann",), source=house.web).apply(house.context())


def test_groups_that_have_no_file_are_kept_in_one_that_is_made() -> None:
    bare = {PASSWD: BASE[PASSWD]}
    there = carried(OLD, bare)
    assert there.text(GROUP) == "ann:x:1004:\nsudo:x:27:ann\n"
    assert GSHADOW not in there.tables
    back = carry(["ann"], there, Accounts.parse(BASE)).accounts
    assert back.text(SHADOW) == HASH
    assert back.get(GROUP, "sudo") == ("sudo", "x", "27", "ann")


@pytest.mark.parametrize("hidden", [{}, {GSHADOW: ""}])
def test_the_password_of_a_group_comes_along(hidden: dict[str, str]) -> None:
    old = {**OLD, GSHADOW: "ann:$6$of-the-group::\nsudo:!::ann\n"}
    new = {PASSWD: BASE[PASSWD], **hidden}
    assert carried(old, new).get(GSHADOW, "ann") == ("ann", "$6$of-the-group", "", "")


def test_a_user_named_as_a_group_of_the_image_clashes() -> None:
    with pytest.raises(UserClashError, match="the image has a group staff already"):
        carry(["staff"], None, Accounts.parse(BASE))
    with pytest.raises(UserClashError, match="the image has a group staff already"):
        carry(["ann", "staff"], Accounts.parse(OLD), Accounts.parse(BASE))


def test_a_user_of_the_image_that_has_its_own_group_is_no_clash() -> None:
    new = {**BASE, PASSWD: BASE[PASSWD] + "staff:x:50:50::/:/bin/sh\n"}
    assert carry(["staff"], None, Accounts.parse(new)).locked == ()


@pytest.mark.parametrize("uid", ["01004", "1004"])
def test_an_id_with_zeros_before_it_is_the_same_id(uid: str) -> None:
    new = {**BASE, PASSWD: f"eve:x:{uid}:5::/:/bin/sh\n"}
    with pytest.raises(UserClashError, match="uid 1004 of ann belongs to eve"):
        carried(OLD, new)
    same = {**BASE, PASSWD: f"ann:x:{uid}:1004::/:/bin/sh\n"}
    assert carried(OLD, same).get(SHADOW, "ann")


def test_a_number_with_zeros_before_it_is_taken() -> None:
    new = {**BASE, PASSWD: "eve:x:01000:5::/:/bin/sh\n"}
    assert carry(["bob"], None, Accounts.parse(new)).accounts.uid("bob") == 1001


def test_a_gid_without_a_name_does_not_become_somebody_s_group() -> None:
    old = {**OLD, GROUP: ""}
    with pytest.raises(UserClashError, match="gid 1004 of ann belongs to disk"):
        carried(old, {**BASE, GROUP: "disk:x:1004:\n"})
    own = carried(old, {**BASE, GROUP: "ann:x:1004:\n"})
    assert own.get(GROUP, "ann") == ("ann", "x", "1004", "")


def test_a_group_that_a_gid_without_a_name_has_nothing_to_do_with_is_no_clash() -> None:
    found = carried({**OLD, GROUP: ""}, {**BASE, GROUP: "ann:x:77:\n"})
    assert found.get(GROUP, "ann") == ("ann", "x", "77", "")


def test_a_group_without_a_number_clashes() -> None:
    with pytest.raises(UserClashError, match="ann has gid 1004, but none in the new image"):
        carried(OLD, {**BASE, GROUP: "ann:x\n"})


def test_a_hash_in_the_passwd_file_counts_and_is_reset_too() -> None:
    old = {PASSWD: ANN.replace(":x:", ":$1$inline:")}
    there = Accounts.parse(old)
    assert with_password(there) == ("ann",)
    assert password_field(there, "ann") == "$1$inline"
    assert (carried(old, BASE).get(PASSWD, "ann") or ())[1:2] == ("$1$inline",)
    away = carried(old, BASE, reset=True)
    assert away.get(PASSWD, "ann") == tuple(ANN.strip().split(":"))
    assert password_field(away, "ann") == "!"


@pytest.mark.parametrize(
    ("line", "reset"), [("ann:secret", True), ("ann:", True), ("ann:x", False)]
)
def test_a_password_is_reset_in_a_line_that_ends_with_it(line: str, reset: bool) -> None:
    there = Accounts.parse({**BASE, PASSWD: f"{BASE[PASSWD]}{line}\n"})
    found = carry(["ann"], None, there, reset=True)
    assert found.locked == (("ann",) if reset else ())
    assert found.accounts.get(PASSWD, "ann") == ("ann", "x")
    assert found.homes == ()


def test_without_a_hash_anywhere_there_is_nothing_to_reset() -> None:
    old = {PASSWD: ANN}
    found = carry(["ann"], Accounts.parse(old), Accounts.parse(BASE), reset=True)
    assert found.locked == ()
