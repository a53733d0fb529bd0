"""The reasons why a service is not updated, from what was observed alone."""

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from occ.domain.eligibility import Point, Situation, reasons
from occ.domain.holds import Hold
from occ.domain.reasons import REASONS, SOFT, ReasonName, in_the_way

HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_000 * DAY
HELD = Hold(operation=7, since=NOW - DAY, operator="ann", why="the fair", until=NOW + DAY)
COMPUTED = {"held", "too_young"}


def names(seen: Situation) -> list[str]:
    return [reason.name for reason in reasons(seen)]


def test_a_service_of_which_nothing_speaks_against_it_is_due() -> None:
    assert reasons(Situation(now=NOW)) == ()


def test_every_reason_has_its_row_and_its_field() -> None:
    every = set(get_args(ReasonName))
    assert set(REASONS) == every
    assert {field.name for field in fields(Situation)} >= every - COMPUTED


@pytest.mark.parametrize("name", sorted(set(get_args(ReasonName)) - COMPUTED))
def test_a_field_is_the_reason_of_its_name(name: ReasonName) -> None:
    point = Point(text="as seen", since=5, ends="at noon", until=9)
    seen: dict[str, Any] = {name: point}
    (reason,) = reasons(Situation(now=NOW, **seen))
    assert (reason.name, reason.hard) == (name, REASONS[name].hard)
    assert (reason.text, reason.since, reason.ends, reason.until) == ("as seen", 5, "at noon", 9)


def test_a_point_without_words_has_those_of_the_catalogue() -> None:
    (reason,) = reasons(Situation(now=NOW, busy=Point()))
    assert (reason.text, reason.ends) == ("Another occ is at work on the service.", "it ends")


def test_hard_reasons_come_first() -> None:
    seen = Situation(now=NOW, hold=HELD, outside_window=Point(), no_room=Point(), busy=Point())
    assert names(seen) == ["busy", "no_room", "held", "outside_window"]


def test_a_hold_tells_who_why_and_until_when() -> None:
    (reason,) = reasons(Situation(now=NOW, hold=HELD))
    assert reason.text == "ann holds it since operation 7: the fair"
    assert (reason.since, reason.until, reason.ends) == (NOW - DAY, NOW + DAY, "occ unhold")


def test_a_hold_ends_at_its_instant() -> None:
    seen = Situation(now=HELD.until - 1, hold=HELD)
    assert names(seen) == ["held"]
    assert names(replace(seen, now=HELD.until)) == []


def test_a_hold_without_a_time_does_not_end() -> None:
    endless = replace(HELD, until=0)
    assert names(Situation(now=NOW + 10_000 * DAY, hold=endless)) == ["held"]


def test_a_hold_does_not_keep_a_new_config_from_the_image_that_runs() -> None:
    assert names(Situation(now=NOW, hold=HELD, newer=False)) == []
    newest = Situation(now=NOW, hold=HELD, newer=False, already_newest=Point())
    assert names(newest) == ["already_newest", "held"]


def test_the_age_counts_from_the_first_sight() -> None:
    seen = Situation(now=NOW, min_age_ms=3 * DAY, first_seen=NOW - 2 * DAY)
    (reason,) = reasons(seen)
    assert (reason.name, reason.since, reason.until) == ("too_young", NOW - 2 * DAY, NOW + DAY)
    assert reason.text == "this journal saw it for the first time 2 days ago, and min_age is 3 days"
    assert names(replace(seen, first_seen=NOW - 3 * DAY)) == []
    assert names(replace(seen, first_seen=NOW - 3 * DAY + 1)) == ["too_young"]


def test_an_image_that_was_never_seen_is_too_young() -> None:
    (reason,) = reasons(Situation(now=NOW, min_age_ms=HOUR))
    assert (reason.since, reason.until) == (NOW, NOW + HOUR)
    assert "less than a minute ago, and min_age is 1 hour" in reason.text


def test_a_sight_in_the_future_counts_as_one_of_now() -> None:
    (reason,) = reasons(Situation(now=NOW, min_age_ms=HOUR, first_seen=NOW + 9 * DAY))
    assert reason.until == NOW + HOUR


def test_the_image_that_runs_is_never_too_young() -> None:
    assert names(Situation(now=NOW, min_age_ms=HOUR, newer=False)) == []


def test_soft_reasons_are_overridden_by_name_and_hard_ones_never() -> None:
    found = reasons(Situation(now=NOW, hold=HELD, known_bad=Point(), busy=Point()))
    assert [one.name for one in in_the_way(found)] == ["busy", "known_bad", "held"]
    left = in_the_way(found, ["held", "known_bad", "busy"])
    assert [one.name for one in left] == ["busy"]


def test_reasons_of_auto_keep_no_person_away() -> None:
    found = reasons(Situation(now=NOW, outside_window=Point(), deferred=Point()))
    assert [one.name for one in in_the_way(found)] == ["deferred"]
    both = ["deferred", "outside_window"]
    assert [one.name for one in in_the_way(found, unattended=True)] == both


def test_the_soft_reasons_are_these() -> None:
    assert SOFT == (
        "known_bad",
        "left_by_rollback",
        "held",
        "too_young",
        "gate_unknown",
        "deferred",
        "not_installed",
        "built_here",
        "config_pending",
        "dependency_failed",
        "not_scheduled",
        "outside_window",
        "auto_off",
    )
