"""Images that only the pull or the build has shown, refused before anything is stopped."""

from occ.domain.kinds import KINDS
from occ.domain.request import Version
from occ.domain.step_results import FetchedImage
from occ.errors import CautionError
from occ.operations.plan import PlanInput


def refuse_other(given: PlanInput, version: Version, fetched: FetchedImage) -> None:
    """Refuse an image that came in place of the one that was agreed to, where it is to be that one.

    Raises:
        CautionError: its name means another image by now.
    """
    only = given.request.only
    same = only == version.image or any(one.endswith(f"@{only}") for one in fetched.digests)
    if only and not same:
        raise CautionError(
            f"{given.request.reference} means another image by now, and newer ones are kept away "
            f"from {given.service}",
            hint="occ why",
        )


def refuse_caution(given: PlanInput, version: Version) -> None:
    """Refuse an image that only the pull or the build has shown: nobody was asked about it.

    Raises:
        CautionError: the journal knows something against it.
    """
    request = given.request
    if not KINDS[given.kind].heeds_cautions:
        return
    known = given.ledger.cautions.against(
        version.image, version.spec.digest(), request.fingerprints, given.ledger.current
    )
    if known is None or known.reason in request.overrides:
        return
    retry, override = "occ update --retry", "occ update --override left_by_rollback"
    way = retry if known.why == "bad" else override
    did = "failed here" if known.why == "bad" else "was rolled back from"
    raise CautionError(
        f"the image that {request.reference} means {did} in operation {known.operation}",
        hint=f"occ show {known.operation}; to take it all the same: {way}",
    )
