"""Install and uninstall of the timer that starts `occ auto run`."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from occ.app.actor import login
from occ.app.boot import PROGRAM, kept_environment, places, refuse_lost_secrets, units_home
from occ.app.desk import Desk
from occ.app.knowledge.clockwork import timer_name
from occ.errors import RefusedError
from occ.operations.gate import deadline
from occ.operations.healthcheck import effective_healthcheck
from occ.settings import Service
from occ.units.port import Installed
from occ.units.timer import Timer, cron_text
from occ.units.timers import LaunchdTimers, SystemdTimers, Timers
from occ.units.unit import Scope

_PULL_MS: Final = 3_600_000
"""The most that is counted for a pull."""
_SPARE_MS: Final = 120_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """The timer of a config after an install."""

    timer: str
    """The name of its units."""
    config: str
    units: tuple[str, ...]
    """Their paths; empty for a line of cron, which occ writes nowhere."""
    text: str
    done: bool
    """False for a dry run, and for cron."""
    changed: bool
    """False where the same units were there before."""
    services: tuple[str, ...]
    """The services that update themselves."""
    reaches: str = ""
    """When it starts a run, in words; empty where nothing was installed."""
    fix: str = ""
    """The command to type where it does not run all the time; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untimed:
    """The timer of a config after an uninstall."""

    timer: str
    removed: bool
    """False where there was none."""


def timers_here(desk: Desk, wanted: Scope | None) -> Timers:
    """The program for the person typing; by default the scope is root's, or a person's.

    Raises:
        RefusedError: there is no home folder for a person's units.
    """
    scope: Scope = wanted or ("system" if os.geteuid() == 0 else "user")
    at_home, units = units_home(scope, desk.environ)
    if sys.platform == "darwin":
        return LaunchdTimers(home=at_home, uid=os.getuid())
    return SystemdTimers(scope=scope, folder=units, person=login())


def install(desk: Desk, timers: Timers, *, on_failure: str = "", dry_run: bool) -> Timed:
    """Have the timer of this config there and running.

    Raises:
        RefusedError: no service updates itself, or a unit could not read a secret of one.
        FailedError: it could not be put in place; everything is as it was.
    """
    timer, services = _timer(desk, on_failure), _services(desk)
    texts = timers.texts(timer)
    found = Installed(changed=False, reaches="") if dry_run else timers.install(timer)
    return Timed(
        timer=timer.name,
        config=timer.config,
        units=tuple(str(path) for path in texts),
        text="\n".join(f"# {path}\n{text}" for path, text in texts.items()),
        done=not dry_run,
        changed=found.changed,
        services=tuple(service.name for service in services),
        reaches=found.reaches,
        fix=found.fix,
    )


def for_cron(desk: Desk) -> Timed:
    """The line of a crontab that starts the same runs; nothing is touched.

    Raises:
        RefusedError: as for `install`.
    """
    timer = _timer(desk, "")
    return Timed(
        timer=timer.name,
        config=timer.config,
        units=(),
        text=cron_text(timer),
        done=False,
        changed=False,
        services=tuple(service.name for service in _services(desk)),
    )


def uninstall(desk: Desk, timers: Timers) -> Untimed:
    """Have no timer of this config.

    Raises:
        FailedError: it could not be removed.
    """
    name = timer_name(desk)
    return Untimed(timer=name, removed=timers.remove(name))


def _timer(desk: Desk, on_failure: str) -> Timer:
    services = _services(desk)
    for service in services:
        refuse_lost_secrets(desk, service)
    files, more = places(desk)
    return Timer(
        name=timer_name(desk),
        config=str(desk.settings.path),
        words=(*PROGRAM, "auto", "run", *more),
        environment=kept_environment(desk),
        files=files,
        run_s=run_seconds(services),
        stop_s=stop_seconds(services),
        on_failure=on_failure,
    )


def _services(desk: Desk) -> tuple[Service, ...]:
    found = tuple(one for one in desk.settings.services.values() if one.auto.enabled)
    if not found:
        name = next(iter(desk.settings.services))
        raise RefusedError(
            f"no service of {desk.settings.path} updates itself",
            hint=f"occ config set services.{name}.auto.enabled true",
        )
    return found


def run_seconds(services: Iterable[Service]) -> int:
    """How long a run may take that updates all of them and puts each one back."""
    return sum(_forward_ms(one) + _back_ms(one) for one in services) // 1000


def stop_seconds(services: Iterable[Service]) -> int:
    """How long one of them may take to be put back."""
    return max(_back_ms(one) for one in services) // 1000


def _forward_ms(service: Service) -> int:
    beside = service.snapshot_timeout_ms + 2 * _gate_ms(service) if service.rehearse else 0
    taken = service.snapshot_timeout_ms
    return _PULL_MS + beside + service.spec.stop_timeout_ms + taken + _gate_ms(service)


def _back_ms(service: Service) -> int:
    restored = service.snapshot_timeout_ms
    return service.spec.stop_timeout_ms + restored + _gate_ms(service) + _SPARE_MS


def _gate_ms(service: Service) -> int:
    return deadline(service.spec.health, effective_healthcheck(service.spec, None))
