"""Turns as the journal knows them: which was taken, how often it was tried, and how that ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from occ.domain.schedules.due import Past

if TYPE_CHECKING:
    from occ.domain.events import Entry

EVENT: Final = "auto.tried"
UPDATED: Final = "updated"
"""How a turn ended that brought a newer image."""
UNCHANGED: Final = "already_newest"
"""How it ended where the newest image runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoTried:
    """A service had its turn, and occ tried to update it by itself."""

    turn: int
    """The time of its schedule that it was, ms since 1970."""
    ended: str
    """`updated`, the name of a reason, or the code of an error."""
    again: bool = False
    """Whether something passing kept it from its end: it is tried again in the same window."""


def past_of(newest_first: Iterable["Entry"], updates: Iterable[int] = ()) -> Past:
    """The newest turn and its tries, from the entries of one service.

    No more entries are read than those of one turn.
    """
    past = Past(updates=tuple(sorted(updates)))
    for entry in newest_first:
        event = entry.event
        if not isinstance(event, AutoTried) or (past.turn and event.turn != past.turn):
            break
        past = Past(
            turn=event.turn,
            tries=past.tries + 1,
            tried_at=past.tried_at or entry.at,
            again=past.again if past.turn else event.again,
            ended=past.ended or event.ended,
            updates=past.updates,
        )
    return past
