"""Install and uninstall of the unit that starts a service at boot, and resumes it before."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from occ.app.actor import login
from occ.app.desk import Desk
from occ.domain.secrets.secrecy import clean
from occ.errors import RefusedError
from occ.settings import Service
from occ.settings.folders import home
from occ.settings.secret_values.lookup import ENVIRONMENT, locate
from occ.settings.secret_values.stores import stores_of
from occ.units.port import Boot, Installed, Start
from occ.units.unit import Scope

# They decide which engine, config and journal an occ finds; a unit has none of a login's own.
_KEPT: Final = (
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_TLS_VERIFY",
    "DOCKER_CERT_PATH",
)


PROGRAM: Final = (sys.executable, "-P", "-m", "occ")
"""The words with which a unit calls occ. `-P` keeps a folder that happens to be called occ from
being taken for the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """A service's unit after an install."""

    service: str
    unit: str
    """Its path."""
    text: str
    done: bool
    """False for a dry run."""
    changed: bool
    """False when the same unit was there before."""
    reaches: str = ""
    """When it acts, in words; empty for a dry run."""
    fix: str = ""
    """The command to type when it does not act at boot; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbooted:
    """A service's unit after an uninstall."""

    service: str
    unit: str
    """Its path."""
    removed: bool
    """False where there was no unit."""


def boot_of(scope: Scope, environ: Mapping[str, str], person: str) -> Boot:
    """The program that starts services at boot on this machine.

    Raises:
        RefusedError: there is no home folder for a person's units.
    """
    at_home, units = units_home(scope, environ)
    if sys.platform == "darwin":
        from occ.units.launchd import Launchd  # noqa: PLC0415 - the other platform's

        return Launchd(home=at_home, uid=os.getuid())
    from occ.units.systemd import Systemd  # noqa: PLC0415 - as above

    return Systemd(scope=scope, folder=units, person=person)


def units_home(scope: Scope, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """The home folder of the person typing, and the folder of systemd's units of a scope.

    Raises:
        RefusedError: there is no home folder for a person's units.
    """
    from occ.units.systemd import folder_of  # noqa: PLC0415 - for Linux only

    at_home = home(environ)
    if not at_home and (scope == "user" or sys.platform == "darwin"):
        raise RefusedError(
            "there is no home folder for units: HOME is not set",
            hint="export HOME=/home/NAME, or as root: occ install --system",
        )
    chosen = environ.get("XDG_CONFIG_HOME", "")
    config_home = Path(chosen) if chosen.startswith("/") else Path(at_home) / ".config"
    return Path(at_home), folder_of(scope, config_home)


def boot_here(desk: Desk, wanted: Scope | None) -> Boot:
    """The program for the person typing; by default the scope is root's, or a person's."""
    return boot_of(wanted or ("system" if os.geteuid() == 0 else "user"), desk.environ, login())


def install(desk: Desk, service: Service, boot: Boot, *, dry_run: bool) -> Booted:
    """Have the service started at boot.

    Raises:
        RefusedError: a unit could not start it: a secret of it comes from this session alone.
        FailedError: the unit could not be put in place; everything is as it was.
    """
    refuse_lost_secrets(desk, service)
    start = start_of(desk, service)
    text = boot.text(start)
    found = Installed(changed=False, reaches="") if dry_run else boot.install(start)
    return Booted(
        service=service.name,
        unit=str(boot.path(service.name)),
        text=text,
        done=not dry_run,
        changed=found.changed,
        reaches=found.reaches,
        fix=found.fix,
    )


def uninstall(service: str, boot: Boot) -> Unbooted:
    """Have no unit of the service; its container stays as it is.

    Raises:
        FailedError: it could not be removed.
    """
    removed = boot.remove(service)
    return Unbooted(service=service, unit=str(boot.path(service)), removed=removed)


def start_of(desk: Desk, service: Service) -> Start:
    """How the service is started without a login: everything found now is named.

    Raises:
        RefusedError: the journal's address has a password in it, and anybody may read units.
    """
    files, more = places(desk)
    return Start(
        service=service.name,
        occ=PROGRAM,
        more=("--service", service.name, *more),
        environment=kept_environment(desk),
        files=files,
    )


def places(desk: Desk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files that an occ without a login must find, and the options that name them.

    Raises:
        RefusedError: the journal's address has a password in it, and anybody may read units.
    """
    settings = desk.settings
    if clean(settings.journal) != settings.journal:
        raise RefusedError(
            "the journal's address has a password in it, and everybody may read a unit",
            hint="write journal = ... into the config, whose mode is 0600, without a password",
        )
    config = (str(settings.path),) if settings.exists else ()
    named = ("--config", *config) if config else ()
    files = (*config, *map(str, desk.journal.files()[:1]))
    return files, (*named, "--journal", settings.journal)


def kept_environment(desk: Desk) -> Mapping[str, str]:
    """The variables that a unit needs of those found now."""
    return {name: desk.environ[name] for name in _KEPT if desk.environ.get(name)}


def refuse_lost_secrets(desk: Desk, service: Service) -> None:
    """Refuse a unit for a service whose secrets it could not read.

    Raises:
        RefusedError: a secret comes from this session alone, or from a locked keyring.
    """
    names = service.spec.secrets
    if not names:
        return
    if desk.settings.secrets_store == "keyring":
        raise RefusedError(
            f"the secrets of {service.name} are in the keyring, which is locked until somebody "
            "logs in, and a unit starts before",
            hint=f"occ config set secrets.store file, then: occ secret set {names[0]} "
            f"--service {service.name}",
        )
    found = locate(names, stores_of(desk.settings, service), desk.environ)
    lost = [name for name, located in found.items() if located.source == ENVIRONMENT]
    if lost:
        raise RefusedError(
            f"{', '.join(lost)} of {service.name} comes from this session's environment, which a "
            "unit does not have",
            hint=f"occ secret set {lost[0]} --service {service.name}",
        )
