"""Sentences begin with a noun, in every page, docstring and comment; the rule: `prose.py`."""

import re
from pathlib import Path

import pytest

from tests.docs.prose import blocks_of_page, blocks_of_source, stumbles

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "occ").rglob("*.py"))
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
]
# Tables made from texts of the code; docstrings are read at their place, these two are the texts
# of `--help` and of the settings, which people know.
MADE = {"cli.md", "settings.md"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_docstrings_and_comments(source: Path) -> None:
    assert stumbles(blocks_of_source(source.read_text("utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages(page: Path) -> None:
    text = page.read_text("utf-8")
    if page.name in MADE:
        text = re.sub(r"<!-- \[\[\[cog.*?\[\[\[end\]\]\] -->", "", text, flags=re.DOTALL)
    assert stumbles(blocks_of_page(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""What runs."""',
        '"""It ends.\n\n    One that was made stays.\n    """',
        'class Run:\n    speed: int\n    """Of the wheel, in ms."""',
        "# It is here. Nor is it there.\npass",
        '"""A list. `What` else."""',
        '"""Nobody needs it, and it is none."""',
        '"""The page says so."""',
    ],
)
def test_a_bad_sentence_is_seen(text: str) -> None:
    assert len(stumbles(blocks_of_source(text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"""Whatever runs, and what is left of it."""',
        '"""The version; 0 where there is none."""',
        'pass  # of the driver, which says "What"',
        '@click.command("status")\ndef command() -> int:\n    """What runs."""',
        '"""It is so large that it is left out."""',
    ],
)
def test_a_good_sentence_is_left(text: str) -> None:
    assert stumbles(blocks_of_source(text)) == []


@pytest.mark.parametrize(
    "text",
    ["## What it does", "| a | What is kept |", "- What is left", "1. Nor here", "Fine. What now."],
)
def test_a_bad_sentence_of_a_page_is_seen(text: str) -> None:
    assert len(stumbles(blocks_of_page(f"Begin.\n\n{text}\n"))) == 1


def test_code_is_no_sentence() -> None:
    assert stumbles(blocks_of_page("Begin:\n\n```sh\nWhat ever\n```\n\nEnd.\n")) == []
