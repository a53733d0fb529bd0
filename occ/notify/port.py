"""The port to a target of messages."""

from dataclasses import dataclass
from typing import Literal, Protocol

from occ.domain.messages import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """How a try ended. `why` is for people, and holds nothing of the address."""

    how: Literal["delivered", "failed", "refused"]
    """`refused`: the same message will never be taken. `failed`: a later try may go through."""
    why: str = ""


class Sender(Protocol):
    """A way to one target."""

    def send(self, message: Message, timeout_ms: int) -> Answer:
        """Try once, for at most about so long. Whatever goes wrong is an answer, and no error."""


DELIVERED = Answer("delivered")
