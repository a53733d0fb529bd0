"""Secrets, links and the journal's end: what an adversary tried, on a real engine."""

import sqlite3
from contextlib import closing

from occ.journal.sqlite import schema
from tests.box import Box
from tests.testbed.images import Images


def cut(box: Box, last: int) -> None:
    """Take all entries after this one out of the journal, as who has the file can."""
    with closing(sqlite3.connect(box.folder / "journal.db")) as connection:
        connection.executescript(
            "DROP TRIGGER entries_never_go;"
            f"DELETE FROM entries WHERE position > {last};{schema.GUARDS['entries_never_go']};"
        )


def test_the_journals_end_is_held_by_containers_and_by_a_noted_head(
    box: Box, images: Images, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    made = box.well("journal", "head", "-o", "json").result()["position"]
    box.well("stop", "--yes")
    noted = box.well("journal", "head").out.strip()
    cut(box, made)
    assert "all in it" in box.well("journal", "verify").out
    told = box.well("journal", "verify", "--head", noted, status=9).err
    assert f"entry {made + 1} of the journal" in told
    assert "was noted, so it is missing" in told
    cut(box, 2)
    assert "was noted, so it is missing" in box.well("journal", "verify", status=9).err
