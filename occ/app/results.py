"""Plain values that the app's methods take and return; the CLI alone renders them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from occ.domain.reasons import in_the_way

if TYPE_CHECKING:
    from occ.domain.data_choice import Source
    from occ.domain.events import Kind, Verdict
    from occ.domain.operation import Operation
    from occ.domain.outages import Outage
    from occ.domain.reasons import Reason
    from occ.domain.spec import Spec
    from occ.domain.versions import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A fact of the journal against the image that an update leads to."""

    why: Literal["bad", "left"]
    """`bad`: it failed here with this config and these secrets; `left`: it was rolled back from."""
    operation: int
    """The operation that did."""
    cause: str
    """Why it failed, or the reason that was given for the rollback; empty without one."""
    says: str
    """All of it in words."""

    @property
    def reason(self) -> "Literal['known_bad', 'left_by_rollback']":
        """The reason that it is, by its name."""
        return "known_bad" if self.why == "bad" else "left_by_rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a change leads, as far as it is known before anything is pulled."""

    before: str
    """The version that the service says it is now; empty where it says nothing."""
    after: str
    """The same of the image that comes; empty where that is not known yet."""
    reference: str
    """The name that the image is asked for by."""
    digest: str
    """The image's digest at its registry; empty where none had it."""
    built_at: int
    """In ms since 1970 UTC; 0 where that is not known."""
    age_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A snapshot, a data set that was left or a kept image, and what the rules say of it."""

    what: Literal["snapshot", "data set", "image"]
    number: int
    """An image's is its version's."""
    at: int
    """When it was taken or left, or its version recorded, ms since 1970."""
    version: int
    """The version that had last run on it, or whose it is; 0 where that is not known."""
    bytes: int | None
    """The room that is freed where it goes, or that it takes where it stays. None
    where its size is not known."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The change that is about to happen, for the question before it and for `--plan`."""

    kind: "Kind"
    service: str
    titles: tuple[str, ...]
    """The steps that people see."""
    downtime: bool
    """Whether the service will be down for a while."""
    warnings: tuple[str, ...] = ()
    """Everything else that is affected."""
    before: int = 0
    """The version before; 0 without one."""
    after: int = 0
    """The version afterwards; 0 where its number is not known yet."""
    summary: str = ""
    """One sentence, for a change that is not told by its steps."""
    pending: bool = True
    """False when nothing would change."""
    declaration: str = ""
    """The text that would be written into the config."""
    difference: str = ""
    """The config against the spec that runs, as a unified diff."""
    asks: bool = False
    """The operator is asked even if the service stays up."""
    by_name: bool = False
    """The operator types the service's name, and not y: it is about the only copy of data."""
    destination: Destination | None = None
    """None where nothing comes, or nobody knows what."""
    caution: Caution | None = None
    """Set where the operator must agree to it: `--yes` alone does not."""
    reasons: "tuple[Reason, ...]" = ()
    """All soft reasons to which the operator must agree, the caution among them."""
    goes: tuple[KeptRow, ...] = ()
    """The data of another day that the rules do not keep, oldest first."""
    stays: tuple[KeptRow, ...] = ()
    """That which they keep."""
    rehearsal: tuple[str, ...] = ()
    """Sentences on how the version is tried beside the service first; none where it is not."""
    snapshot: str = ""
    """One sentence on the snapshot that is taken, and how much it adds to the outage; empty where
    none is."""
    outage: "Outage | None" = None
    """How long it will be down without that snapshot; None where the journal knows too few earlier
    replacements, or nothing that serves is replaced."""
    token: str = ""
    """The plan in one word, for `--if-plan`; empty where nothing would be done, where nobody knows
    yet which image comes, and where no plan was asked for."""

    @property
    def due(self) -> bool:
        """Whether there is something to do that needs no further word of the operator's."""
        return self.pending and not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a change ended."""

    service: str
    operation: "Operation | None" = None
    """None when nothing was written."""
    unchanged: str = ""
    """Why there was nothing to do; empty when something was done."""
    proposal: Proposal | None = None
    """Set after `--plan`."""
    warnings: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    """The addresses at which the service answers now: a URL where the health path is asked."""
    repeated: bool = False
    """The operation is of an earlier call, which had carried the same plan out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version."""

    number: int
    says: str
    """The version that the container or the image says it is."""
    reference: str
    digest: str
    """The image's digest at its registry; empty where no registry had it."""
    image: str
    """The image's id."""
    created_at: int
    """ms since 1970."""
    last_run_at: int
    """ms since 1970; 0 for never."""
    standing: "Standing"
    current: bool
    here: bool | None
    """Whether the image is on the host; None when the engine did not answer."""
    published: bool | None
    """Whether its registry has the image; None when it was not asked, or did not answer."""
    spec: "Spec"
    data_of: int = 0
    """The version that last ran on the data of now."""
    tried: "Verdict | None" = None
    """The last verdict on it with data of that version; None where it was never tried."""
    tried_at: int = 0
    """ms since 1970."""
    pruned: str = ""
    """The rule by which its image was removed; empty where it was not, or the version ran since."""
    pruned_at: int = 0
    """ms since 1970."""
    own_data: "Source | None" = None
    """The newest data of its own, which `occ rollback --data then` takes; None without any."""
    held: bool = False
    """The version is current, and an operator holds the service at its image."""
    left: int = 0
    """The operation that rolled back from its image; 0 where none did since it was current."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Whether the registry has another image than the one that runs, by digest."""

    service: str
    reference: str
    running: tuple[str, ...]
    """The digests of the image that runs; its id for an image that is never pulled."""
    published: str
    """The digest at the registry; the id on the host for an image that is never pulled."""
    available: bool
    built: str = ""
    """The folder that the image is built from; then there is no registry to ask."""
    caution: Caution | None = None
    """Why the image that is available is not taken unasked; None where nothing is against it."""
    reasons: "tuple[Reason, ...]" = ()
    """All that keep an update to it away."""

    @property
    def due(self) -> bool:
        """Whether `occ update --yes` would take the image."""
        return self.available and not in_the_way(self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """An operation after `abandon`."""

    operation: int
    left: tuple[str, ...]
    """Everything of ours that remains on the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user of the container, without the hash of a password."""

    name: str
    present: bool
    """False where the config names the user and the container has no such account."""
    declared: bool
    """Whether the config names the user."""
    uid: int = -1
    """-1 where the user is not present or has no number, as for `gid`."""
    gid: int = -1
    groups: tuple[str, ...] = ()
    """Names; the user's own group first."""
    home: str = ""
    shell: str = ""
    locked: bool = False
    """Whether the password cannot be used."""
    password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A journal whose chain holds."""

    journal: str
    """Its address."""
    entries: int
    head: str
    """The hash of the last entry."""
    noted: int | None
    """How many heads on containers were compared with it; None when no engine answered."""
    given: str = ""
    """The head that the person gave and that is in it; empty for none."""
