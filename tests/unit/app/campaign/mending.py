"""What repair finds, what it asks, and what it does; with `--plan`, declined, failing and done."""

from tests.unit.app.campaign.site import IMAGE, WEB, Site, table
from tests.unit.app.campaign.weather import Fault

VERSION, OPERATION, SPEC = "occ.version", "occ.operation", "occ.spec"


def _every_way(site: Site, *faults: Fault) -> None:
    site.typed("repair", plan=True)
    site.typed("repair", answer=False)
    for fault in faults:
        site.typed("repair", fault=fault)
        site.typed("abort")
    site.typed("repair")


def nothing_is_wrong(site: Site) -> None:
    for version in ("1.0", "2.0"):
        site.publish("good", version)
        site.typed("start" if version == "1.0" else "update")
    site.typed("repair", plan=True)
    site.typed("repair")
    site.typed("repair", if_current=1)


def another_policy(site: Site) -> None:
    site.there().policy = "no"
    _every_way(site, Fault("set_policy", "refused"))


def another_name(site: Site) -> None:
    site.engine.rename(WEB, "somebody")
    _every_way(site, Fault("rename", "refused"))


def a_keep_tag_is_missing(site: Site) -> None:
    site.engine.host.images.delete("occ.local/01234567/web:v1", ())
    site.engine.host.images.delete("occ.local/01234567/web:v2", (site.there().image.id,))
    _every_way(site, Fault("tag", "refused"))


def an_image_is_at_its_registry_alone(site: Site) -> None:
    site.engine.host.prune("all images")
    _every_way(site, Fault("pull", "refused"))


def two_are_left_over(site: Site) -> None:
    for version in ("3.0", "4.0"):
        site.publish("good", version)
        site.typed("update", fault=Fault("stop", "dies before"))
        site.typed("abandon")
    site.typed("repair", plan=True)
    site.typed("repair", fault=Fault("remove", "refused", at=2))
    site.typed("abort")
    site.typed("repair")


def it_is_stopped_and_nobody_asked(site: Site) -> None:
    site.engine.stop(WEB, 1_000)
    site.typed("stop", plan=True)
    _every_way(site, Fault("start", "refused"))


def the_engine_left_it_down(site: Site) -> None:
    site.there().policy = "no"
    site.engine.restart("killed")
    site.typed("update", plan=True)
    _every_way(site)


def it_is_missing(site: Site) -> None:
    site.engine.stop(WEB, 1_000)
    site.engine.remove(WEB)
    _every_way(site, Fault("create", "refused"), Fault("start", "refused"))
    site.engine.stop(WEB, 1_000)
    site.engine.remove(WEB)
    site.typed("start", plan=True)
    site.typed("start")


def it_is_missing_and_was_stopped(site: Site) -> None:
    site.typed("stop")
    site.engine.remove(WEB)
    _every_way(site)
    site.typed("start")


def it_was_made_from_another_spec(site: Site) -> None:
    there = site.there()
    there.labels = {**there.labels, SPEC: "another"}
    _every_way(site, Fault("create", "refused"))


def it_is_another_version(site: Site) -> None:
    there = site.there()
    there.labels = {**there.labels, VERSION: "1"}
    _every_way(site, Fault("stop", "refused"))


def a_second_one_runs(site: Site) -> None:
    second = site.there(site.engine.run_foreign("second", IMAGE))
    second.labels = {**site.there().labels, OPERATION: "0"}
    _every_way(site, Fault("stop", "refused"))


def a_second_one_runs_and_the_first_is_different(site: Site) -> None:
    there = site.there()
    second = site.there(site.engine.run_foreign("second", IMAGE))
    second.labels = {**there.labels, OPERATION: "0"}
    there.labels = {**there.labels, SPEC: "another"}
    _every_way(site, Fault("create", "refused"), Fault("start", "refused"))


def all_at_once(site: Site) -> None:
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("abandon")
    site.engine.rename(WEB, "somebody")
    site.engine.host.prune("images")
    site.configure(table(more='env = { MODE = "b" }\n'))
    _every_way(site)
    site.configure(table())


def somebody_elses_container_has_its_name(site: Site) -> None:
    site.typed("stop")
    site.engine.rename(WEB, "hidden")
    site.engine.run_foreign(WEB, IMAGE)
    for verb in ("repair", "start", "update"):
        site.typed(verb)


SCENES = (
    nothing_is_wrong,
    another_policy,
    another_name,
    a_keep_tag_is_missing,
    an_image_is_at_its_registry_alone,
    two_are_left_over,
    it_is_stopped_and_nobody_asked,
    the_engine_left_it_down,
    it_is_missing,
    it_is_missing_and_was_stopped,
    it_was_made_from_another_spec,
    it_is_another_version,
    a_second_one_runs,
    a_second_one_runs_and_the_first_is_different,
    all_at_once,
    somebody_elses_container_has_its_name,
)
