"""The schema says no to whatever has a wrong form, and never to what can be used."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from occ.settings.catalogue import SETTINGS
from occ.settings.default_config import DEFAULT_CONFIG
from occ.settings.schema import schema
from tests.unit.settings.test_bad import ROWS
from tests.unit.settings.test_good import SPECS, WEB

ROOT = Path(__file__).parents[3]
SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
# Rows of bad.toml that a schema has no words for, by what would have to be known.
BEYOND = {
    # a secret, or whose it is
    "secret in a variable",
    "secret named like a switch",
    "password in a URL",
    "secret in the command",
    "secret after an option",
    "secret in a label",
    "secret that is a variable too",
    "place of a secret that nobody lists, in a health check",
    "place of a secret where nothing fills it in",
    "file of no secrets",
    "health path with a token",
    "health path with a password behind another field",
    "engine value that is a secret",
    "build arg that looks like a secret",
    "health.auth with a colon in the user",
    "health.auth of an unknown secret",
    "health.headers with a login",
    "health.headers with a key",
    "health.expect_body with a secret",
    "rehearse_env: a secret",
    "accept: a secret in its words",
    "program_env: a secret",
    "program_env: a variable of occ's own",
    "hooks.run: a secret",
    "hooks.run: the place of a secret",
    # another value of the config
    "host port twice",
    "host port everywhere and here",
    "host port in two services",
    "path twice",
    "path of volume and mount",
    "two containers of one name",
    "network of the host and another",
    "network of the host with ports",
    "health without a port",
    "health with several ports",
    "gate that cannot pass",
    "gate that cannot pass, said the other way",
    "health.ca_file over http",
    "health.insecure over http",
    "health.insecure beside a ca_file",
    "rehearse_networks: the host's beside another",
    "rehearse_networks: the host's",
    "hooks.pre_update: a container that is not there",
    "hooks.pre_stop: a container that is not there",
    "hooks.post_start: a container that is not there",
    "hooks.post_health: a container that is not there",
    "hooks.run: no absolute path",
    "hooks.undo: no absolute path",
    "accept: a path of no folder",
    "a gate command for what is built",
    # the meaning of a text or number
    "port out of bounds",
    "port zero",
    "name as an address",
    "address with a zone",
    "volume at a path upwards",
    "duration of a year",
    "too little of a processor",
    "NUL in a variable",
    "a container's name that is occ's own",
    "command that does not close",
    "name of a replacement",
    "engine value beyond 64 bits",
    "dockerfile outside of the context",
    "health.headers of two lines",
    "health.headers with the host",
    "rehearse_check: an open quote",
    "keep_within: a thousand years",
    "proven timeout too short",
    # of targets
    "a webhook with a password in it",
    "a webhook with a token in its path",
    "a plain address with a token in its query",
    "a command with a secret in its words",
    "an address for apprise with a password",
    "a signature of plain text",
    "a token for a command",
    "secrets for a webhook",
    "too long a time for a try",
    "a heartbeat with a token in it",
    "auto.window: no length",
    "auto.timezone: a town without a continent",
    "auto.timezone: a path",
    "auto.jitter: more than a day",
    # services among each other
    "after: a service that is not there",
    "after: itself",
    "after: a circle of two",
}
FORMS = {name: row for name, row in ROWS.items() if name not in BEYOND}


def paths(error: ValidationError) -> Iterator[str]:
    """Where an error and each error within it is, as a message of occ names the place."""
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    yield text
    for within in error.context or ():
        yield from paths(within)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("lines", [lines for lines, _ in SPECS])
def test_what_can_be_used_is_valid(lines: str) -> None:
    assert list(VALIDATOR.iter_errors(tomllib.loads(WEB + lines))) == []


@pytest.mark.parametrize(
    "config",
    [
        DEFAULT_CONFIG,
        "",
        'journal = "postgresql://db/occ"\nsnapshot_dir = "kept"\n[secrets]\nstore = "keyring"\n',
        '[services.web.build]\ncontext = "image"\nargs = { COLOUR = "blue" }\npull = true\n',
        f'{WEB}users = ["ann", "_svc", "machine$"]\n',
        f'{WEB}[services.web.users]\nnames = ["ann"]\npasswords = "reset"\n',
        f'{WEB}snapshot_volumes = ["web-data", "/srv//web/"]\nsnapshot_timeout = "5m"\n',
        f'{WEB}proven_timeout = "1m30s"\n',
        f"{WEB}proven_timeout = 20\n",
        f'{WEB}keep_within = "14d"\nmax_bytes = "50GB"\nmin_free = 7\nkeep_images = 3\n',
        f'{WEB}rehearse_secrets = []\nrehearse_check = "ask --all"\nrehearse_binds = "ro"\n',
        f'{WEB}mounts = ["~:/a", "~/b:/b:ro", "/c:/c"]\nports = ["*:80:80/SCTP"]\n',
        f"{WEB}limits = {{ memory = 0, cpus = 0, pids = 0 }}\n",
        f'{WEB}auto = {{ enabled = true, schedule = "Monday,Thu..Sat 03:00", min_age = 60 }}\n',
        f'{WEB}auto = {{ schedule = ["00:00", "23:59"], window = "Sun 22:00-04:00" }}\n',
    ],
)
def test_so_is_each_further_form(config: str) -> None:
    assert list(VALIDATOR.iter_errors(tomllib.loads(config))) == []


@pytest.mark.parametrize("row", FORMS.values(), ids=FORMS)
def test_a_wrong_form_is_refused_where_occ_refuses_it(row: dict[str, str]) -> None:
    errors = list(VALIDATOR.iter_errors(tomllib.loads(row["config"])))
    said = row["says"].split(": ", 2)[1].partition(" = ")[0].replace('"', "")
    places = {path for error in errors for path in paths(error)}
    assert errors
    assert [place for place in places if said.startswith(place) or place.startswith(said)]
    assert said.count(".") < 2 or places != {""}


@pytest.mark.parametrize("name", sorted(BEYOND))
def test_only_occ_sees_the_rest(name: str) -> None:
    assert VALIDATOR.is_valid(tomllib.loads(ROWS[name]["config"]))


def test_most_of_what_is_bad_is_bad_in_its_form() -> None:
    assert (len(FORMS), len(ROWS)) == (338, 423)


def test_every_key_has_its_place_and_its_words() -> None:
    for row in SETTINGS:
        there: Any = SCHEMA
        for part in row.key.replace("PLACE", "pre_stop").split("."):
            there = next((one for one in there.get("anyOf", ()) if "properties" in one), there)
            there = there["additionalProperties" if part == "NAME" else "properties"]
            there = there if part == "NAME" else there[part]
        assert there["description"], row.key
        assert "](" not in there["description"]


def test_defaults_are_values() -> None:
    service = SCHEMA["properties"]["services"]["additionalProperties"]["properties"]
    assert service["stop_timeout"]["default"] == "10s"
    assert service["keep_last"]["default"] == 5
    assert service["rehearse"]["default"] is False
    assert service["health"]["properties"]["expect_status"]["default"] == 200
    assert "default" not in service["image"]
    assert service["image"]["description"].endswith(
        "Default: none: it must be written, unless there is a `build`."
    )


def test_the_file_in_docs_is_the_schema() -> None:
    """`occ config schema > docs/config.schema.json` writes it."""
    assert json.loads((ROOT / "docs" / "config.schema.json").read_text("utf-8")) == SCHEMA
