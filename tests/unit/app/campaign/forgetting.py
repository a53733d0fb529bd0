"""Forget, in a journal of its own: what it asks and says may change alone."""

from occ.domain.spec import Spec
from tests.unit.app.campaign.site import IMAGE, Site
from tests.unit.app.campaign.weather import Fault


def nothing_to_forget(site: Site) -> None:
    site.typed("forget")
    site.typed("forget", "other")


def forgotten(site: Site) -> None:
    site.publish("good", "1.0")
    site.typed("start")
    site.typed("forget", plan=True)
    site.typed("forget", answer=False)
    site.typed("forget", if_current=2)
    site.typed("forget", fault=Fault("open_operation", "full"))
    site.typed("forget", fault=Fault("containers", "gone"))
    site.typed("forget", reason="it is bob's now")
    site.typed("forget")
    site.typed("forget", plan=True)


def what_can_be_done_then(site: Site) -> None:
    for verb in ("stop", "update", "rollback", "repair", "remove", "start"):
        site.typed(verb)


def adopted_again(site: Site) -> None:
    site.adopt("web")
    site.typed("restart")
    site.publish("good", "2.0")
    site.typed("update")


def while_one_is_unfinished(site: Site) -> None:
    site.publish("good", "3.0")
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("forget")
    site.adopt("web")
    site.typed("forget", resume_first=True, if_current=1)
    site.publish("good", "3.1")
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("forget", resume_first=True, answer=False)
    site.typed("forget", resume_first=True)


def one_that_was_adopted(site: Site) -> None:
    site.made("theirs", {}, Spec(restart="no"), IMAGE)
    site.adopt("theirs")
    site.typed("forget", "theirs", plan=True)
    site.typed("forget", "theirs")
    site.adopt("theirs")
    site.typed("stop", "theirs")
    site.typed("forget", "theirs")


def with_nothing_and_with_leftovers(site: Site) -> None:
    site.adopt("web")
    site.publish("good", "4.0")
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("abandon")
    site.typed("forget", plan=True)
    site.engine.host.prune("containers")
    site.typed("forget", plan=True)
    site.typed("forget")
    site.typed("start")


SCENES = (
    nothing_to_forget,
    forgotten,
    what_can_be_done_then,
    adopted_again,
    while_one_is_unfinished,
    one_that_was_adopted,
    with_nothing_and_with_leftovers,
)
