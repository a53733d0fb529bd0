"""The campaign against what was seen before; how it is recorded: `campaign/__init__.py`."""

from pathlib import Path

import pytest

from tests.unit.app.campaign.book import BOOKS, CAMPAIGN, FORGET, chapter, heads, read

GOLDEN = Path(__file__).parents[2] / "golden"
SEEN = {
    "campaign": (GOLDEN / "campaign.txt").read_text("utf-8"),
    "forget": (GOLDEN / "campaign-forget.txt").read_text("utf-8"),
}


@pytest.mark.parametrize("name", CAMPAIGN)
def test_what_occ_does_is_what_it_did(name: str) -> None:
    assert chapter(name, CAMPAIGN[name]()) == read(SEEN["campaign"])[name]


@pytest.mark.parametrize("name", FORGET)
def test_forget_does_what_it_did(name: str) -> None:
    assert chapter(name, FORGET[name]()) == read(SEEN["forget"])[name]


@pytest.mark.parametrize("book", BOOKS)
def test_nothing_is_missing_in_what_was_seen(book: str) -> None:
    chapters = read(SEEN[book])
    assert list(chapters) == list(BOOKS[book])
    assert SEEN[book].endswith(f"\n{heads(''.join(chapters.values()))}\n")
