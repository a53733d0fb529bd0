"""Apply: what the config declares, with the image that is there; nothing is pulled."""

from dataclasses import replace

from occ.operations.kinds.already import already
from occ.operations.kinds.programs import accepting
from occ.operations.kinds.update import fetch, keep_current, two_stages
from occ.operations.plan import Decision, PlanInput
from occ.operations.steps import planned
from occ.operations.steps.images import PullImage


def plan_apply(given: PlanInput) -> Decision:
    """Replace the container by one of today's spec.

    The image stays the one of the current version, by its id, wherever its tag points by now. Only
    when the config names another image than that version was made from is it that one, as it is
    on the host.
    """
    if unchanged := already(given):
        return unchanged
    request, ledger = given.request, given.ledger
    if request.image:
        current = fetch(given, ledger.versions[ledger.current])
        image = replace(current, title=f"Find the image of version {ledger.current}")
    else:
        image = planned(
            PullImage(reference=request.reference, pull="never", image=request.exact),
            title="Find the image",
        )
    asked = () if request.image else accepting(given)
    return two_stages(given, (*keep_current(given), *asked, image))
