"""Users of a service: added, removed, locked, unlocked, and given a password."""

from functools import partial

from occ.app.change.observed import Observed
from occ.app.change.requests import Wanted
from occ.app.desk import Desk
from occ.app.options import Options
from occ.domain.request import Request
from occ.domain.values import account_name
from occ.engine.port import Engine
from occ.errors import ConfigError, NotFoundError, NotRunningError, NoUserToolError, RefusedError
from occ.operations.account_tools import (
    CHPASSWD,
    USERADD,
    USERDEL,
    USERMOD,
    missing_tools,
    path_exists,
)
from occ.operations.accounts import PASSWD
from occ.operations.kinds.user import UserPlanInput, UserWish, plan_user, users_after
from occ.operations.step_context import Passwords
from occ.operations.steps.users import accounts_of
from occ.operations.unsaved_files import read_only
from occ.settings import Service
from occ.settings.users_in_file import users_in

_NEEDED = {
    "add": (USERADD, USERDEL, CHPASSWD),
    "remove": (USERDEL,),
    "passwd": (CHPASSWD,),
    "enable": (USERMOD,),
    "disable": (USERMOD,),
}
_ROOT = "root"
_SHELLS = ("/bin/bash", "/bin/sh")


def users_service(desk: Desk, service: str | None, options: Options) -> tuple[Service, Options]:
    """The service whose user is meant.

    Raises:
        UsageMistakeError, RefusedError: no user of a service can have this name.
    """
    wish = _wish(options)
    account_name(wish.user)
    if wish.user == _ROOT:
        raise RefusedError("root is not one of a service's users", hint="occ user list")
    return desk.settings.service(service), options


def user_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """A change of one user, inside the running container.

    Raises:
        NotRunningError: the container does not run.
        NoUserToolError: its image lacks a program that this needs.
        NotFoundError, UserClashError, RefusedError: the user is not there, or there already.
    """
    wish = _wish(options)
    inside = _plan_input(desk, service, observed, wish)
    users = users_after(wish, observed.ledger.users)
    return Wanted(
        request=Request(version=observed.found.version, users=users),
        planner=partial(plan_user, wish=wish, inside=inside),
        notes=_notes(wish, inside),
        passwords=Passwords(wanted=wish.hashed),
        asks=wish.verb == "remove",
    )


def _wish(options: Options) -> UserWish:
    if not isinstance(options.wish, UserWish):
        raise TypeError("a change of users needs a UserWish")
    return options.wish


def _plan_input(desk: Desk, service: Service, observed: Observed, wish: UserWish) -> UserPlanInput:
    found, file = observed.found, desk.settings.path
    engine = desk.engine_of(service.name)
    if found.state != "running":
        state = found.state if found.container else "not there"
        state = "stopped" if found.stranded else state
        raise NotRunningError(
            f"the container of {service.name} is {state}, and users are kept inside a running one",
            hint="occ start",
        )
    record = observed.ledger.versions.get(found.version)
    if record is not None and read_only(record.version.spec):
        raise RefusedError(
            f"the root filesystem of {service.name} is read-only: no user can be written",
            hint="take ReadonlyRootfs out of the config, then: occ apply",
        )
    lacking = missing_tools(engine, found.container, _NEEDED[wish.verb])
    if lacking:
        raise NoUserToolError(
            f"the image of {service.name} has no {', no '.join(lacking)}",
            hint="use an image with Debian's passwd package, or its like (shadow)",
        )
    declared = users_in(file, service.name)
    if declared is None:
        raise ConfigError(
            f"{file}: there is no [services.{service.name}] to name the user in; write one with "
            f'image = "{service.reference}" below it'
        )
    accounts = accounts_of(engine, found.container)
    made = wish.verb == "add" and accounts.get(PASSWD, wish.user) is None
    return UserPlanInput(
        accounts=accounts,
        shell=_shell(engine, found.container, wish) if made else "",
        home_there=path_exists(engine, found.container, f"/home/{wish.user}"),
        declared=declared,
        file=str(file),
    )


def _shell(engine: Engine, container: str, wish: UserWish) -> str:
    """The shell of a user that is made."""
    if not wish.shell:
        for path in _SHELLS:
            if path_exists(engine, container, path):
                return path
        raise NotFoundError(
            f"the container has no {' and no '.join(_SHELLS)}", hint="name one: --shell PATH"
        )
    if not wish.shell.startswith("/") or not path_exists(engine, container, wish.shell):
        raise NotFoundError(
            f"the container has no shell {wish.shell}", hint="name one by its path: /bin/sh"
        )
    return wish.shell


def _notes(wish: UserWish, inside: UserPlanInput) -> tuple[str, ...]:
    line = inside.accounts.user(wish.user)
    if line is None:
        return ()
    if wish.verb == "add":
        return (f"{wish.user} is in the container already, uid {line[2]}; it stays as it is",)
    if wish.verb == "remove":
        return (f"{line[5]} and other files of {wish.user} stay, and processes that it has go on",)
    return ()
