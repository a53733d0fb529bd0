"""The place of a record: what is written, what stays, and a place that is not there."""

import datetime as dt
from pathlib import Path

import pytest

from tests.endurance import record

WHEN = dt.datetime(2026, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n<!-- recorded: one -->\nold\n<!-- end of one -->\n\n"
        "<!-- recorded: two -->\nother\n<!-- end of two -->\nlast\n"
    )
    return page


@pytest.mark.parametrize("times", [1, 2])
def test_a_record_takes_the_place_of_the_last_one_and_touches_no_other(
    page: Path, times: int
) -> None:
    for _ in range(times):
        record.write("one", {"kills": 7}, by="tox run -e x", seed=5, page=page, when=WHEN)
    text = page.read_text()
    assert text.startswith("# Page\n\n<!-- recorded: one -->\n2026-02-03, commit ")
    assert ", seed 5, " in text
    assert "by `tox run -e x`:\n\n| counted | |\n|---|---|\n| kills | 7 |\n<!-- end of one" in text
    assert text.endswith("<!-- recorded: two -->\nother\n<!-- end of two -->\nlast\n")
    assert "old" not in text
    assert text.count("kills") == 1


def test_a_run_without_a_seed_names_none(page: Path) -> None:
    record.write("two", {"kills": 7}, by="x", page=page, when=WHEN)
    assert "seed" not in page.read_text()


def test_a_page_without_the_place_is_left_alone(page: Path) -> None:
    before = page.read_text()
    with pytest.raises(LookupError, match="three"):
        record.write("three", {}, by="x", page=page)
    assert page.read_text() == before
