"""Users of a container, and the shell that a new one gets."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.app.results import Outcome
from occ.engine.values import File
from occ.errors import NotFoundError
from occ.operations.accounts import GROUP, PASSWD, SHADOW
from occ.operations.kinds.user import UserWish, Verb
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES

HASH = "$6$rounds=100000$salt$hash"
PROGRAMS = ("useradd", "userdel", "usermod", "chpasswd")
ANN = {
    PASSWD: b"ann:x:1000:1000::/home/ann:/bin/fish\n",
    GROUP: b"ann:x:1000:\n",
    SHADOW: b"ann:$y$ann:1::::::\n",
}


def world(folder: Path, *shells: str) -> MemoryWorld:
    """One whose container has these shells, and ann."""
    made = MemoryWorld(folder)
    image = built("good")
    more = (*(f"/usr/sbin/{name}" for name in PROGRAMS), *shells)
    files = tuple(File(path=path, data=b"\x7fELF", mode=0o755) for path in more)
    brought = tuple(replace(f, data=f.data + ANN.get(f.path, b"")) for f in image.files)
    made.engine.host.registry.publish(IMAGE, replace(image, files=(*brought, *files)))
    health = 'path = "/health"\nmin_healthy = "1s"\ntimeout = "5s"\n'
    made.box.configure(IMAGE, 3000, health=health)
    assert made.occ("start") == 0, made.said
    return made


def wished(there: MemoryWorld, wish: UserWish) -> Outcome:
    return there.app.change("user", NAME, Options(wish=replace(wish, hashed=HASH)), YES)


def shell_of(there: MemoryWorld, name: str) -> str:
    (container,) = there.engine.containers({})
    file = there.engine.read_file(container.id, PASSWD)
    assert file is not None
    lines = [line for line in file.data.decode().splitlines() if line.startswith(f"{name}:")]
    return lines[0].rpartition(":")[2]


@pytest.mark.parametrize("shells", [("/bin/sh",), ("/bin/sh", "/bin/bash")])
def test_a_new_user_gets_the_best_shell_that_is_there(
    tmp_path: Path, shells: tuple[str, ...]
) -> None:
    there = world(tmp_path, *shells)
    wished(there, UserWish(verb="add", user="bob"))
    assert shell_of(there, "bob") == shells[-1]


def test_where_there_is_no_shell_one_has_to_be_named(tmp_path: Path) -> None:
    there = world(tmp_path, "/bin/fish")
    with pytest.raises(NotFoundError, match="no /bin/bash and no /bin/sh") as refused:
        wished(there, UserWish(verb="add", user="bob"))
    assert refused.value.hint == "name one: --shell PATH"
    with pytest.raises(NotFoundError, match="no shell /bin/zsh"):
        wished(there, UserWish(verb="add", user="bob", shell="/bin/zsh"))
    wished(there, UserWish(verb="add", user="bob", shell="/bin/fish"))
    assert shell_of(there, "bob") == "/bin/fish"


def test_who_is_there_needs_no_shell_of_occs_own(tmp_path: Path) -> None:
    there = world(tmp_path)
    verbs: tuple[Verb, ...] = ("add", "passwd", "disable", "enable", "remove")
    for verb in verbs:
        done = wished(there, UserWish(verb=verb, user="ann")).operation
        assert done is not None
        assert done.ending == "done"
