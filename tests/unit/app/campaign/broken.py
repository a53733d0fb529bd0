"""Operations that are broken off, by the operator or the engine, then resumed or aborted."""

from tests.unit.app.campaign.site import Site
from tests.unit.app.campaign.weather import Fault

ACTIVATED = Fault("rename", "dies before")


def _next(site: Site, version: str) -> None:
    site.publish("good", version)


def it_is_there(site: Site) -> None:
    _next(site, "1.0")
    site.typed("start")


def the_operator_asks_for_an_end(site: Site) -> None:
    _next(site, "1.1")
    for call, at in (("pull", 1), ("create", 1), ("stop", 1), ("start", 1), ("probe", 2)):
        site.typed("update", fault=Fault(call, "asked", at=at))
    site.typed("restart", fault=Fault("stop", "asked"))
    site.typed("restart", fault=Fault("probe", "asked", at=2))
    site.typed("update", fault=Fault("rename", "asked"))
    site.typed("rollback", fault=Fault("append", "asked", at=3))
    site.typed("stop", fault=Fault("open_operation", "asked"))


def the_engine_loses_an_answer(site: Site) -> None:
    _next(site, "1.2")
    for call in ("info", "pull", "create", "stop", "start", "rename", "remove"):
        site.typed("update", fault=Fault(call, "lost"))
        site.typed("rollback")


def the_engine_goes_before_anything_is_written(site: Site) -> None:
    _next(site, "1.3")
    site.typed("update", fault=Fault("info", "gone"))
    site.typed("update", fault=Fault("pull", "gone"))
    site.typed("resume", fault=Fault("info", "gone"))
    site.typed("resume")


def the_engine_goes_and_it_is_resumed(site: Site) -> None:
    for version, call in (("2.0", "create"), ("2.1", "stop"), ("2.2", "start"), ("2.3", "rename")):
        _next(site, version)
        site.typed("update", fault=Fault(call, "gone"))
        site.typed("update")
        site.typed("stop", plan=True)
        site.typed("resume")


def the_engine_goes_and_it_is_aborted(site: Site) -> None:
    for version, call in (("3.0", "create"), ("3.1", "stop"), ("3.2", "start"), ("3.3", "rename")):
        _next(site, version)
        site.typed("update", fault=Fault(call, "gone"))
        site.typed("abort", answer=False)
        if call != "rename":
            site.typed("abort", fault=Fault("info", "gone"))
            site.typed("abort")


def the_way_back_is_broken_off_too(site: Site) -> None:
    site.publish("sick", "4.0")
    site.typed("update", fault=Fault("start", "refused", at=2))
    site.typed("resume")
    site.publish("sick", "4.1")
    site.typed("update", fault=Fault("start", "gone", at=2))
    site.typed("resume", fault=Fault("remove", "dies after"))
    site.typed("abort")
    site.publish("sick", "4.2")
    site.typed("update", fault=Fault("remove", "refused"))
    site.typed("resume")


def after_the_activation_everything_leads_on(site: Site) -> None:
    _next(site, "5.0")
    site.typed("update", fault=Fault("rename", "refused"))
    site.typed("start")
    site.typed("resume")
    _next(site, "5.1")
    site.typed("update", fault=Fault("remove", "refused"))
    site.typed("abort")
    _next(site, "5.2")
    site.typed("update", fault=ACTIVATED)
    site.typed("abort")


SCENES = (
    it_is_there,
    the_operator_asks_for_an_end,
    the_engine_loses_an_answer,
    the_engine_goes_before_anything_is_written,
    the_engine_goes_and_it_is_resumed,
    the_engine_goes_and_it_is_aborted,
    the_way_back_is_broken_off_too,
    after_the_activation_everything_leads_on,
)
