"""Images that are built here, and volumes that an image brings."""

from pathlib import Path

from occ.engine.values import File
from tests.unit.app.campaign.site import IMAGE, Site, table
from tests.unit.app.campaign.weather import Fault

BASE = "example.test/base:1"
BUILD = 'build = { context = "context", args = { NAME = "one" } }\n'
DOCKERFILE = f"FROM {BASE}\nARG NAME=none\nLABEL name=$NAME\n"


def _dockerfile(text: str) -> None:
    folder = Path("context")
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(text)


def nothing_to_build_from(site: Site) -> None:
    Path("context").mkdir()
    site.configure(table(more=BUILD, reference="web:built"))
    site.typed("start", plan=True)
    site.typed("start")
    _dockerfile(DOCKERFILE)
    site.typed("start")


def built(site: Site) -> None:
    site.publish("good", "1.0", BASE)
    site.typed("start", plan=True)
    site.typed("start", fault=Fault("build", "refused"))
    site.typed("start")
    site.typed("update", plan=True)
    site.typed("update")


def built_anew(site: Site) -> None:
    site.configure(table(more=BUILD.replace("one", "two"), reference="web:built"))
    site.typed("update", fault=Fault("build", "gone"))
    site.typed("resume")
    _dockerfile(f"{DOCKERFILE}RUN false\n")
    site.typed("update")
    site.publish("sick", "2.0", BASE)
    site.engine.pull(BASE)
    _dockerfile(DOCKERFILE)
    site.typed("update")
    site.typed("rollback")
    site.typed("apply")


def pulled_instead(site: Site) -> None:
    site.publish("good", "3.0")
    site.configure(table())
    site.typed("update")
    site.typed("rollback")
    site.typed("update", image=IMAGE)


def volumes_of_the_image(site: Site) -> None:
    seed = (File(path="/cache/seed", data=b"seed"), File(path="/extra/a/b", data=b"b"))
    site.publish("good", "4.0", files=seed, volumes=("/data", "/cache"))
    site.typed("update")
    site.publish("good", "4.1", files=seed, volumes=("/data", "/cache", "/extra/a", "/extra-a"))
    site.typed("update", fault=Fault("create", "refused"))
    site.typed("update", fault=Fault("create", "dies after"))
    site.typed("resume")
    site.typed("rollback")
    site.typed("apply")


def a_volume_more_in_the_config(site: Site) -> None:
    site.configure(table(volumes=', "extra:/extra"'))
    site.typed("apply", plan=True)
    site.typed("apply")
    site.engine.host.volumes["extra"].files["kept"] = File(path="kept", data=b"kept")
    site.configure(table())
    site.typed("apply")
    site.typed("rollback")


def somebody_elses_volume(site: Site) -> None:
    site.engine.create_volume("theirs", {})
    site.configure(table(volumes=', "theirs:/theirs"'))
    site.typed("apply")
    site.typed("remove", plan=True)
    site.typed("remove")


SCENES = (
    nothing_to_build_from,
    built,
    built_anew,
    pulled_instead,
    volumes_of_the_image,
    a_volume_more_in_the_config,
    somebody_elses_volume,
)
