"""launchd: a person's agents, written to where it looks for them. Untested on a real Mac."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from occ.errors import FailedError
from occ.units.files import held, put, take_away
from occ.units.plist import label, plist_text
from occ.units.port import Installed, Run, Start, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Launchd:
    """The agents of one person. Its methods raise as the port says."""

    home: Path
    uid: int
    """The number of the person's account."""
    run: Run = run

    def path(self, service: str) -> Path:
        """Where the service's agent stands."""
        return self.home / "Library" / "LaunchAgents" / f"{label(service)}.plist"

    def text(self, start: Start) -> str:
        """The agent."""
        return plist_text(start, self.home / "Library" / "Logs")

    def install(self, start: Start) -> Installed:
        """Have the agent there; launchd reads it at the next login."""
        path, text = self.path(start.service), self.text(start)
        before = held(path)
        put(path, text)
        return Installed(changed=before != text, reaches="when you log in")

    def remove(self, service: str) -> bool:
        """Have no agent there; false when there was no agent."""
        return unloaded(self.path(service), label(service), self.uid, self.run)


def unloaded(path: Path, name: str, uid: int, run: Run) -> bool:
    """Have no agent there, loaded or not; false when there was no agent."""
    if held(path) is None:
        return False
    with suppress(FailedError):  # an agent that was never loaded cannot be unloaded
        run(("launchctl", "bootout", f"gui/{uid}/{name}"))
    take_away(path)
    return True
