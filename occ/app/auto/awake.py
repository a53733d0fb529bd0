"""The machine kept awake while a service may be down, and no longer."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from occ.app.operator import Operator
from occ.domain.events import Event
from occ.domain.operation import Operation

Release = Callable[[], None]


@dataclass(slots=True)
class Awake:
    """Holds a sleep inhibitor from the stop of the old container to the activation of the new one.

    On the way back it is held until the old one runs again.
    """

    inhibit: Callable[[], Release]
    """Takes the inhibitor, and gives the way to let go of it."""
    _release: Release | None = field(default=None, init=False)

    def during(self, operator: Operator) -> Operator:
        """The operator, with an ear for when the service goes down and when it is up again."""

        def listen(operation: Operation, event: Event) -> None:
            if operation.ending is None and operation.disrupted:
                self._hold()
            else:
                self.release()
            operator.listen(operation, event)

        return replace(operator, listen=listen)

    def release(self) -> None:
        """Let the machine sleep."""
        held, self._release = self._release, None
        if held is not None:
            held()

    def _hold(self) -> None:
        if self._release is None:
            with suppress(OSError):  # the update goes on without it
                self._release = self.inhibit()
