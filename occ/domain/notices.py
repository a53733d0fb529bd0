"""Notices: what is written down about messages to a target. They belong to no operation.

A message tells of an operation's end, or that an unfinished one needs a person. Where one stands is
told by the operation and the position of the entry that it speaks of.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Subject: TypeAlias = Literal["ended", "needs_person", "given_up"]
"""`given_up`: the one summary of messages that were."""
EVENTS: Final = (
    "notice.begun",
    "notice.delivered",
    "notice.refused",
    "notice.failed",
    "notice.given_up",
)
"""Their lasting names."""


def whose(target: str) -> str:
    """The `service` of a target's entries: no service has a name with a colon."""
    return f"notify:{target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeBegun:
    """A target is told of what comes after this position; written again as that moves on."""

    target: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDelivered:
    """A target took a message."""

    target: str
    subject: Subject
    operation: int
    position: int
    """The entry that it tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRefused:
    """A target refused a message for good; the next ones are sent all the same."""

    target: str
    subject: Subject
    operation: int
    position: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFailed:
    """A message could not be brought to a target, and will be tried again.

    Written for the first try, the tenth, and then one of a day.
    """

    target: str
    subject: Subject
    operation: int
    position: int
    tries: int
    """Which try it was, counted from 1, as far as this machine knows."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGivenUp:
    """Messages older than a week were given up; the target gets one summary in their place."""

    target: str
    position: int
    """The last entry that they told of."""
    count: int
    first: int
    """The operation of the oldest of them."""
    last: int


NoticeEvent: TypeAlias = (
    NoticeBegun | NoticeDelivered | NoticeRefused | NoticeFailed | NoticeGivenUp
)
