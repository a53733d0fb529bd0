"""A service from nothing to its first updates, those that fail among them."""

from tests.unit.app.campaign.site import PORT, Site
from tests.unit.app.campaign.weather import Fault


def nothing_is_there_yet(site: Site) -> None:
    for verb in ("stop", "restart", "apply", "rollback", "repair", "remove", "resume", "abort"):
        site.typed(verb)
    site.typed("abandon")
    site.typed("rollback", to=1)
    site.typed("start", "other")


def a_start_that_cannot_be(site: Site) -> None:
    site.typed("start", plan=True)
    site.typed("start")
    site.publish("good", "1.0")
    site.typed("start", answer=False)
    site.typed("start", if_current=1)
    site.typed("start", fault=Fault("create", "refused"))
    site.typed("start", fault=Fault("start", "refused"))
    site.engine.host.listeners.add(PORT)
    site.typed("start")
    site.engine.host.listeners.discard(PORT)


def a_first_image_that_is_sick(site: Site) -> None:
    site.publish("sick", "0.9")
    site.typed("start")
    site.publish("crash", "0.8")
    site.typed("start")
    site.publish("good", "1.0")


def the_first_start(site: Site) -> None:
    site.typed("start", plan=True)
    site.typed("start", reason="because of https://me:hunter2@host")
    site.typed("start", plan=True)
    site.typed("start")


def stopped_and_started(site: Site) -> None:
    site.typed("stop", plan=True)
    site.typed("stop", answer=False)
    site.typed("stop", fault=Fault("stop", "refused"))
    site.typed("stop", if_current=2)
    site.typed("stop", if_current=1)
    site.typed("stop")
    site.typed("stop", plan=True)
    site.typed("start", plan=True)
    site.typed("start", fault=Fault("start", "refused"))
    site.typed("start", probe=False)
    site.typed("stop")
    site.typed("start")


def restarted(site: Site) -> None:
    site.typed("restart", plan=True)
    site.typed("restart", answer=False)
    site.typed("restart", fault=Fault("stop", "refused"))
    site.typed("restart", fault=Fault("start", "refused"))
    site.typed("restart")


def an_update_that_brings_nothing(site: Site) -> None:
    site.typed("update", plan=True)
    site.typed("update")


def updates_that_fail(site: Site) -> None:
    site.publish("good", "2.0")
    site.typed("update", plan=True)
    site.typed("update", answer=False)
    site.typed("update", if_current=7)
    for mood in ("down", "unauthorized", "too_many", "cut"):
        site.engine.host.registry.mood = mood
        site.typed("update", plan=True)
        site.typed("update")
    site.engine.host.registry.mood = "open"
    for call in ("tag", "pull", "create", "set_policy", "stop", "start"):
        site.typed("update", fault=Fault(call, "refused"))
    site.typed("update", image="example.test/none:1")
    site.typed("update", image="not an image")


def an_update(site: Site) -> None:
    site.typed("update", reason="it is Tuesday", if_current=1)
    site.typed("update")


def updates_that_are_put_back(site: Site) -> None:
    for kind, version in (("sick", "3.0"), ("crash", "3.1"), ("brief", "3.2")):
        site.publish(kind, version)
        site.typed("update")
    site.typed("update", plan=True)
    site.typed("update", probe=False)
    site.publish("good", "2.0")


SCENES = (
    nothing_is_there_yet,
    a_start_that_cannot_be,
    a_first_image_that_is_sick,
    the_first_start,
    stopped_and_started,
    restarted,
    an_update_that_brings_nothing,
    updates_that_fail,
    an_update,
    updates_that_are_put_back,
)
