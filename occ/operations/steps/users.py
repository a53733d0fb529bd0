"""The step that brings the users of the config into the replacement."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from occ.domain import step_names
from occ.engine.port import Engine
from occ.engine.values import File
from occ.errors import EngineRefusedError, UserClashError
from occ.operations.accounts import FILES, Accounts, Carried, carry
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step
from occ.operations.unsaved_files import read_only

if TYPE_CHECKING:
    from occ.domain.values import Json


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
    context: StepContext, names: Iterable[str], source: str, new: Accounts, *, reset: bool
) -> Carried:
    """The new accounts with these users in them, from the source container if it is there.

    Raises:
        UserClashError: a name, uid or gid means somebody else in the new image.
    """
    old = context.find(source) if source else None
    there = accounts_of(context.engine, old.id) if old else None
    return carry(names, there, new, reset=reset)


def bring(
    context: StepContext, names: Iterable[str], source: str, target: str, *, reset: bool
) -> Carried:
    """Write these users and their missing homes into a container.

    Raises:
        UserClashError: a name, uid or gid means somebody else in its image.
        EngineRefusedError: it cannot be written into.
    """
    before = accounts_of(context.engine, target)
    brought = carried(context, names, source, before, reset=reset)
    context.engine.write_files(target, _files(context.engine, target, before, brought))
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
    for path in FILES:
        there = engine.read_file(target, path) if path in before.tables else None
        if there is not None and brought.accounts.tables[path] != before.tables[path]:
            data = brought.accounts.text(path).encode(errors="surrogateescape")
            files.append(replace(there, data=data))
    for path, uid, gid in brought.homes:
        if path not in {"", "/"} and engine.read_file(target, path) is None:
            files.append(File(path=path, mode=0o750, uid=uid, gid=gid, folder=True))
    return files


def _text(file: File) -> str:
    return file.data.decode(errors="surrogateescape")


def _advice(service: str, users: Iterable[str]) -> str:
    commands = ", ".join(f"occ user passwd {user} --service {service}" for user in users)
    return f"locked until they have a password: {commands}"
