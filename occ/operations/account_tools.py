"""The programs inside a container that keep its accounts, and calling them."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from occ.domain.secrets.secrecy import redact
from occ.engine.port import Engine
from occ.engine.values import Ran
from occ.errors import EngineRefusedError, UserToolError

USERADD, USERDEL, USERMOD, CHPASSWD = "useradd", "userdel", "usermod", "chpasswd"
_FOLDERS: Final = (
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
)


def missing_tools(engine: Engine, container: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the programs that the container does not have."""
    return tuple(name for name in names if not _path(engine, container, name))


def call_tool(
    engine: Engine,
    container: str,
    words: Sequence[str],
    *,
    stdin: str = "",
    fine: tuple[int, ...] = (0,),
) -> Ran:
    """Run one of them. Secrets go through `stdin` alone.

    Raises:
        UserToolError: it is not there, or ended otherwise than with a status in `fine`.
    """
    name, *rest = words
    path = _path(engine, container, name)
    if not path:
        raise UserToolError(f"the container has no {name}", hint="occ status")
    ran = engine.exec(container, (path, *rest), stdin=stdin.encode())
    if ran.status not in fine:
        hidden = (stdin.strip(), stdin.strip().partition(":")[2])
        said = redact((ran.err or ran.out).decode(errors="backslashreplace").strip(), hidden)
        last = said.splitlines()[-1] if said else f"exit status {ran.status}"
        raise UserToolError(f"{name} inside the container: {last}", hint="occ user list")
    return ran


def path_exists(engine: Engine, container: str, path: str) -> bool:
    """Whether there is such a file or folder in the container."""
    with suppress(EngineRefusedError):  # larger than what can be read: it is there
        return engine.read_file(container, path) is not None
    return True


def _path(engine: Engine, container: str, name: str) -> str:
    paths = (f"{folder}/{name}" for folder in _FOLDERS)
    return next((path for path in paths if path_exists(engine, container, path)), "")
