"""Being somebody who is not root, for a while.

The clone and its environments may lie in a folder that only root may enter: tox makes `.tox` so,
and /root is one. Nobody else can import anything from there, so all of occ is in memory before. A
file that comes with occ is opened, or looked for, before the change of user too.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import tests.loaded  # noqa: F401 - see above


@contextmanager
def another_user(number: int = 65_534, groups: Sequence[int] = ()) -> Iterator[None]:
    """Be the user of a number, and of these groups only; who is not root stays who he is."""
    with ExitStack() as after:
        if os.geteuid() == 0:
            after.callback(os.setgroups, os.getgroups())
            os.setgroups(groups)
            after.callback(os.setregid, os.getgid(), os.getegid())
            os.setregid(number, number)
            after.callback(os.setreuid, os.getuid(), 0)
            os.setreuid(number, 0)  # the saved one stays root: the way back
            after.callback(os.seteuid, 0)
            os.seteuid(number)
        yield


def be_another_user(number: int = 65_534) -> None:
    """Be the user of a number for good."""
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
