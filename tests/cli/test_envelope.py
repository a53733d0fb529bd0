"""One versioned envelope for success and failure of every command."""

import json
from typing import Any

import pytest

from occ.cli import COMMANDS
from occ.domain.plan_token import Moved
from occ.errors import (
    BusyError,
    EngineUnreachableError,
    JournalDamagedError,
    OccError,
    PlanMovedError,
    UnhealthyError,
)
from tests.cli.conftest import Occ
from tests.cli.stage import Stage
from tests.cli.story import TAIL

EVERY: dict[str, tuple[list[str], int]] = {
    "setup": (["setup", "--yes"], 0),
    "import-config": (["import-config", "config.json", "--yes"], 0),
    "import-compose": (["import-compose", "shop.json", "--yes"], 0),
    "start": (["start"], 0),
    "stop": (["stop", "--yes"], 0),
    "restart": (["restart", "--yes"], 0),
    "update": (["update", "-y"], 0),
    "apply": (["apply", "-y"], 0),
    "doctor": (["doctor"], 4),
    "repair": (["repair", "-y"], 0),
    "adopt": (["adopt", "web", "-y"], 0),
    "forget": (["forget", "-y"], 0),
    "rollback": (["rollback", "-y", "--to", "1"], 0),
    "secret set": (["secret", "set", "API_TOKEN"], 0),
    "secret list": (["secret", "list"], 0),
    "secret unset": (["secret", "unset", "API_TOKEN"], 0),
    "status": (["status"], 0),
    "versions": (["versions"], 0),
    "history": (["history"], 0),
    "show": (["show", "3"], 0),
    "logs": (["logs"], 0),
    "check": (["check"], 10),
    "why": (["why", "web"], 0),
    "hold": (["hold", "web", "--for", "3d", "-m", "the fair"], 0),
    "unhold": (["unhold", "web"], 0),
    "resume": (["resume"], 0),
    "abort": (["abort", "--yes"], 0),
    "abandon": (["abandon", "--yes"], 0),
    "install": (["install"], 0),
    "uninstall": (["uninstall"], 0),
    "auto run": (["auto", "run"], 4),
    "help": (["help"], 0),
    "completion": (["completion", "bash"], 0),
    "changes": (["changes"], 0),
    "events": (["events"], 0),
    "metrics": (["metrics"], 0),
    "notify test": (["notify", "test"], 0),
    "notify list": (["notify", "list"], 0),
    "notify retry": (["notify", "retry"], 0),
    "config path": (["config", "path"], 0),
    "config show": (["config", "show"], 0),
    "config get": (["config", "get", "image"], 0),
    "config set": (["config", "set", "image", "web:2"], 0),
    "config unset": (["config", "unset", "image"], 0),
    "config env list": (["config", "env", "list"], 0),
    "config env set": (["config", "env", "set", "COLOUR=blue"], 0),
    "config env unset": (["config", "env", "unset", "COLOUR"], 0),
    "config validate": (["config", "validate"], 0),
    "config schema": (["config", "schema"], 0),
    "config diff": (["config", "diff"], 10),
    "user list": (["user", "list"], 0),
    "user add": (["user", "add", "ann", "--generate"], 0),
    "user passwd": (["user", "passwd", "ann", "--generate"], 0),
    "user remove": (["user", "remove", "ann", "-y"], 0),
    "user enable": (["user", "enable", "ann", "-y"], 0),
    "user disable": (["user", "disable", "ann", "-y"], 0),
    "snapshot create": (["snapshot", "create"], 0),
    "snapshot drill": (["snapshot", "drill"], 0),
    "snapshot list": (["snapshot", "list"], 0),
    "snapshot show": (["snapshot", "show", "2"], 0),
    "snapshot verify": (["snapshot", "verify", "--all"], 0),
    "snapshot diff": (["snapshot", "diff", "2"], 0),
    "snapshot export": (["snapshot", "export", "2"], 0),
    "snapshot import": (["snapshot", "import", "web.tar"], 0),
    "snapshot pin": (["snapshot", "pin", "2"], 0),
    "snapshot unpin": (["snapshot", "unpin", "2"], 0),
    "data list": (["data", "list"], 0),
    "data adopt-name": (["data", "adopt-name", "-y"], 0),
    "prune": (["prune", "-y"], 0),
    "snapshot remove": (["snapshot", "remove", "2", "-y"], 0),
    "journal path": (["journal", "path"], 0),
    "journal head": (["journal", "head"], 0),
    "journal verify": (["journal", "verify"], 0),
    "journal advance": (["journal", "advance", "--yes"], 0),
}
JSON_FORMS = [["-o", "json"], ["-ojson"], ["--output", "json"], ["--output=json"]]


