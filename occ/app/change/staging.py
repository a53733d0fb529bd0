"""The request of staging: an update's, of which nothing is replaced; or the end of a stage."""

from dataclasses import replace

from occ.app.change.observed import Observed
from occ.app.change.requests import Wanted, update_request
from occ.app.desk import Desk
from occ.app.options import Options
from occ.domain.request import Request
from occ.operations.kinds.stage import plan_stage, plan_unstage
from occ.operations.plan import Unchanged
from occ.settings import Service


def stage_request(
    desk: Desk, service: Service, options: Options, observed: Observed
) -> Wanted | Unchanged:
    """The config's image, the newest there is, to be kept for later; or no longer."""
    if options.unstage:
        return _unstaged(service, observed)
    wanted = update_request(desk, service, options, observed)
    return replace(wanted, request=replace(wanted.request, staging=True), planner=plan_stage)


def _unstaged(service: Service, observed: Observed) -> Wanted | Unchanged:
    staged = observed.ledger.staged
    if staged is None:
        return Unchanged(f"nothing is staged for {service.name}")
    return Wanted(
        request=Request(staging=True, staged=staged.number),
        planner=plan_unstage,
        summary=f"version {staged.number} is not staged any more",
    )
