"""The step that brings the users of the config into the replacement."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from occ.domain import step_names
from occ.engine.port import Engine
from occ.engine.values import File
from occ.errors import EngineRefusedError, UserClashError
from occ.operations.accounts import (
    FILES,
    GROUP,
    GSHADOW,
    SHADOW,
    Accounts,
    Carried,
    account_field,
    account_number,
    carry,
)
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step
from occ.operations.unsaved_files import read_only

if TYPE_CHECKING:
    from occ.domain.values import Json

_READERS = "shadow"  # the group that may read password files, in Debian and Alpine


@dataclass(frozen=True, slots=True)
class RecreateUsers(Step):
    """Have the config's users in the replacement as they were in the old container.

    It runs when the old container has stopped and the new one has not started: nothing changes
    account files meanwhile, and the service finds its users at its first instant. Passwords
    travel as hashes in memory, from one archive call to the next: never on disk, in an argument,
    in the journal or in a log. With `reset` nobody has one afterwards.
    """

    name: ClassVar[str] = step_names.RECREATE_USERS
    users: tuple[str, ...]
    source: str = ""
    reset: bool = False

    def seen(self, context: StepContext) -> Result | None:
        """Nothing to do without users; otherwise writing them again is harmless."""
        return None if self.users else {"said": "none in the config"}

    def apply(self, context: StepContext) -> Result:
        """Write the account files and the missing homes.

        Users that a read-only root filesystem does not take are said, not raised.
        """
        if not self.users:
            return {"said": "none in the config"}
        target = context.there("replacement").id
        try:
            brought = bring(context, self.users, self.source, target, reset=self.reset)
        except EngineRefusedError as error:
            # Any other refusal fails the step: the old container is the only one with the hashes.
            if not read_only(context.spec(context.operation.version)):
                raise
            return self._impossible(context.service, error.message)
        return self._result(context.service, brought.locked)

    def _result(self, service: str, locked: tuple[str, ...]) -> Result:
        said = ", ".join(self.users)
        if not locked:
            return {"said": said}
        return {"said": said, "reset": list(locked), "warning": _advice(service, locked)}

    def _impossible(self, service: str, why: str) -> Result:
        reset: list[Json] = list(self.users)
        advice = f"users could not be written ({why}). {_advice(service, self.users)}"
        return {"said": "not possible", "reset": reset, "warning": advice}


def accounts_of(engine: Engine, container: str) -> Accounts:
    """The account files of a container, running or not; folders in their places are left out."""
    files = {path: engine.read_file(container, path) for path in FILES}
    texts = {path: _text(file) for path, file in files.items() if file and not file.folder}
    return Accounts.parse(texts)


def carried(
    context: StepContext, names: Iterable[str], source: str, target: str, *, reset: bool
) -> tuple[Carried, list[File]]:
    """These users out of the source container, if it is there, and the files that bring them.

    Nothing is written: all that can be refused is refused by this, before a stop.

    Raises:
        UserClashError: a name, uid or gid means somebody else in the target's image, or an account
            file of it cannot be written.
    """
    old = context.find(source) if source else None
    there = accounts_of(context.engine, old.id) if old else None
    before = accounts_of(context.engine, target)
    brought = carry(names, there, before, reset=reset)
    return brought, _files(context.engine, target, before, brought)


def bring(
    context: StepContext, names: Iterable[str], source: str, target: str, *, reset: bool
) -> Carried:
    """Write these users and their missing homes into a container.

    Raises:
        UserClashError: as `carried`.
        EngineRefusedError: it cannot be written into.
    """
    brought, files = carried(context, names, source, target, reset=reset)
    context.engine.write_files(target, files)
    return brought


def made_anew(context: StepContext, target: str) -> str:
    """Have the service's users in a container made again; what to say of their passwords.

    The hashes went with the old container, and one that the image has for this name is not theirs:
    all are locked. A user that cannot be there is said and not raised: the service is down.
    """
    if not context.users:
        return ""
    lost = "the old container is made again, and its users have lost their passwords"
    lost = f"{lost}. {_advice(context.service, context.users)}"
    try:
        bring(context, context.users, "", target, reset=True)
    except (EngineRefusedError, UserClashError) as error:
        return f"{lost}. They could not be written: {error.message}"
    return lost


def _files(engine: Engine, target: str, before: Accounts, brought: Carried) -> list[File]:
    files: list[File] = []
    for path, lines in brought.accounts.tables.items():
        if lines != before.tables.get(path):
            data = brought.accounts.text(path).encode(errors="surrogateescape")
            files.append(replace(_place(engine, target, path, brought.accounts), data=data))
    for path, uid, gid in brought.homes:
        if path != "/" and engine.read_file(target, path) is None:
            files.append(File(path=path, mode=0o750, uid=uid, gid=gid, folder=True))
    return files


def _place(engine: Engine, target: str, path: str, accounts: Accounts) -> File:
    """Where an account file is written: through a link into that which it leads to.

    A missing file is made, readable as its name wants it.

    Raises:
        UserClashError: there is a folder, or a link to nothing: somebody may fill its place later.
    """
    there, real = engine.read_file(target, path), engine.real_path(target, path)
    if there is not None and not there.folder:
        return replace(there, path=real)
    if there is not None or real != path:
        kind = "a folder" if there else f"a link to {real}, which is not there"
        raise UserClashError(
            f"{path} is {kind} in the image: users and their passwords have no place in it",
            hint="use an image with account files; without `users` in the config their accounts "
            "and passwords go with the old container",
        )
    if path not in {SHADOW, GSHADOW}:
        return File(path=path)
    gid = account_number(account_field(accounts.get(GROUP, _READERS), 2))
    return File(path=path, mode=0o600 if gid is None else 0o640, gid=gid or 0)


def _text(file: File) -> str:
    return file.data.decode(errors="surrogateescape")


def _advice(service: str, users: Iterable[str]) -> str:
    commands = ", ".join(f"occ user passwd {user} --service {service}" for user in users)
    return f"locked until they have a password: {commands}"
