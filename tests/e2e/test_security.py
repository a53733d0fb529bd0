"""Secrets, links and the journal's end: what an adversary tried, on a real engine."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from occ.journal.sqlite import schema
from tests.box import Box
from tests.e2e.test_strange_images import publish
from tests.testbed.images import Images

ANN = 12_345
VALUE = "correct-horse-battery"
GATE = 'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "300ms"\n'


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


def written(box: Box) -> bytes:
    """All bytes of the journal's files."""
    return b"".join(path.read_bytes() for path in box.folder.glob("journal.db*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be led astray so")
def test_in_anns_folder_root_follows_no_link_and_keeps_no_secret(
    box: Box, images: Images, port: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    told = json.dumps({"healthy": True, "version": f"v {VALUE}"})
    ref = publish(images, box.service, {"health": told}, {})
    box.configure(ref, port, health=GATE, more='secrets = ["TOKEN"]\n')
    secrets, journal = box.folder / f"{box.service}.secrets", box.folder / "journal.db"
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "made"
    for path in (box.folder, box.folder / "config.toml"):
        os.chown(path, ANN, ANN)

    plant(secrets, elsewhere)
    refused = box.occ("secret", "set", "TOKEN", stdin=f"{VALUE}\n")
    assert refused.status == 2
    assert f"{secrets} is a link of user {ANN}, and root follows no link of others" in refused.err
    secrets.unlink()
    assert box.occ("secret", "set", "TOKEN", stdin=f"{VALUE}\n").status == 0
    assert (secrets.stat().st_uid, secrets.stat().st_mode & 0o777) == (ANN, 0o600)
    plant(journal, elsewhere)
    said = box.well("start", "--yes", status=9).err
    assert f"{journal} is a link of user {ANN}, and root follows no link of others" in said
    journal.unlink()
    assert not elsewhere.exists()

    secrets.chmod(0o644)
    started = box.well("start", "--yes", "--reason", f"the new token is {VALUE}")
    assert f"others may read {secrets} (mode 0644); run chmod 600 {secrets}" in started.err
    assert VALUE not in started.out + started.err
    assert box.occ("stop", "--yes", "--reason", VALUE).status == 0
    assert VALUE.encode() not in written(box)
    shown = box.well("show", "1").out
    assert "the new token is ***" in shown
    assert box.well("journal", "verify").status == 0


def plant(link: Path, target: Path) -> None:
    link.symlink_to(target)
    os.chown(link, ANN, ANN, follow_symlinks=False)
