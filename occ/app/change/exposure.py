"""Ports that others than this machine can reach: nobody opens one without being asked."""

from occ.domain.request import Found, Request
from occ.domain.versions import Ledger


def newly_exposed(request: Request, found: Found, ledger: Ledger) -> tuple[str, ...]:
    """The published ports that a request opens to others, and that are not open to them now."""
    target = ledger.versions.get(request.version)
    wanted = request.spec or (target.version.spec if target else None)
    there = ledger.versions.get(found.version) if found.container else None
    before = {str(port) for port in there.version.spec.ports} if there else set()
    ports = wanted.ports if wanted else ()
    return tuple(str(port) for port in ports if port.exposed and str(port) not in before)


def exposure_notes(exposed: tuple[str, ...]) -> tuple[str, ...]:
    """The note on them before anybody agrees."""
    if not exposed:
        return ()
    several = "these ports" if len(exposed) > 1 else "this port"
    return (f"others than this machine can reach {several} afterwards: {', '.join(exposed)}",)
