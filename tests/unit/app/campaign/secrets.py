"""Secrets that a container gets: missing, changed, and gone."""

from pathlib import Path

from tests.unit.app.campaign.site import Site, table
from tests.unit.app.campaign.weather import Fault

NAMED = 'secrets = ["TOKEN"]\n'
FILE, KEY = Path("web.secrets"), Path("fingerprint.key")


def _keep(text: str) -> None:
    FILE.touch(mode=0o600)
    FILE.write_text(text)


def one_without_a_value(site: Site) -> None:
    site.publish("good", "1.0")
    site.configure(table(more=NAMED))
    site.typed("start", plan=True)
    site.typed("start")


def the_first_value(site: Site) -> None:
    _keep("TOKEN=hunter2\n")
    site.typed("start", plan=True)
    site.typed("start")
    site.typed("update")


def another_value(site: Site) -> None:
    _keep("TOKEN=hunter3\n")
    site.typed("update", plan=True)
    site.typed("apply", plan=True)
    site.typed("restart", plan=True)
    site.typed("restart")
    site.typed("apply")


def back_with_the_value_of_today(site: Site) -> None:
    site.typed("rollback", plan=True)
    site.typed("rollback")
    _keep("TOKEN=hunter4\n")
    site.typed("rollback", to=2, plan=True)
    site.typed("rollback", to=1, spec_now=True)


def one_more(site: Site) -> None:
    site.configure(table(more='secrets = ["TOKEN", "OTHER"]\n'))
    site.typed("apply")
    site.environ["OTHER"] = "of the environment"
    site.typed("apply", plan=True)
    site.typed("apply")
    site.configure(table(more=NAMED))
    site.typed("apply", plan=True)
    site.typed("apply")


def a_file_that_others_may_read(site: Site) -> None:
    FILE.chmod(0o644)
    site.typed("update")
    FILE.chmod(0o600)


def another_key(site: Site) -> None:
    KEY.write_bytes(bytes(32))
    site.typed("update", plan=True)
    site.typed("update")
    KEY.write_bytes(bytes(5))
    site.typed("update")
    KEY.write_bytes(bytes(range(32)))


def a_value_in_an_error_is_hidden(site: Site) -> None:
    _keep("TOKEN=create\n")
    site.typed("apply", fault=Fault("create", "refused"))
    site.typed("apply")


def gone_when_it_is_needed(site: Site) -> None:
    _keep("TOKEN=hunter5\n")
    site.typed("apply", fault=Fault("create", "dies before"))
    FILE.unlink()
    site.typed("resume")
    site.typed("abort")
    site.engine.stop("web", 1_000)
    site.engine.remove("web")
    site.typed("repair")
    site.typed("start")
    site.typed("stop")


SCENES = (
    one_without_a_value,
    the_first_value,
    another_value,
    back_with_the_value_of_today,
    one_more,
    a_file_that_others_may_read,
    another_key,
    a_value_in_an_error_is_hidden,
    gone_when_it_is_needed,
)
