"""The words that a command is given: the options of every change, and the wishes of some kinds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from occ.operations.kinds.snapshot import SnapshotWish
    from occ.operations.kinds.user import UserWish


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptWish:
    """The words of adopt beside the options of all changes."""

    container: str
    """Its name or id."""
    take: bool = False
    """Also a container that another journal looks after."""
    secret: tuple[str, ...] = ()
    """Variables whose values are secrets, beside those that look like one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneWish:
    """A kept data set that is to go whatever the rules say."""

    data: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Everything that a changing command may be told."""

    reason: str = ""
    """Why, in the operator's words; it goes into the history."""
    plan: bool = False
    """Show what would be done, and touch nothing."""
    valid_ms: int = 0
    """How long the token of a plan is good; 0 for a day."""
    if_plan: str = ""
    """The token of a plan: do exactly that, or refuse; empty is no condition."""
    if_current: int = 0
    """Refuse unless this version is current; 0 is no condition."""
    image: str = ""
    """An image in place of the config's, for once."""
    to: int = 0
    """The version of a rollback; 0 is the previous one."""
    data: str = ""
    """The data of a rollback: `keep`, `then`, the number of a snapshot, `set:` and the number of a
    data set; empty for `keep`, said."""
    plain_names: bool = False
    """Data that is restored gets the plain names of its volumes, where these are free."""
    spec_now: bool = False
    """A rollback takes today's spec in place of the recorded one."""
    probe: bool = True
    """The health path is asked."""
    resume_first: bool = False
    """An unfinished operation is carried on before (`--yes`)."""
    overridden: tuple[str, ...] = ()
    """The soft reasons that keep an update not away, by name."""
    window_at: int = 0
    """The turn in which occ updates by itself, ms since 1970; 0 for a person. An update that was
    put off for long enough waits for the next turn, by the config's `after_wait`."""
    rehearse: bool | None = None
    """Whether the version is tried beside the service first; None for what the config says."""
    rehearse_only: bool = False
    """Nothing is replaced after it."""
    staged: bool = False
    """An update takes exactly the image that is staged."""
    unstage: bool = False
    """The stage is thrown away."""
    wish: "AdoptWish | PruneWish | UserWish | SnapshotWish | None" = None
    """More, for the kinds that need more words."""
