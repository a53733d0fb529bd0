"""The learned deadline on a real engine: who has it, and who has all the time there is."""

from pathlib import Path

from occ.domain.step_events import StepReverting, StepStuck
from occ.journal.open import open_journal
from tests.box import HEALTH, Box, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

DEFAULT_S = 120  # health.timeout


def write(engine: PrivateEngine, box: Box, name: str, content: str) -> None:
    """Write a file into the service's data, as the service itself would."""
    client = engine.client()
    words = ["sh", "-c", f"echo {content} > /data/{name}"]
    client.exec_start(client.exec_create(box.service, words)["Id"])
    client.close()


def going_back_s(folder: Path) -> float:
    """How long the last operation took to know that its put-back does not answer, in seconds."""
    journal = open_journal(str(folder / "journal.db"))
    entries = list(journal.entries(operation=journal.last_operation()))
    journal.close()
    began, known = 0, 0
    for entry in entries:
        if isinstance(entry.event, StepReverting):
            began = entry.at
        if isinstance(entry.event, StepStuck):
            known = entry.at
    assert began < known
    return (known - began) / 1_000


def test_a_put_back_that_hangs_is_known_four_times_sooner_than_by_default(
    box: Box, private_engine: PrivateEngine, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=HEALTH)
    box.well("start", "--yes")
    write(private_engine, box, "late", "100000")
    images.publish("crash", "2.0", name=box.service)
    stuck = box.well("update", "--yes", status=7)
    assert "its starts before were quicker, proven_timeout" in stuck.err
    assert going_back_s(box.folder) < DEFAULT_S / 4

    write(private_engine, box, "late", "0")
    client = private_engine.client()
    client.restart(box.service, timeout=1)
    client.close()
    resumed = box.well("resume", status=6)
    assert "it is as it was found" in resumed.err
    assert serves(port) == "1.0"
    assert box.status()["health"] == "healthy"


def test_a_first_start_that_migrates_for_ten_times_its_usual_start_is_not_killed(
    box: Box, private_engine: PrivateEngine, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=HEALTH + 'interval = "200ms"\nmin_healthy = "1s"\n')
    box.well("start", "--yes")
    write(private_engine, box, "late", "2")
    for _ in range(3):
        box.well("restart", "--yes")
    write(private_engine, box, "migration", "20")  # the learned deadline would be 16 s
    images.publish("migrates", "2.0", name=box.service)
    updated = box.well("update", "--yes")
    assert serves(port) == "2.0"
    assert "note: version 2 took 22" in updated.err
    assert "until it was good, and the slowest of the 4 starts before it " in updated.err
    found = box.well("doctor", "-o", "json", status=0).result()
    (slow,) = [one for one in found if one["code"] == "start_slow"]
    assert (slow["note"], slow["service"]) == (True, box.service)
