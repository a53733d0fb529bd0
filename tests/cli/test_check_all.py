"""`check --all`: one table of all services, and one exit status."""

import json
from dataclasses import replace

import pytest

from occ.app.results import Caution, Check
from occ.errors import EngineUnreachableError, RegistryError
from tests.cli.conftest import Occ
from tests.cli.stage import Stage

NEWEST = Check(
    service="db", reference="pg:1", running=("pg@sha256:1",), published="sha256:1", available=False
)
CAUTION = Caution(why="bad", operation=3, cause="exit code 1", says="it failed in operation 3")
SILENT = RegistryError("the registry r.test does not answer", hint="occ check --service cache")


@pytest.fixture
def several(stage: Stage) -> Stage:
    stage.names = ("web", "db", "cache")
    stage.checks = {"db": NEWEST, "cache": replace(NEWEST, service="cache", built="/srv/cache")}
    return stage


def test_every_service_is_a_line_of_one_table(occ: Occ, several: Stage) -> None:
    said = occ("check", "--all")
    assert (said.status, said.err) == (10, "")
    lines = [line.split(maxsplit=2) for line in said.out.splitlines()]
    assert lines == [
        ["service", "update", "says"],
        [
            *("web", "available"),
            "an update of example.test/web:latest is available: occ update --service web",
        ],
        ["db", "none", "pg:1 is what runs"],
        ["cache", "built", "here  built here from /srv/cache: there is no registry to ask"],
    ]


@pytest.mark.parametrize(
    ("available", "caution", "silent", "status"),
    [
        (False, None, False, 0),
        (True, None, False, 10),
        (True, CAUTION, False, 0),
        (False, None, True, 6),
        (True, CAUTION, True, 6),
        (True, None, True, 10),
    ],
)
def test_an_update_of_one_counts_more_than_a_registry_that_is_silent(
    occ: Occ,
    several: Stage,
    *,
    available: bool,
    caution: Caution | None,
    silent: bool,
    status: int,
) -> None:
    several.available, several.caution = available, caution
    several.errors = {"cache": SILENT} if silent else {}
    said = occ("check", "--all")
    assert (said.status, said.err) == (status, "")
    assert ("the registry r.test does not answer" in said.out) == silent
    assert len(said.out.splitlines()) == 4


def test_programs_get_a_list_with_the_reason_of_each_failure(occ: Occ, several: Stage) -> None:
    several.errors = {"cache": SILENT}
    told = json.loads(occ("check", "--all", "-o", "json").out)
    assert told["ok"]
    assert [(one["service"], one["available"]) for one in told["result"]] == [
        ("web", True),
        ("db", False),
        ("cache", False),
    ]
    assert [one["error"] for one in told["result"]] == [
        None,
        None,
        {
            "code": "registry",
            "message": "the registry r.test does not answer",
            "hint": "occ check --service cache",
        },
    ]


def test_without_an_engine_there_is_no_table(occ: Occ, several: Stage) -> None:
    several.error = EngineUnreachableError("the engine does not answer", hint="occ status")
    said = occ("check", "--all")
    assert (said.status, said.out) == (5, "")


def test_one_service_and_all_of_them_exclude_each_other(occ: Occ, several: Stage) -> None:
    assert several.names
    said = occ("check", "--all", "--service", "web")
    assert said.status == 2
    assert "try: occ check --all" in said.err
