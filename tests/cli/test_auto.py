"""What `occ auto run` and the options about its timer say."""

import json

from occ.app.auto.results import AutoLine
from tests.cli.conftest import Occ
from tests.cli.stage import Stage


def test_a_line_a_service_and_the_status_of_whoever_needs_somebody(occ: Occ, stage: Stage) -> None:
    said = occ("auto", "run")
    assert (said.status, said.err) == (4, "")
    assert said.out.splitlines() == [
        "service  ended           exit  says",
        "db       updated         0     it was found paused",
        "web      config pending  4     not in force: env.COLOUR: occ apply --service web",
        "wiki     not due         0     next 2023-11-14 22:13",
    ]
    assert stage.calls == [("auto_run", False)]


def test_quietly_what_is_not_due_is_not_told(occ: Occ, stage: Stage) -> None:
    stage.auto_lines = (AutoLine(service="wiki", ended="not_due", next_at=1),)
    assert occ("auto", "run", "--quiet").out == ""
    assert "next 1970" in occ("auto", "run").out
    stage.auto_lines = ()
    assert occ("auto", "run", "--quiet").out == ""
    assert "auto.enabled is set for none" in occ("auto", "run").out


def test_one_status_of_several(occ: Occ, stage: Stage) -> None:
    def status(*statuses: int) -> int:
        stage.auto_lines = tuple(
            AutoLine(service=f"s{at}", ended="x", exit_status=one)
            for at, one in enumerate(statuses)
        )
        return occ("auto", "run").status

    assert [status(), status(0, 0), status(0, 8, 4), status(4, 5), status(5, 6)] == [0, 0, 4, 5, 6]
    assert [status(6, 7, 8), status(10, 0), status(8, 10)] == [7, 10, 8]


def test_nothing_done_can_be_told_by_the_status(occ: Occ, stage: Stage) -> None:
    stage.auto_lines = (AutoLine(service="web", ended="already_newest"),)
    assert occ("auto", "run", "--exit-unchanged").status == 77
    stage.auto_lines = (AutoLine(service="web", ended="updated", operation=7),)
    assert occ("auto", "run", "--exit-unchanged").status == 0


def test_a_dry_run_and_programs(occ: Occ, stage: Stage) -> None:
    said = occ("auto", "run", "--dry-run", "-o", "json")
    (line, *_) = json.loads(said.out)["result"]["lines"]
    assert (line["service"], line["ended"], line["operation"]) == ("db", "updated", 4)
    assert stage.calls == [("auto_run", True)]


def test_one_service_is_no_run(occ: Occ, stage: Stage) -> None:
    said = occ("auto", "run", "--service", "web")
    assert said.status == 2
    assert "a run is about all services" in said.err
    assert stage.calls == []


def test_the_timer_is_installed(occ: Occ, stage: Stage) -> None:
    said = occ("install", "--auto", "--system", "--on-failure", "mail@%n.service")
    assert (said.status, said.err) == (0, "")
    assert said.out == "occ_auto.timer installed, for db, web; runs every 10 minutes\n"
    assert stage.calls == [("install_timer", ("system", "mail@%n.service", False))]


def test_a_timer_that_waits_for_a_login_is_said_to(occ: Occ, stage: Stage) -> None:
    stage.reaches = ("", "loginctl enable-linger ann")
    assert occ("install", "--auto").err == (
        "note: it runs every 10 minutes while ann is logged in\n  try: loginctl enable-linger ann\n"
    )


def test_its_units_and_its_line_for_cron_are_printed(occ: Occ, stage: Stage) -> None:
    assert occ("install", "--auto", "--dry-run").out.endswith("occ_auto.service\n[Unit]\n")
    assert occ("install", "--auto", "--cron").out == "*/10 * * * * occ auto run --quiet\n"
    assert stage.calls == [("install_timer", (None, "", True))]


def test_what_does_not_go_together(occ: Occ, stage: Stage) -> None:
    for words in (
        ("install", "--cron"),
        ("install", "--on-failure", "a.service"),
        ("install", "--auto", "--service", "web"),
        ("install", "--auto", "--cron", "--user"),
        ("uninstall", "--auto", "--purge"),
        ("uninstall", "--auto", "--service", "web"),
    ):
        assert occ(*words).status == 2, words
    assert stage.calls == []


def test_the_timer_is_removed(occ: Occ, stage: Stage) -> None:
    assert occ("uninstall", "--auto").out == "occ_auto.timer: removed\n"
    stage.installed = False
    assert occ("uninstall", "--auto").out == "occ_auto.timer: unchanged, there was no such timer\n"
    assert stage.calls == [("uninstall_timer", None)] * 2
