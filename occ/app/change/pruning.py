"""Retention: the rules of a service as a change has them, and the request of `occ prune`."""

from dataclasses import replace
from functools import partial

from occ.app.change.observed import Observed
from occ.app.change.requests import Wanted
from occ.app.change.taking import expected_size
from occ.app.desk import Desk
from occ.app.knowledge.retaining import keeper_of, kept_row, retain_of
from occ.app.options import Options, PruneWish
from occ.domain.kept_names import Name
from occ.domain.request import Request
from occ.domain.retention import Retention
from occ.operations.kinds.prune import plan_prune
from occ.settings import Service


def prune_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The answer of the rules, as it is then shown and carried out.

    Raises:
        FailedError: the folder of the snapshots cannot be read.
    """
    retain = retain_of(desk, service, observed.ledger, room=_room(desk, service, observed))
    keeper = keeper_of(desk, service, retain, observed.ledger)
    answer = keeper.decide(desk.clock.now(), sized=True)
    if isinstance(options.wish, PruneWish):
        answer = _chosen(answer, options.wish)
    lack = max(answer.short.values(), default=0)
    missing = f"min_free is not kept: {lack / 1e6:.1f} MB are missing, and all the rest must stay"
    return Wanted(
        request=Request(
            version=observed.found.version, probe=options.probe, called=observed.ledger.called
        ),
        planner=partial(plan_prune, retain=retain, answer=answer),
        notes=(missing,) if lack else (),
        asks=True,
        look_again="occ snapshot list",
        goes=tuple(map(kept_row, answer.gone)),
        stays=tuple(map(kept_row, answer.kept)),
    )


def _chosen(answer: Retention, wish: PruneWish) -> Retention:
    """One kept data set alone; its step looks whether it can go."""
    wanted = Name("data set", wish.data)
    found = [one for one in (*answer.gone, *answer.kept) if one.item.name == wanted]
    rest = tuple(one for one in (*answer.gone, *answer.kept) if one.item.name != wanted)
    return replace(answer, gone=tuple(replace(one, why=wish.why) for one in found), kept=rest)


def _room(desk: Desk, service: Service, observed: Observed) -> int:
    """The bytes that the next snapshot is expected to need, where `min_free` asks for them."""
    size = expected_size(desk, service, observed) if service.min_free else 0
    return size + size // 4
