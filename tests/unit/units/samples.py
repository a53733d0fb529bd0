"""A service that is started at boot."""

from subprocess import CompletedProcess

from occ.units.port import Start

START = Start(
    service="web",
    occ=("/opt/occ/bin/python", "-P", "-m", "occ"),
    more=("--service", "web", "--journal", "/var/lib/occ/journal.db"),
    environment={"HOME": "/root", "DOCKER_HOST": "unix:///run/docker.sock"},
    files=("/var/lib/occ/journal.db",),
)


def ran(status: int = 0, *, out: str = "", err: str = "") -> CompletedProcess[str]:
    """A program that has ended."""
    return CompletedProcess((), status, out, err)
