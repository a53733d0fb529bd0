"""What becomes of a service in the long run: applied, rolled back, at last removed."""

from tests.unit.app.campaign.images import image
from tests.unit.app.campaign.site import IMAGE, PORT, WEB, Site, table
from tests.unit.app.campaign.weather import Fault


def two_versions(site: Site) -> None:
    site.publish("good", "1.0")
    site.typed("start")
    site.publish("good", "2.0")
    site.typed("update")


def a_config_that_is_applied(site: Site) -> None:
    site.typed("apply", plan=True)
    site.typed("apply")
    more = 'env = { MODE = "b" }\nrestart = "always"\nlabels = { team = "web" }\n'
    site.configure(table(more=more))
    site.typed("apply", plan=True)
    site.typed("apply", answer=False)
    site.typed("apply", fault=Fault("create", "refused"))
    site.typed("apply")
    site.typed("apply")
    site.configure(table(more=more, port=3001))
    site.typed("apply")
    site.configure(table(more=more).replace("127.0.0.1:", "0.0.0.0:"))
    site.typed("apply", plan=True)
    site.typed("apply")
    site.configure(table(more=more, reference="example.test/web:other"))
    site.typed("apply")
    site.configure(table(more='networks = ["nowhere"]\n'))
    site.typed("apply")
    site.configure(table(more='mounts = ["/no/such/folder:/srv"]\n'))
    site.typed("update")
    site.configure(table(more="restart = 5\n"))
    site.typed("apply")
    site.configure(table())


def rolled_back(site: Site) -> None:
    site.typed("rollback", plan=True)
    site.typed("rollback", answer=False)
    site.typed("rollback")
    site.typed("rollback", to=1, plan=True)
    site.typed("rollback", to=1, reason="the first one was best")
    site.typed("rollback", to=1)
    site.typed("rollback")
    site.typed("rollback", to=99)
    site.typed("rollback", to=2, if_current=2)
    site.typed("rollback", to=2, fault=Fault("start", "refused"))
    site.typed("rollback", to=2)


def rolled_back_with_the_spec_of_now(site: Site) -> None:
    site.configure(table(more='env = { MODE = "now" }\n'))
    site.typed("rollback", to=1, spec_now=True, plan=True)
    site.typed("rollback", to=1, spec_now=True)
    site.typed("rollback", to=2, spec_now=False)
    site.configure(table())
    site.typed("rollback", to=2, spec_now=True)
    site.typed("rollback", to=2, spec_now=True, plan=True)


def no_way_back(site: Site) -> None:
    site.publish("good", "4.0")
    site.typed("update")
    site.engine.host.prune("all images")
    site.typed("rollback", plan=True)
    site.engine.host.registry.mood = "down"
    site.typed("rollback", plan=True)
    site.typed("rollback", to=1)
    site.engine.host.registry.mood = "open"
    site.engine.host.registry.withdraw(f"example.test/web@{image('good', '2.0').digest}")
    site.typed("rollback", plan=True)
    site.typed("rollback", to=2)
    site.typed("rollback")


def data_that_was_migrated(site: Site) -> None:
    site.publish("migrates", "9.0")
    site.typed("update")
    site.typed("rollback", plan=True)
    site.typed("rollback")
    site.publish("good", "9.5")
    site.typed("update")


def an_update_while_it_is_stopped(site: Site) -> None:
    site.typed("stop")
    site.publish("good", "9.6")
    site.typed("update", plan=True)
    site.typed("update")
    site.typed("rollback")
    site.typed("start")


def an_image_for_once(site: Site) -> None:
    site.publish("good", "9.7", "example.test/web:once")
    site.typed("update", image="example.test/web:once", plan=True)
    site.typed("update", image="example.test/web:once")
    site.typed("update")
    site.configure(table(more='pull = "never"\n', reference="example.test/web:absent"))
    site.typed("update", plan=True)
    site.typed("update")
    site.configure(table())


def whoever_listens_cannot_be_asked(site: Site) -> None:
    text = table().replace(f"127.0.0.1:{PORT}:3000", f"127.0.0.1:{PORT}:4000")
    site.configure(text.replace('path = "/health"', 'path = "/health"\nport = 3000'))
    site.typed("apply", plan=True)
    site.typed("apply")
    site.typed("apply", probe=False)
    site.configure(table())
    site.typed("apply")


def somebody_else_has_its_things(site: Site) -> None:
    site.engine.run_foreign("friend", IMAGE, shares={"network": WEB})
    site.typed("restart", answer=False)
    site.typed("update", plan=True)
    site.engine.stop("friend", 1_000)
    site.engine.remove("friend")


def another_engine_answers(site: Site) -> None:
    home = site.engine
    site.elsewhere("ANOTHER")
    site.typed("update")
    site.typed("stop", plan=True)
    site.engine = home


def the_journal_is_full(site: Site) -> None:
    for at in range(4, 10):
        site.publish("good", f"10.{at}")
        site.typed("update", fault=Fault("append", "full", at=at))
        site.typed("resume")
    site.typed("stop", fault=Fault("open_operation", "full"))
    site.typed("stop", fault=Fault("reserve", "full"))
    site.typed("resume")
    site.typed("start")


def removed(site: Site) -> None:
    site.typed("remove", plan=True)
    site.typed("remove", answer=False)
    site.typed("remove", if_current=1)
    site.typed("remove", fault=Fault("stop", "refused"))
    site.typed("remove", fault=Fault("remove", "refused"))
    site.typed("stop")
    site.typed("abort")
    site.typed("remove", plan=True)
    site.typed("remove")
    site.typed("remove")
    site.typed("repair")


def installed_again(site: Site) -> None:
    site.typed("rollback", plan=True)
    site.typed("start", plan=True)
    site.typed("start")
    site.typed("remove")


SCENES = (
    two_versions,
    a_config_that_is_applied,
    rolled_back,
    rolled_back_with_the_spec_of_now,
    no_way_back,
    data_that_was_migrated,
    an_update_while_it_is_stopped,
    an_image_for_once,
    whoever_listens_cannot_be_asked,
    somebody_else_has_its_things,
    another_engine_answers,
    the_journal_is_full,
    removed,
    installed_again,
)
