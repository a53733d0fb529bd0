"""What `tox run -e engines` reads out of the runs that it starts."""

from tests.engines import counted

TESTS = """\
FAILED tests/e2e/test_build.py::test_1 - it said 9 passed
======== 1 failed, 290 passed, 3 skipped in 700.00s (0:11:40) ========
"""
CRASH = """\
update, then resume: 70 points, 70 as stated
failing, then abort: 81 points, 80 as stated
43 kills in 20 operations, seed 5
======== 11 passed in 300.00s (0:05:00) ========
"""
FAULTS = """\
105 cells, 8 at a time, seed 7
DIFFERS update gone engine:3
50 tried after 60 s
"""


def test_of_tests_it_is_the_last_line_that_counts() -> None:
    assert dict(counted("files", TESTS, 1)) == {"files: tests passed, of those tried": "290 of 291"}


def test_points_kills_and_cells_are_counted_with_those_that_are_not_as_stated() -> None:
    assert dict(counted("kills", CRASH, 0)) == {
        "kills: tests passed, of those tried": "11 of 11",
        "killed before, in and after each call, ends as stated": "150 of 151",
        "killed at random": "43 times in 20 operations",
    }
    assert dict(counted("faults", FAULTS, 1)) == {
        "cells of the fault matrix, as stated": "104 of 105"
    }


def test_a_run_that_broke_off_says_so() -> None:
    assert dict(counted("files", "ended by SIGTERM\n", 143)) == {
        "files: did not come to its end": "status 143"
    }
