"""systemd: units written to where it looks for them, and made known to systemctl."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from occ.errors import FailedError
from occ.units.files import held, put, take_away
from occ.units.port import Installed, Run, Start, run
from occ.units.unit import Scope, unit_name, unit_text

_SYSTEM = Path("/etc/systemd/system")


def folder_of(scope: Scope, config_home: Path) -> Path:
    """The folder of an administrator's units, or of a person's; see systemd.unit(5)."""
    return _SYSTEM if scope == "system" else config_home / "systemd" / "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Systemd:
    """Units of one scope in one folder. Its methods raise as the port says."""

    scope: Scope
    folder: Path
    person: str
    """The name of the account whose units they are."""
    run: Run = run

    def path(self, service: str) -> Path:
        """Where the service's unit stands."""
        return self.folder / unit_name(service)

    def text(self, start: Start) -> str:
        """The unit."""
        return unit_text(start, self.scope)

    def install(self, start: Start) -> Installed:
        """Have the unit there and enabled; nothing is started now."""
        path, text = self.path(start.service), self.text(start)
        before = held(path)
        put(path, text)
        try:
            self._told("daemon-reload")
            self._told("enable", path.name)
        except FailedError:
            self._back(path, before)
            raise
        return self._reaching(changed=before != text)

    def remove(self, service: str) -> bool:
        """Have no unit there; false when there was no unit."""
        path = self.path(service)
        if held(path) is None:
            return False
        self._told("disable", path.name)
        self._told("stop", path.name)  # it has no ExecStop: the container is not touched
        take_away(path)
        self._told("daemon-reload")
        return True

    def _back(self, path: Path, before: str | None) -> None:
        if before is None:
            take_away(path)
        else:
            put(path, before)
        with suppress(FailedError):  # the first failure is the one to tell
            self._told("daemon-reload")

    def _reaching(self, *, changed: bool) -> Installed:
        if self.scope == "system":
            return Installed(changed=changed, reaches="at boot and whenever the engine starts")
        if lingering(self.run, self.person):
            return Installed(changed=changed, reaches="at boot")
        return Installed(
            changed=changed,
            reaches=f"only when {self.person} logs in, because lingering is off",
            fix=f"loginctl enable-linger {self.person}",
        )

    def _told(self, *words: str) -> None:
        systemctl(self.run, self.scope, *words)


def systemctl(run: Run, scope: Scope, *words: str) -> None:
    """Have systemctl do something.

    Raises:
        FailedError: it did not; the message has its own words.
    """
    command = ("systemctl", f"--{scope}", *words)
    done = run(command)
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())
        why = f"{' '.join(command)} failed: {said or f'exit status {done.returncode}'}"
        raise FailedError(why, hint="occ install --dry-run prints the unit")


def lingering(run: Run, person: str) -> bool:
    """Whether a person's units run without a login."""
    told = run(("loginctl", "show-user", person, "--property=Linger", "--value"))
    return told.returncode == 0 and told.stdout.strip() == "yes"
