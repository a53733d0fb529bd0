"""Two services in one journal; and a journal that is an older copy of itself."""

import shutil
from pathlib import Path

from tests.unit.app.campaign.site import Site, table
from tests.unit.app.campaign.weather import Fault

BOTH = f"{table()}{table('db', port=3001)}"
COPY = Path("copy")


def _copied() -> None:
    COPY.mkdir()
    for file in Path().glob("journal.db*"):
        shutil.copy(file, COPY / file.name)


def _restored() -> None:
    for file in Path().glob("journal.db*"):
        file.unlink()
    for file in COPY.iterdir():
        shutil.move(file, file.name)
    COPY.rmdir()


def both_are_started(site: Site) -> None:
    site.configure(BOTH)
    site.publish("good", "1.0")
    site.typed("start", None)
    for name in ("web", "db"):
        site.typed("start", name)


def one_is_unfinished_and_the_other_goes_on(site: Site) -> None:
    site.publish("good", "2.0")
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("update", "db")
    site.typed("stop", "db")
    site.typed("resume", "db")
    site.typed("resume")
    site.typed("start", "db")


def one_mounts_the_volume_of_the_other(site: Site) -> None:
    site.configure(BOTH.replace('"db-data:/data"', '"db-data:/data", "web-data:/web"'))
    site.typed("apply", "db", plan=True)
    site.typed("apply", "db")
    site.typed("stop", plan=True)
    site.typed("remove", plan=True)
    site.configure(BOTH)
    site.typed("apply", "db")


def the_host_is_not_ahead(site: Site) -> None:
    site.advance("web")


def an_older_copy(site: Site) -> None:
    _copied()
    site.publish("good", "3.0")
    site.typed("update")
    site.typed("restart", "db")
    _restored()
    for verb in ("update", "stop", "repair", "remove"):
        site.typed(verb)
    site.adopt("web", service="third")
    site.advance("web", answer=False)


def advanced(site: Site) -> None:
    site.advance("web")
    site.advance("web")
    site.typed("restart")
    site.typed("update", plan=True)
    site.publish("sick", "4.0")
    site.typed("update")
    site.typed("rollback", plan=True)
    site.publish("good", "4.1")
    site.typed("update", fault=Fault("stop", "dies after"))
    site.typed("abort")
    site.typed("update")
    site.typed("stop", "db")
    site.advance("db")
    site.typed("stop", "db")


def removed_one_after_the_other(site: Site) -> None:
    site.typed("remove", "db")
    site.typed("remove")


SCENES = (
    both_are_started,
    one_is_unfinished_and_the_other_goes_on,
    one_mounts_the_volume_of_the_other,
    the_host_is_not_ahead,
    an_older_copy,
    advanced,
    removed_one_after_the_other,
)
