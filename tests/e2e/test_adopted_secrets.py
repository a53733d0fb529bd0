"""A container whose secrets stand everywhere: adopted, changed, put back, always the same."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run

ROOT, PASS, USER = "Xk3-root-9fQ2", "Pw8-redis-77aa", "Us5-web-11bb"
KEY = "-----BEGIN KEY-----\nMIIB c=\n\n-----END KEY-----\n"
LABEL, SPLUNK, URL = "Lb2-label-31cc", "Tg6-tag-45dd", "Ur9-url-62ee"
VALUES = (ROOT, PASS, USER, KEY, LABEL, SPLUNK, URL, "MIIB", "Q7 quoted y")
QUICK = '\n[services.{}.health]\nmin_healthy = "200ms"\n'

# What people wrote, in public threads and files; the program itself takes no notice.
MADE = [
    *(
        "-e",
        f"MYSQL_ROOT_PASSWORD={ROOT}",
        "-e",
        f"TLS_KEY={KEY}",
        "-e",
        'MYSQL_PASSWORD="Q7 quoted y"',
    ),
    *("-e", f"APP_DSN=web:{URL}@tcp(db:3306)/web", "-e", "GREETING=$HOME 'ä' {\"a\": 1}"),
    *("--health-cmd", f"true mysqladmin ping -uroot -p{ROOT} && true --pass {PASS} ping"),
    *("--health-interval", "1s"),
    *("--label", "homepage.widget.key={{HOMEPAGE_VAR_KEY}}", "--label", f"api.token={LABEL}"),
    *("--label", f"told={ROOT}, said", "--label", "lines=one\ntwo"),
    *("--log-opt", f"tag=web-{ROOT}", "--log-opt", "env=GREETING"),
]
RUNS = f"true --user web:{USER} --password={USER} u:{ROOT} {URL}; exec /usr/local/bin/service"


@dataclass(frozen=True)
class Host:
    """The docker command on the shared engine."""

    url: str

    def __call__(self, *words: str) -> str:
        return run(["docker", "-H", self.url, *words]).strip()

    def declared(self, name: str) -> dict[str, Any]:
        """What a person declared of a container, as the engine tells it."""
        there = json.loads(self("inspect", name))[0]
        config, host = there["Config"], there["HostConfig"]
        labels = {k: v for k, v in config["Labels"].items() if not k.startswith("occ.")}
        found = {key: config.get(key) for key in ("Cmd", "Entrypoint", "Healthcheck")}
        brought = json.loads(self("image", "inspect", there["Image"]))[0]["Config"]
        found["Env"] = sorted({*config["Env"]} - {*brought["Env"]})
        return {**found, "Labels": labels, "LogConfig": host["LogConfig"], "Name": there["Name"]}


@pytest.fixture
def docker(private_engine: PrivateEngine) -> Host:
    return Host(private_engine.url)


def in_clear(box: Box, *said: str) -> list[str]:
    """Where a value was seen that has but one place."""
    files = [path for path in box.folder.rglob("*") if path.is_file()]
    read = {str(path): path.read_bytes() for path in files if path.suffix != ".secrets"}
    read |= {f"said {number}": text.encode() for number, text in enumerate(said)}
    return [
        f"{value!r} in {name}"
        for name, text in read.items()
        for value in VALUES
        if value.encode() in text
    ]


def test_secrets_in_every_text_are_carried_and_stand_in_their_file_alone(
    box: Box, images: Images, docker: Host
) -> None:
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    name = box.service
    docker("run", "-d", "--name", name, *MADE, "--entrypoint", "sh", ref, "-c", RUNS)
    made = docker.declared(name)
    plan = box.well("adopt", name, "--plan", status=10)
    adopted = box.well("adopt", name, "--yes")  # the config is not there, and is made
    config = box.folder / "config.toml"
    text = config.read_text()
    for line in (
        'MYSQL_ROOT_PASSWORD = "{{secret:MYSQL_ROOT_PASSWORD}}"',
        '"homepage.widget.key" = "{{HOMEPAGE_VAR_KEY}}"',
        '"api.token" = "{{secret:API_TOKEN}}"',
        "-uroot -p{{secret:MYSQL_ROOT_PASSWORD}} && true --pass {{secret:PASS}} ping",
        "web:{{secret:PASSWORD}} --password={{secret:PASSWORD}} u:{{secret:MYSQL_ROOT_PASSWORD}}",
        "web-{{secret:MYSQL_ROOT_PASSWORD}}",
    ):
        assert line in text, text
    config.write_text(text + QUICK.format(name))
    valid = box.well("config", "validate")
    images.publish("good", "2.0", name=name)
    updated = box.well("update", "--yes")
    assert docker.declared(name) == made
    images.publish("crash", "3.0", name=name)
    failed = box.well("update", "--yes", status=6)
    assert docker.declared(name) == made
    back = box.well("rollback", "--to", "1", "--yes")
    assert docker.declared(name) == made
    told = [done.out + done.err for done in (plan, adopted, valid, updated, failed, back)]
    told += [box.well(*words).out for words in (("show", "1"), ("config", "show"), ("versions",))]
    assert in_clear(box, *told) == []
    assert box.well("secret", "list", "-o", "json").result()[0]["source"]

    file = box.folder / f"{name}.secrets"
    kept = [line for line in file.read_text().splitlines(keepends=True) if ROOT not in line]
    file.write_text("".join(kept))
    found = box.occ("doctor", "-o", "json").result()
    missing = [one for one in found if one["code"] == "secret_missing"]
    assert [one["fix"] for one in missing] == [
        f"occ secret set MYSQL_ROOT_PASSWORD --service {name}"
    ]
    config.write_text(config.read_text().replace("GREETING = ", f'SAID = "{URL}"\nGREETING = '))
    file.write_text(file.read_text() + f"MYSQL_ROOT_PASSWORD={ROOT}\n")
    refused = box.well("update", "--yes", status=2)
    assert f"services.{name}.env.SAID holds the value of the secret APP_DSN_SECRET" in refused.err
    assert URL not in refused.err


def test_a_password_that_is_every_other_word_too_changes_nothing_else(
    box: Box, images: Images, docker: Host
) -> None:
    (box.folder / "config.toml").touch()
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    docker(
        *("run", "-d", "--name", box.service, "--label", "role=postgres"),
        *("-e", "POSTGRES_USER=postgres", "-e", "POSTGRES_DB=postgres"),
        *("-e", "POSTGRES_PASSWORD=postgres", "--health-cmd", "true pg_isready -U postgres"),
        *(ref, "/usr/local/bin/service"),
    )
    made = docker.declared(box.service)
    adopted = box.well("adopt", box.service, "--yes")
    assert "the value of POSTGRES_PASSWORD is short or a common word" in adopted.err
    told = adopted.err.partition("something else: ")[2].partition(";")[0].split(", ")
    assert {"env.POSTGRES_USER", "env.POSTGRES_DB"} <= {*told}, adopted.err
    text = (box.folder / "config.toml").read_text()
    assert 'secrets = ["POSTGRES_PASSWORD"]' in text
    for line in ('POSTGRES_USER = "postgres"', 'POSTGRES_DB = "postgres"', "-U postgres"):
        assert line in text
    (box.folder / "config.toml").write_text(text + QUICK.format(box.service))
    box.well("update", "--yes")
    assert docker.declared(box.service) == made


NAMED = {
    "SALT": "Sa1-salt-90ab",
    "CREDS_IV": "Cr2-iv-81cd-0011",
    "APP_KEYS": "Ak3-keys-72ef,Ak3-more-72ef",
    "API_TOKEN_SALT": "At4-salt-63ab",
    "PLEX_CLAIM": "claim-Pl5x63cdAb12",
    "PASSWORD_HASH": "Ph6-hash-54ef-aa",
    "DISCORD_WEBHOOK_URL": "https://discord.example/api/webhooks/1/Dw7-hook-45ab",
    "NOTIFY": "tgram://No8-token-36cd:AAHq9xyz_Zp0Lm4Qw7@telegram/?channels=-100",
    "DSN": "web:Ds9-word-27ef@tcp(db:3306)/web",
    "REDISCLI_AUTH": "Re1-auth-18ab",
    "BASIC_AUTH": "web:Ba2-auth-09cd",
    "NEO4J_AUTH": "neo4j/Ne3-auth-90ef",
    "RABBITMQ_ERLANG_COOKIE": "Er4-cookie-81ab",
}
"""Variables of public files that hold secrets, some under names that do not say so."""
TOLD = re.compile(r"[A-Z][a-z]\d-\w+-\w+|claim-\w+")
"""The part of each value that is nobody's but its own."""


