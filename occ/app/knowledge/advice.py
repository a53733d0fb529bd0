"""The command for each state of a service: status, doctor and every answer advise the same."""

from typing import Final

from occ.domain.operation import Operation

_STARTED: Final = frozenset({"container_missing", "container_stopped", "network_gone"})


def advice(state: str, service: str) -> str:
    """The command for a state, by its code among the findings of doctor.

    A service that is down is started: that makes its container again where it has none, or none
    that can be started. A service that runs and does not answer is restarted; repair does the rest.
    """
    verb = "start" if state in _STARTED else "restart" if state == "unhealthy" else "repair"
    return f"occ {verb} --service {service}"


def ways_out(operation: Operation) -> str:
    """The commands that lead out of an operation that nobody drives."""
    ways = operation.ways.split(", or ")
    return ", or ".join(f"{way} --service {operation.service}" for way in ways)
