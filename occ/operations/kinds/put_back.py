"""The steps of the way back that put the data back: planned with a snapshot, before the stop.

The loop goes back over a plan from its end. Therefore they stand in it the other way round.
"""

from collections.abc import Iterator

from occ.domain.request import StepPlan
from occ.domain.step_names import START_CONTAINER
from occ.operations.plan import PlanInput
from occ.operations.steps import planned
from occ.operations.steps.make_again import MakeAgain, RemoveFormer
from occ.operations.steps.put_back import CompareData, RestoreChanged


def former(given: PlanInput) -> Iterator[StepPlan]:
    """The last one: the old container goes when the one in its place is proven."""
    if _restores(given):
        yield planned(RemoveFormer(given.found.container), back=START_CONTAINER)


def data_back(given: PlanInput) -> Iterator[StepPlan]:
    """The others, before the old one is started again."""
    taking = given.request.taking
    if taking is None or not _compares(given):
        return
    folder, number, image = taking.folder, given.ledger.data.next_number, taking.image
    restores = _restores(given)
    if restores:
        again = MakeAgain(given.found.container, given.found.version, number, image)
        yield planned(again, title="Make the old one again on it", back=START_CONTAINER)
        restore = RestoreChanged(folder, number, image)
        yield planned(restore, title="Restore what it changed", back=START_CONTAINER)
    compare = CompareData(folder, number, image, restore=restores)
    yield planned(compare, title="Compare the data with the snapshot", back=START_CONTAINER)


def _compares(given: PlanInput) -> bool:
    """Whether the replacement runs on the volumes of which the snapshot is taken.

    The first one of an adopted container runs on copies of anonymous volumes, which go again.
    """
    taking, adoption = given.request.taking, given.ledger.adoption
    copies = adoption is not None and bool(adoption.volumes)
    return taking is not None and not taking.left and not given.request.data and not copies


def _restores(given: PlanInput) -> bool:
    """Whether the old version can be made again on other volumes."""
    taking, found = given.request.taking, given.found
    wanted = taking is not None and taking.put_back == "restore"
    return wanted and _compares(given) and found.version in given.ledger.versions