def test_secrets_under_the_names_that_people_use_stand_in_their_file_alone(
    box: Box, images: Images, docker: Host
) -> None:
    """Redis is told its password as `-a X`."""
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    environ = [word for item in NAMED.items() for word in ("-e", "=".join(item))]
    runs = f"true redis-server -a {NAMED['REDISCLI_AUTH']}; exec /usr/local/bin/service"
    words = ("--entrypoint", "sh", ref, "-c", runs)
    docker("run", "-d", "--name", box.service, *environ, *words)
    made = docker.declared(box.service)
    adopted = box.well("adopt", box.service, "--yes")
    config = box.folder / "config.toml"
    assert "redis-server -a {{secret:REDISCLI_AUTH}}" in config.read_text()
    config.write_text(config.read_text() + QUICK.format(box.service))
    images.publish("good", "2.0", name=box.service)
    updated = box.well("update", "--yes")
    assert docker.declared(box.service) == made
    values = [value.encode() for each in NAMED.values() for value in TOLD.findall(each)]
    assert len(values) >= len(NAMED)
    kept = [path for path in box.folder.iterdir() if path.is_file() and path.suffix != ".secrets"]
    said = [(done.out + done.err).encode() for done in (adopted, updated)]
    for text in (*said, *(path.read_bytes() for path in kept)):
        assert [value for value in values if value in text] == []
