"""`occ auto run` on a real engine and registry, typed as a timer types it."""

from datetime import UTC, datetime, timedelta

from tests.box import Box, get, post, serves
from tests.testbed.images import Images


def auto(more: str = "") -> str:
    """A window of UTC around now, which opened an hour ago."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    window = f"{now - hour:%H:%M}-{now + 2 * hour:%H:%M}"
    return f'auto = {{ enabled = true, timezone = "UTC", window = "{window}"{more} }}\n'


def test_whatever_is_due_is_updated_once(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more=auto())
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    due = box.occ("auto", "run", "--dry-run", "-o", "json")
    assert (due.status, due.result()["lines"][0]["ended"]) == (10, "due")
    assert serves(port) == "1.0"
    (line,) = box.well("auto", "run", "-o", "json").result()["lines"]
    assert (line["ended"], line["operation"]) == ("updated", 2)
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    (row, *_) = box.well("history", "-o", "json").result()
    assert (row["operator"], row["kind"], row["outcome"]) == ("auto", "update", "done")
    head = box.well("journal", "head", "-o", "json").result()
    images.publish("good", "3.0", name=box.service)
    again = box.occ("auto", "run", "--quiet", extra={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert (again.status, again.out, again.err) == (0, "", "")
    assert box.well("journal", "head", "-o", "json").result() == head


def test_a_bad_image_is_put_back_and_not_tried_again(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    health = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "300ms"\ntimeout = "3s"\n'
    box.configure(ref, port, health=health, more=auto())
    box.well("start", "--yes")
    images.publish("sick", "2.0", name=box.service)
    done = box.occ("auto", "run", "-o", "json")
    assert (done.status, done.result()["lines"][0]["ended"]) == (6, "unhealthy")
    assert serves(port) == "1.0"
    config = box.folder / "config.toml"
    now = datetime.now(UTC) - timedelta(minutes=1)  # another turn, which nobody has taken
    text = config.read_text().replace("enabled", f'schedule = "{now:%H:%M}", enabled')
    config.write_text(text)
    done = box.occ("auto", "run", "-o", "json")
    assert (done.status, done.result()["lines"][0]["ended"]) == (4, "known_bad")
    assert len(box.well("history", "-o", "json").result()) == 2
