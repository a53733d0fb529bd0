"""The kinds of operation: one row of facts each, for everything that differs by the kind alone.

The fold, the runner, the planners, doctor and the command line ask here, and never for a kind by
its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never, get_args

from occ.domain.events import Kind

Works: TypeAlias = Literal["on the container", "in the journal", "aside", "at once"]
Leaves: TypeAlias = Literal["running", "stopped", "gone", "as found"]
Activates: TypeAlias = Literal["version", "users", "stage", "nothing"]
Claim: TypeAlias = Literal["data", "images"]

_ALREADY = "version {version} was current already; the change is done. To go back: occ rollback"
_STAYS_CURRENT = (
    "version {version} of {service} is current, but operation {number} could not be finished"
)
_DOWN = "The service is down from the stop of the old one until the new one answers."


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFacts:
    """The facts of one kind. Texts are for people; braces are filled in where they are said."""

    works: Works = "on the container"
    """`in the journal`: the operation records whose the container is. `aside`: it runs beside the
    service, with a lock and an unfinished state of its own; no other change waits for it. `at
    once`: its one commit is all of it; it needs no engine and no lock, and is never unfinished."""
    leaves: Leaves = "as found"
    """The state asked of the service from then on; a `gone` one is looked after no more."""
    compares: bool = False
    """The operation changes nothing where the service runs already as it was asked for."""
    heeds_cautions: bool = False
    """An image that failed here, or was rolled back from, is not taken again unasked."""
    rehearses: bool = False
    """The operation can try its version beside the service before it replaces."""
    hooks: bool = False
    """The hooks of the config run where it replaces the container."""
    may_wait: bool = False
    """The service itself may put it off."""
    leads_back: bool = False
    """The operation goes to a version that was recorded before."""
    starts_absent: bool = True
    """A service that was found without a container runs afterwards."""
    activates: Activates = "version"
    """The thing that its activation records."""
    in_place: Activates = "version"
    """The same for a plan of one stage, which replaces no container."""
    claims: frozenset[Claim] = frozenset()
    """The things that nobody else may change while it works aside, until its activation."""
    needs: frozenset[Claim] = frozenset()
    """The things that it changes; an operation that works aside and claims them is ended first."""
    asks_always: bool = False
    """The operator is asked even if the service stays up."""
    destroys: bool = False
    """Nothing brings back the data that it removes; the question says that even of a service that
    is down."""
    while_down: str = _DOWN
    """The time for which the service is down, said before the question."""
    ended: str = ""
    """The last line, `{after}` being the version; empty for a line of versions before and after."""
    tells_downtime: bool = True
    """The last line goes on with the downtime and the address."""
    unfinished: str = _STAYS_CURRENT
    """The reason why an operation is still open after its activation."""
    already: str = "what was asked for {runs} already"
    """The answer where nothing is new; `{says}` is the version that the service says it is."""
    done_already: str = _ALREADY
    """The answer of `occ abort` after the activation."""


_DATA: Final = frozenset[Claim]({"data"})
_ALL: Final = frozenset[Claim]({"data", "images"})


def _facts(kind: Kind) -> KindFacts:  # noqa: C901, PLR0911, PLR0912 - one case a kind, for the type checker
    match kind:
        case "start":
            return KindFacts(leaves="running", needs=_ALL)
        case "stop":
            return KindFacts(
                leaves="stopped",
                needs=_DATA,
                while_down="The service is down from here until its next start.",
                ended="stopped",
                tells_downtime=False,
            )
        case "restart":
            return KindFacts(
                leaves="running",
                needs=_ALL,
                while_down="The service is down until it has started again.",
            )
        case "update":
            return KindFacts(
                compares=True,
                heeds_cautions=True,
                rehearses=True,
                hooks=True,
                may_wait=True,
                needs=_ALL,
                already="already the newest: {says}",
            )
        case "apply":
            return KindFacts(compares=True, rehearses=True, hooks=True, needs=_ALL)
        case "rollback":
            return KindFacts(compares=True, hooks=True, leads_back=True, needs=_ALL)
        case "repair":
            return KindFacts(
                starts_absent=False,
                in_place="users",
                needs=_ALL,
                asks_always=True,
                ended="repaired, version {after}",
                unfinished="not everything of {service} could be mended",
                done_already="what cannot be undone was begun already; the repair is done",
            )
        case "adopt":
            return KindFacts(
                works="in the journal",
                asks_always=True,
                ended="adopted as version {after}",
                tells_downtime=False,
            )
        case "forget":
            return KindFacts(
                works="in the journal",
                leaves="gone",
                activates="nothing",
                in_place="nothing",
                asks_always=True,
                ended="forgotten; its container stays as it is",
                tells_downtime=False,
            )
        case "remove":
            return KindFacts(
                leaves="gone",
                needs=_ALL,
                asks_always=True,
                destroys=True,
                while_down=(
                    "The service and its data are gone after it, and nothing brings them back."
                ),
                ended="its containers and volumes are removed",
                tells_downtime=False,
                unfinished="not everything of {service} could be removed",
                done_already="",
            )
        case "user":
            return KindFacts(
                activates="users",
                in_place="users",
                ended="done, version {after}",
                tells_downtime=False,
                done_already=(
                    "who the users are was recorded already, and nothing leads back; "
                    "the change is done"
                ),
            )
        case "snapshot":
            return KindFacts(
                works="aside",
                activates="nothing",
                in_place="nothing",
                claims=_DATA,
                ended="done",
                tells_downtime=False,
                unfinished="the snapshot could not be seen to its end",
                done_already="it is recorded already, and was only finished",
            )
        case "prune":
            return KindFacts(
                works="aside",
                activates="nothing",
                in_place="nothing",
                claims=_ALL,
                asks_always=True,
                destroys=True,
                while_down="Nothing brings back the data that is removed.",
                ended="done",
                tells_downtime=False,
                unfinished="not all of the data that was to go could be removed",
                done_already="its first removal was begun already; the rest went too",
            )
        case "stage":
            return KindFacts(
                compares=True,
                heeds_cautions=True,
                rehearses=True,
                starts_absent=False,
                activates="stage",
                in_place="stage",
                needs=frozenset[Claim]({"images"}),
                ended="done; nothing was replaced",
                tells_downtime=False,
                already="already the newest: {says}",
                unfinished="nothing was replaced, and the stage could not be finished",
                done_already="it is recorded already; to take it back: occ update --unstage",
            )
        case "hold":
            return _at_once("no newer image is taken unasked")
        case "unhold":
            return _at_once("newer images are taken again")
        case _:
            assert_never(kind)


def _at_once(ended: str) -> KindFacts:
    return KindFacts(
        works="at once",
        activates="nothing",
        in_place="nothing",
        ended=ended,
        tells_downtime=False,
    )


KINDS: Final[Mapping[Kind, KindFacts]] = {kind: _facts(kind) for kind in get_args(Kind)}


def works_aside(kind: Kind) -> bool:
    """Whether an operation of this kind runs beside the service."""
    return KINDS[kind].works == "aside"
