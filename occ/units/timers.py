"""The timer of a config put in place and taken away: systemd's two units, or launchd's agent."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from occ.errors import FailedError
from occ.units.files import held, put, take_away
from occ.units.launchd import unloaded
from occ.units.port import Installed, Run, run
from occ.units.systemd import lingering, systemctl
from occ.units.timer import Timer, agent_text, service_text, timer_text, unit_names
from occ.units.unit import Scope


class Timers(Protocol):
    """The program that starts runs at their times."""

    def texts(self, timer: Timer) -> Mapping[Path, str]:
        """The files of a timer, by their places.

        Raises:
            UsageMistakeError: something in them cannot be written so.
        """
        ...

    def install(self, timer: Timer) -> Installed:
        """Have the timer there and running; no run is begun now.

        Raises:
            FailedError: it could not be installed; everything is as it was.
        """
        ...

    def remove(self, name: str) -> bool:
        """Have no such timer; false when there was none. A run that is under way goes on.

        Raises:
            FailedError: it could not be removed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemdTimers:
    """Timers of one scope in one folder. Its methods raise as the protocol says."""

    scope: Scope
    folder: Path
    person: str
    """The name of the account whose units they are."""
    run: Run = run

    def texts(self, timer: Timer) -> Mapping[Path, str]:
        """Both units."""
        service, clock = unit_names(timer.name)
        found = {service: service_text(timer), clock: timer_text(timer)}
        return {self.folder / name: text for name, text in found.items()}

    def install(self, timer: Timer) -> Installed:
        """Have both units there, and the timer enabled and started."""
        texts, (_, clock) = self.texts(timer), unit_names(timer.name)
        before = {path: held(path) for path in texts}
        try:
            for path, text in texts.items():
                put(path, text)
            self._told("daemon-reload")
            self._told("enable", clock)
            self._told("restart", clock)  # so that new words of it count now
        except FailedError:
            self._back(before)
            raise
        changed = any(before[path] != text for path, text in texts.items())
        every = "every 10 minutes"
        if self.scope == "system" or lingering(self.run, self.person):
            return Installed(changed=changed, reaches=every)
        return Installed(
            changed=changed,
            reaches=f"{every} while {self.person} is logged in, because lingering is off",
            fix=f"loginctl enable-linger {self.person}",
        )

    def remove(self, name: str) -> bool:
        """Have neither unit."""
        service, clock = unit_names(name)
        if held(self.folder / clock) is None and held(self.folder / service) is None:
            return False
        self._told("disable", "--now", clock)
        for unit in (clock, service):
            take_away(self.folder / unit)
        self._told("daemon-reload")
        return True

    def _back(self, before: Mapping[Path, str | None]) -> None:
        for path, text in before.items():
            if text is None:
                take_away(path)
            else:
                put(path, text)
        with suppress(FailedError):  # the first failure is the one to tell
            self._told("daemon-reload")

    def _told(self, *words: str) -> None:
        systemctl(self.run, self.scope, *words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchdTimers:
    """Agents of one person that start runs. Untested on a real Mac."""

    home: Path
    uid: int
    """The number of the person's account."""
    run: Run = run

    def texts(self, timer: Timer) -> Mapping[Path, str]:
        """The agent."""
        return {self._path(timer.name): agent_text(timer, self.home / "Library" / "Logs")}

    def install(self, timer: Timer) -> Installed:
        """Have the agent there; launchd reads it at the next login."""
        ((path, text),) = self.texts(timer).items()
        before = held(path)
        put(path, text)
        return Installed(changed=before != text, reaches="every 10 minutes from the next login on")

    def remove(self, name: str) -> bool:
        """Have no agent there."""
        return unloaded(self._path(name), name, self.uid, self.run)

    def _path(self, name: str) -> Path:
        return self.home / "Library" / "LaunchAgents" / f"{name}.plist"
