"""Operations that death left unfinished, and what is typed then."""

from tests.unit.app.campaign.site import Site, table
from tests.unit.app.campaign.weather import Fault

STOPPED = Fault("stop", "dies after")


def _next(site: Site, version: str) -> None:
    site.publish("good", version)


def it_is_there(site: Site) -> None:
    _next(site, "1.0")
    site.typed("start")


def abandoned(site: Site) -> None:
    _next(site, "6.0")
    site.typed("update", fault=STOPPED)
    site.typed("abandon", answer=False)
    site.typed("abandon", fault=Fault("containers", "gone"))
    site.typed("start")
    _next(site, "6.1")
    site.typed("update", fault=Fault("start", "dies after"))
    site.typed("abandon")
    site.typed("repair", plan=True)
    site.typed("repair")


def resumed_first(site: Site) -> None:
    _next(site, "7.0")
    site.typed("update", fault=STOPPED)
    site.typed("stop", plan=True, resume_first=True)
    site.typed("stop", resume_first=True, fault=Fault("info", "gone"))
    site.typed("stop", resume_first=True)
    site.typed("start")
    site.publish("sick", "7.1")
    site.typed("update", fault=STOPPED)
    site.typed("restart", resume_first=True)
    _next(site, "7.2")
    site.typed("update", fault=STOPPED)
    site.typed("rollback", resume_first=True, answer=False)
    site.typed("rollback", resume_first=True, if_current=1)
    site.typed("rollback")


def the_engine_restarts_meanwhile(site: Site) -> None:
    for version, verb in (("8.0", "resume"), ("8.1", "abort"), ("8.2", "start")):
        _next(site, version)
        site.typed("update", fault=STOPPED)
        site.engine.restart("killed")
        site.typed(verb, resume_first=True)
    site.typed("stop", fault=STOPPED)
    site.engine.restart("terminated")
    site.typed("resume")
    site.typed("start")


def everything_is_gone_meanwhile(site: Site) -> None:
    _next(site, "9.0")
    site.typed("update", fault=STOPPED)
    for what in ("containers", "all images"):
        site.engine.host.prune(what)
    site.engine.host.registry.mood = "down"
    site.typed("abort")
    site.typed("resume")
    site.typed("update", resume_first=True)
    site.engine.host.registry.mood = "open"
    site.typed("resume")
    site.typed("abort")
    site.typed("abandon")
    site.typed("repair")


def its_table_is_gone_from_the_config(site: Site) -> None:
    for version, verb in (("10.0", "resume"), ("10.1", "abort"), ("10.2", "abandon")):
        _next(site, version)
        site.typed("update", fault=STOPPED)
        site.configure(table("renamed"))
        site.typed("update")
        site.typed(verb)
        site.configure(table())
        site.typed("repair")


SCENES = (
    it_is_there,
    abandoned,
    resumed_first,
    the_engine_restarts_meanwhile,
    everything_is_gone_meanwhile,
    its_table_is_gone_from_the_config,
)