def fits(told: Any, command: str, status: int) -> None:
    """The envelope's schema, version 1."""
    ok = told["ok"]
    assert list(told)[:4] == ["occ", "command", "ok", "exit_status"]
    assert set(told) == {"occ", "command", "ok", "exit_status", "result" if ok else "error"}
    assert (told["occ"], told["command"], told["exit_status"]) == (1, command, status)
    if ok:
        assert isinstance(told["result"], dict | list)
    else:
        assert set(told["error"]) - {"log_tail", "differences"} == {"code", "message", "hint"}
        assert all(isinstance(told["error"][key], str) for key in ("code", "message", "hint"))


def test_the_list_holds_every_command() -> None:
    assert {name.partition(" ")[0] for name in EVERY} == set(COMMANDS)


@pytest.mark.parametrize("name", EVERY)
def test_success(occ: Occ, name: str) -> None:
    words, status = EVERY[name]
    said = occ(*words, "-o", "json")
    assert said.status == status
    told = json.loads(said.out)
    fits(told, name, status)
    assert told["ok"]


@pytest.mark.parametrize(
    "name", sorted(EVERY.keys() - {"resume", "abandon", "completion", "config schema", "help"})
)
def test_failure(occ: Occ, stage: Stage, name: str) -> None:
    stage.error = EngineUnreachableError("the engine does not answer", hint="occ status")
    said = occ("-o", "json", *EVERY[name][0])
    assert said.status == 5
    told = json.loads(said.out)
    fits(told, name, 5)
    assert told["error"]["message"] == "the engine does not answer"
    assert said.err == ""


@pytest.mark.parametrize("name", EVERY)
def test_usage(occ: Occ, name: str) -> None:
    words = EVERY[name][0] if name != "config set" else []  # whose values may begin with a dash
    said = occ(*(words or ["config", "set"]), "-o", "json", "--nonsense")
    fits(json.loads(said.out), name, 2)
    assert (said.status, said.err) == (2, "")


@pytest.mark.parametrize("form", JSON_FORMS, ids=" ".join)
@pytest.mark.parametrize("place", ["before", "after"])
def test_it_is_asked_for_before_or_after_and_also_where_words_are_wrong(
    occ: Occ, form: list[str], place: str
) -> None:
    for words, command in ((["status"], "status"), (["nonsense"], ""), (["journal"], "journal")):
        said = occ(*form, *words) if place == "before" else occ(*words, *form)
        fits(json.loads(said.out), command, said.status)


def test_a_failed_container_tells_its_last_lines(occ: Occ, stage: Stage) -> None:
    stage.error = UnhealthyError("it is not healthy", log_tail=TAIL)
    told = json.loads(occ("update", "-y", "-o", "json").out)
    assert told["error"]["log_tail"] == list(TAIL)


def test_a_plan_that_moved_tells_each_point(occ: Occ, stage: Stage) -> None:
    moved = Moved(field="current", planned="1", now="2")
    stage.error = PlanMovedError("it is not as it was planned", differences=(moved,))
    said = occ("update", "-y", "--if-plan", "occ1.e30", "-o", "json")
    told = json.loads(said.out)
    fits(told, "update", 4)
    assert told["error"]["code"] == "plan_moved"
    assert told["error"]["differences"] == [{"field": "current", "planned": "1", "now": "2"}]


def test_every_option_of_all_arrives_from_both_sides(occ: Occ, stage: Stage) -> None:
    options = ["--config", "c.toml", "--journal", "j.db", "--service", "web", "--quiet"]
    for words in ([*options, "status"], ["status", *options]):
        said = occ(*words)
        assert said.status == 0
        assert (stage.opened["config"], stage.opened["journal"]) == ("c.toml", "j.db")
        assert stage.opened["argv"] == ("occ", *words)
        assert stage.closed
    assert occ("--service", "nope", "status").status == 3


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BusyError("busy"), 8),
        (JournalDamagedError("entry 3 does not fit"), 9),
        (OccError("x"), 1),
    ],
)
def test_an_error_decides_the_exit_status(
    occ: Occ, stage: Stage, error: OccError, status: int
) -> None:
    stage.error = error
    said = occ("update", "--yes")
    assert said.status == status
    assert said.err == f"error: {error.message}\n"


def test_a_bug_is_told_as_one(occ: Occ, stage: Stage) -> None:
    stage.desk = None
    said = occ("history", "-o", "json")
    assert said.status == 1
    told = json.loads(said.out)
    fits(told, "history", 1)
    assert told["error"]["code"] == "bug"
    assert told["error"]["message"].startswith("this is a bug in occ: AttributeError")
    assert "Traceback" in said.err
    text = occ("history")
    assert (text.status, text.out) == (1, "")
    assert "error: this is a bug in occ" in text.err


def test_show_tells_what_programs_would_have_to_fold(occ: Occ) -> None:
    told = json.loads(occ("show", "3", "-o", "json").out)["result"]
    assert (told["state"], told["outcome"], told["downtime_ms"]) == ("done", "done", 800)
    assert told["steps"][3]["result"]["said"] == "exit code 0"
