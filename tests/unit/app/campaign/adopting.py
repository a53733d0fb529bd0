"""Containers that somebody else made, taken on: what is refused, written and put back."""

from collections.abc import Mapping

from occ.domain.spec import Port, Spec, Volume
from occ.domain.values import Json
from tests.unit.app.campaign.site import IMAGE, Site, table
from tests.unit.app.campaign.weather import Fault

PORTS = (Port(container=3000, host=3100),)
PLAIN = Spec(ports=PORTS, env={"MODE": "a"}, restart="always")
KNOWN = Spec(ports=(Port(container=3000, host=3200),), restart="no")
SECRET = Spec(
    volumes=(Volume(name="theirs", path="/data"),),
    env={"DB_PASSWORD": "hunter2hunter2", "GREETING": "hello", "CODE": "1234"},
    labels={"team": "core"},
    restart="no",
)
SPLUNK: Mapping[str, Json] = {
    "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "hunter2hunter2"}}
}
THEIRS = {"occ.journal": "f" * 32, "occ.service": "lost", "occ.owner": "bob@raft:lost.db"}


def nothing_to_adopt(site: Site) -> None:
    site.publish("good", "1.0")
    site.adopt("none")
    site.made("Big", {}, PLAIN, IMAGE)
    site.adopt("Big")
    site.adopt("Big", service="no name")
    site.engine.stop("Big", 1_000)
    site.engine.remove("Big")


def with_the_config_written(site: Site) -> None:
    site.made("mine", {}, PLAIN, IMAGE)
    site.adopt("mine", plan=True)
    site.adopt("mine", answer=False)
    site.adopt("mine", if_current=3)
    site.adopt("mine", fault=Fault("tag", "refused"))
    site.adopt("mine", fault=Fault("tag", "gone"))
    site.adopt("mine")
    site.typed("abort", "mine")
    site.adopt("mine", reason="it was here before")
    site.adopt("mine")
    site.adopt("mine", service="other")


def it_is_a_service_like_any_other(site: Site) -> None:
    site.typed("stop", "mine")
    site.typed("start", "mine")
    site.typed("update", "mine", plan=True)
    site.publish("good", "1.1")
    site.typed("update", "mine", fault=Fault("start", "refused"))
    site.typed("update", "mine")
    site.typed("rollback", "mine")


def plain_where_the_config_has_it(site: Site) -> None:
    site.configure(table("known"))
    site.made("known", {}, KNOWN, IMAGE)
    site.made("mate", {}, Spec(restart="no"), IMAGE)
    site.adopt("known", plan=True)
    site.adopt("known")
    site.adopt("mate", service="known")
    site.typed("apply", "known", plan=True)
    site.typed("apply", "known")


def with_secrets_to_store(site: Site) -> None:
    site.made("vault", {}, SECRET, IMAGE)
    site.adopt("vault", secret=("CODE",), plan=True)
    site.adopt("vault", secret=("CODE",), fault=Fault("append", "dies before", at=2))
    site.typed("abort", "vault")
    site.adopt("vault", secret=("CODE",), fault=Fault("append", "dies after", at=2))
    site.adopt("vault", secret=("CODE",), resume_first=True)
    site.typed("update", "vault", plan=True)
    site.typed("restart", "vault")
    site.typed("update", "vault")


def taken_from_another_journal(site: Site) -> None:
    site.made("lost", THEIRS, Spec(restart="no"), IMAGE)
    site.adopt("lost")
    site.adopt("lost", take=True, plan=True)
    site.adopt("lost", take=True, fault=Fault("open_operation", "dies after"))
    site.typed("resume", "lost")
    site.typed("restart", "lost")
    site.publish("good", "1.2")
    site.typed("update", "lost")


def a_secret_in_the_engines_words(site: Site) -> None:
    site.made("loud", {}, Spec(engine=SPLUNK), IMAGE)
    site.adopt("loud")
    site.made("copy", {"occ.journal": site.there("mine").labels["occ.journal"]}, Spec(), IMAGE)
    site.adopt("copy")


def a_stopped_one(site: Site) -> None:
    site.made("idle", {}, Spec(restart="no"), IMAGE)
    site.engine.stop("idle", 1_000)
    site.adopt("idle")
    site.typed("start", "idle")
    site.typed("remove", "idle")


SCENES = (
    nothing_to_adopt,
    with_the_config_written,
    it_is_a_service_like_any_other,
    plain_where_the_config_has_it,
    with_secrets_to_store,
    taken_from_another_journal,
    a_secret_in_the_engines_words,
    a_stopped_one,
)
