"""notify, metrics and events as people and programs meet them."""

import json

from occ.app.outbox.deliver import Sent
from occ.app.view.events import EventFilter
from tests.cli.conftest import Occ
from tests.cli.stage import Stage


def test_events_are_a_line_each_for_people(occ: Occ) -> None:
    said = occ("events")
    assert said.out.splitlines() == [
        "7  2026-11-23 12:00  web  2  step.started",
        "8  2026-11-23 12:00  web  2  operation.done",
    ]


def test_events_as_jsonl_are_an_object_a_line(occ: Occ, stage: Stage) -> None:
    said = occ("events", "-o", "jsonl", "--service", "web", "--after", "6")
    first, second = map(json.loads, said.out.splitlines())
    assert (first["position"], first["event"], first["body"]["index"]) == (7, "step.started", 0)
    assert second["event"] == "operation.done"
    assert stage.calls[-1] == ("events", EventFilter(service="web", after=6))


def test_jsonl_may_stand_before_the_name_and_goes_with_no_other_command(occ: Occ) -> None:
    assert len(occ("-o", "jsonl", "events").out.splitlines()) == 2
    for words in (("status", "-o", "jsonl"), ("-o", "jsonl", "status")):
        said = occ(*words)
        assert said.status == 2
        assert "jsonl is for occ events alone" in said.err


def test_one_json_object_is_not_followed(occ: Occ) -> None:
    said = occ("events", "--follow", "-o", "json")
    assert said.status == 2
    assert "occ events --follow -o jsonl" in said.out


def test_following_ends_with_ctrl_c_and_is_no_failure_to_tell(occ: Occ, stage: Stage) -> None:
    def interrupted(_wanted: EventFilter) -> object:
        yield from ()
        raise KeyboardInterrupt

    stage.events = interrupted  # type: ignore[method-assign,assignment]
    said = occ("events", "--follow")
    assert (said.status, said.err) == (130, "")


def test_targets_are_listed_with_scheme_and_host_alone(occ: Occ) -> None:
    said = occ("notify", "list")
    assert "plain https://ntfy.example" in said.out
    assert "it answers 500" in said.out


def test_a_target_that_does_not_take_it_is_a_failure(occ: Occ, stage: Stage) -> None:
    stage.sent = (Sent(target="phone", waiting=1, why="it cannot be reached"),)
    said = occ("notify", "test", "phone")
    assert said.status == 6
    assert "phone: it cannot be reached" in said.err
    assert "phone: 1 waiting, it cannot be reached" in occ("notify", "retry").err
    stage.sent = (Sent(target="phone", delivered=1, refused=1),)
    said = occ("notify", "retry", "-o", "json")
    assert said.status == 6
    assert json.loads(said.out)["error"]["code"] == "not_delivered"


def test_what_is_sent_is_told(occ: Occ) -> None:
    assert occ("notify", "retry").out == "phone: 2 delivered\n"


def test_a_changing_command_tells_after_its_result(occ: Occ, stage: Stage) -> None:
    stage.afterwards_says = ("1 message waits for phone: it answers 500; occ notify retry",)
    said = occ("stop", "--yes")
    assert said.status == 0
    assert said.err.endswith("note: 1 message waits for phone: it answers 500; occ notify retry\n")
    assert stage.told_others == 1


def test_a_failed_one_tells_too_and_keeps_its_status(occ: Occ, stage: Stage) -> None:
    from occ.errors import UnhealthyError  # noqa: PLC0415 - only here

    stage.error = UnhealthyError("it is sick")
    assert occ("update", "-y").status == 6
    assert stage.told_others == 1


def test_a_run_of_auto_tells_with_its_exit_status(occ: Occ, stage: Stage) -> None:
    status = occ("auto", "run").status
    assert (stage.told_others, stage.auto_status) == (1, status)
    occ("auto", "run", "--dry-run")
    assert stage.told_others == 1


def test_a_plan_and_whoever_only_looks_tell_nobody(occ: Occ, stage: Stage) -> None:
    occ("update", "--plan")
    occ("status")
    assert stage.told_others == 0


def test_a_bug_while_telling_is_no_end_of_the_command(occ: Occ, stage: Stage) -> None:
    def broken(auto_status: int | None = None) -> tuple[str, ...]:
        raise RuntimeError("boom")

    stage.afterwards = broken  # type: ignore[method-assign]
    said = occ("stop", "--yes")
    assert said.status == 0
    assert "note: telling others failed: RuntimeError; occ notify retry" in said.err


def test_metrics_are_printed_or_written(occ: Occ, stage: Stage) -> None:
    assert occ("metrics").out == "# HELP occ_up Whether.\nocc_up 1.0\n"
    said = occ("metrics", "--textfile", "/tmp/occ.prom")
    assert said.out == "written to /tmp/occ.prom\n"
    assert str(stage.calls[-1][1]) == "/tmp/occ.prom"
