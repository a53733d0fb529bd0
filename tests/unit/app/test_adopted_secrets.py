"""A container with secrets of every name that people gave them, taken on: where they stand then."""

import tomllib
from pathlib import Path

import pytest

from occ.domain.spec import Spec
from occ.errors import DeclinedError, OccError
from tests.unit.app.theirs import Theirs

SECRETS = {
    "SALT": "Sa1-9f2c-sodium",
    "CREDS_IV": "e2341419ec3dd3d19b13a1a87fafcbfb",
    "APP_KEYS": "Ak2-first-11aa,Ak3-second-22bb",
    "API_TOKEN_SALT": "Ts4-33cc-tosalt",
    "PLEX_CLAIM": "claim-Pc5xx44dd55ee66",
    "PASSWORD_HASH": "$2y$10$Ph6abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1234567890/Dw7-77ff-hook",
    "WATCHTOWER_NOTIFICATION_URL": "discord://Nu8-88gg-token@1234567891",
    "DATA_SOURCE_NAME": "exporter:Ds9-99hh-pass@tcp(db:3306)/metrics",
    "REDISCLI_AUTH": "Ra10-aa11-redis",
    "BASIC_AUTH": "ann:Ba11-bb22-basic",
    "NEO4J_AUTH": "neo4j/Na12-cc33-graph",
    "RABBITMQ_ERLANG_COOKIE": "Ec13-dd44-cookie",
    "REDIS_PASSWORD": "Rp14-ee55-redis",
}
# The parts of them that are secret by themselves.
PARTS = (
    *("Ak2-first-11aa", "Ak3-second-22bb", "Dw7-77ff-hook", "Nu8-88gg-token", "Ds9-99hh-pass"),
    *("Ba11-bb22-basic", "Na12-cc33-graph"),
)
PLAIN = {"MODE": "a", "TZ": "Europe/Berlin"}
DECLARED = Spec(
    env={**SECRETS, **PLAIN},
    command=("redis-server", "-a", SECRETS["REDIS_PASSWORD"], "--appendonly", "yes"),
    labels={"note": f"ask {SECRETS['BASIC_AUTH']}"},
    restart="no",
)


@pytest.fixture
def theirs(tmp_path: Path) -> Theirs:
    return Theirs(tmp_path)


def test_no_value_of_a_secret_s_name_is_in_the_config_or_the_journal(theirs: Theirs) -> None:
    values = (*SECRETS.values(), *PARTS)
    theirs.made(DECLARED)
    made = theirs.declared()
    said = [repr(theirs.typed("adopt"))]
    assert theirs.in_clear(values, *said) == []
    table = tomllib.loads(theirs.config.read_text())["services"]["shop"]
    hidden = "{{secret:REDIS_PASSWORD}}"
    assert table["command"] == ["redis-server", "-a", hidden, "--appendonly", "yes"]
    assert {name: table["env"][name] for name in PLAIN} == PLAIN
    assert [value for value in SECRETS.values() if value not in theirs.secrets] == []
    theirs.publish("good", "2.0")
    said.append(repr(theirs.typed("update")))
    assert theirs.declared() == made
    theirs.publish("crash", "3.0")
    with pytest.raises(OccError) as failed:
        theirs.typed("update")
    said += [failed.value.message, failed.value.hint, repr(theirs.typed("rollback"))]
    assert theirs.declared() == made
    assert theirs.in_clear(values, *said) == []


# One shorter than 8 characters, and one that is a plain word too.
DOUBTFUL = {"CACHE_PASSWORD": "Sh0rt7", "POSTGRES_PASSWORD": "postgres"}


@pytest.mark.parametrize(("name", "value"), DOUBTFUL.items())
def test_a_short_or_common_value_is_named_before_anybody_agrees(
    theirs: Theirs, name: str, value: str
) -> None:
    spec = Spec(
        env={name: value, "ROLE": f"the {value} one"},
        command=("serve", "--password", value, "--for", f"{value}-main"),
        labels={"about": f"all of {value}"},
        restart="no",
    )
    theirs.made(spec)
    made = theirs.declared()
    with pytest.raises(DeclinedError):
        theirs.typed("adopt", agrees=False)
    (proposal,) = theirs.proposals
    note = (
        f"the value of {name} is short or a common word, and stays where it may stand for "
        f"something else: env.ROLE, labels.about, command; if it is the secret there, write "
        f"{{{{secret:{name}}}}}"
    )
    assert note in proposal.warnings
    assert theirs.config.read_text() == ""
    assert not (theirs.folder / "shop.secrets").exists()
    theirs.typed("adopt")
    table = tomllib.loads(theirs.config.read_text())["services"]["shop"]
    hidden = f"{{{{secret:{name}}}}}"
    assert table["secrets"] == [name]
    assert table["command"] == ["serve", "--password", hidden, "--for", f"{value}-main"]
    assert table["env"] == {name: hidden, "ROLE": f"the {value} one"}
    assert table["labels"] == {"about": f"all of {value}"}
    theirs.publish("good", "2.0")
    theirs.typed("update")
    assert theirs.declared() == made
