"""Numbers and times of any size: a sentence, or a text, and never a traceback."""

import pytest

from occ.cli.terminal.words import duration, moment
from tests.cli.conftest import Occ


@pytest.mark.parametrize("number", ["9" * 23, "9" * 5_000, "²", "-1", "9223372036854775808"])
def test_a_number_that_no_operation_has_is_a_usage_error(occ: Occ, number: str) -> None:
    said = occ("show", "--", number)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert said.err.startswith("error: ")


def test_the_greatest_number_is_looked_for(occ: Occ) -> None:
    assert occ("show", str((1 << 63) - 1)).status == 3


@pytest.mark.parametrize("limit", ["9" * 23, "9223372036854775808"])
def test_a_limit_of_any_size_is_all(occ: Occ, limit: str) -> None:
    assert occ("history", "--limit", limit).out == occ("history", "--limit", "0").out


@pytest.mark.parametrize("ms", [253_402_300_800_000, -(10**15), 10**18, (1 << 63) - 1])
def test_a_time_beyond_every_calendar_is_shown_as_a_number(ms: int) -> None:
    assert moment(ms) == moment(ms, exact=True) == f"{ms} ms since 1970"
    assert duration(ms)
