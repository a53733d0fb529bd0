"""Death at every append to the journal, before it and after it, and each way out of it.

The journal is the one in memory here, whose chain is the same: there are hundreds of deaths.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from occ.domain.spec import Spec
from occ.operations.kinds.user import UserWish
from tests.unit.app.campaign.place import somewhere
from tests.unit.app.campaign.site import IMAGE, Site, table
from tests.unit.app.campaign.weather import Fault, How

Play = Callable[[Site, Fault | None], None]
Way: TypeAlias = tuple[str, How]
FULL: tuple[Way, ...] = (("resume", "dies before"), ("abort", "dies after"))
_MOST = 60


def _installed(site: Site) -> None:
    site.publish("good", "1.0")
    site.typed("start")


def update(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.publish("good", "2.0")
    site.typed("update", fault=fault)


def update_that_fails(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.publish("sick", "2.0")
    site.typed("update", fault=fault)


def update_with_users(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.user(UserWish(verb="add", user="bob"))
    site.publish("good", "2.0")
    site.typed("update", fault=fault)


def update_of_a_stopped_one(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.typed("stop")
    site.publish("good", "2.0")
    site.typed("update", fault=fault)


def apply(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.configure(table(more='env = { MODE = "b" }\n', volumes=', "extra:/extra"'))
    site.typed("apply", fault=fault)


def rollback(site: Site, fault: Fault | None) -> None:
    update(site, None)
    site.typed("rollback", fault=fault)


def start(site: Site, fault: Fault | None) -> None:
    site.publish("good", "1.0")
    site.typed("start", fault=fault)


def restart(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.typed("restart", fault=fault)


def stop(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.typed("stop", fault=fault)


def adopt(site: Site, fault: Fault | None) -> None:
    site.publish("good", "1.0")
    secret = Spec(env={"DB_PASSWORD": "hunter2hunter2"}, restart="always")
    site.made("mine", {}, secret, IMAGE)
    site.adopt("mine", service="web2", fault=fault)


def repair_of_one_that_is_missing(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.engine.stop("web", 1_000)
    site.engine.remove("web")
    site.typed("repair", fault=fault)


def repair_in_place(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.publish("good", "2.0")
    site.typed("update", fault=Fault("stop", "dies before"))
    site.typed("abandon")
    site.engine.rename("web", "somebody")
    site.typed("repair", fault=fault)


def user_added(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.user(UserWish(verb="add", user="bob", groups=("shadow",)), fault=fault)


def user_removed(site: Site, fault: Fault | None) -> None:
    user_added(site, None)
    site.user(UserWish(verb="remove", user="bob"), fault=fault)


def remove(site: Site, fault: Fault | None) -> None:
    _installed(site)
    site.typed("remove", fault=fault)


FULLY: Mapping[Play, str] = {
    update: "web",
    update_that_fails: "web",
    rollback: "web",
    adopt: "web2",
    repair_of_one_that_is_missing: "web",
    repair_in_place: "web",
    user_added: "web",
    user_removed: "web",
    remove: "web",
}
"""What is broken off, resumed and aborted, each with the service that it is of."""

LIGHTLY = (start, stop, restart, update_with_users, update_of_a_stopped_one, apply)
"""What is broken off and resumed only."""


def deaths() -> Mapping[str, Callable[[], Iterator[str]]]:
    """What is played, by its name: one line a death and a way out."""
    fully = {_name(play): partial(_lines, play, name, FULL) for play, name in FULLY.items()}
    return fully | {_name(play): partial(_lines, play, "web", FULL[:1]) for play in LIGHTLY}


def _name(play: Play) -> str:
    return play.__name__.replace("_", " ")


def _lines(play: Play, service: str, ways: Sequence[Way]) -> Iterator[str]:
    for way, how in ways:
        yield f"\n## {how} an append, then {way}"
        for fault in _faults(how):
            with somewhere():
                said = _tried(play, fault, way, service)
            if said is None:
                break
            yield said


def _faults(how: How) -> Iterator[Fault]:
    yield Fault("open_operation", "dies after")
    for at in range(1, _MOST):
        yield Fault("append", how, at=at)


def _tried(play: Play, fault: Fault, way: str, service: str) -> str | None:
    """What came of it; None where no death came, for there was no such append."""
    site = Site(memory=True)
    play(site, fault)
    if not site.weather.given:
        return None
    before = len(site.lines)
    site.typed(way, service)
    said = "; ".join(line.strip() for line in site.lines[before + 1 :])
    return f"= {fault}, {way}: {site.head()} | {site.host()} | {said}"
