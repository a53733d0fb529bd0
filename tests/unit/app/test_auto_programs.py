"""Services that update themselves, with programs that put an update off or judge its image."""

from pathlib import Path

import pytest

from occ.domain.programs import Ended
from tests.doubles.programs import Script
from tests.faults.memory import MemoryWorld
from tests.unit.app.test_auto import AUTO, HOUR_MS, MINUTE_MS, Nights

LATER, NO, YES = (Script(ended=Ended(status=status)) for status in (75, 1, 0))


def nights(folder: Path, more: str, path: str, script: Script) -> Nights:
    """A service that runs, a newer image, and a program."""
    world = MemoryWorld(folder, more=f"{AUTO}{more}\n")
    world.engine.host.scripts[path] = YES
    world.prepare("restart", "one")
    world.engine.host.scripts[path] = script
    found = Nights(world)
    found.publish("good", "2.0")
    return found


def test_an_update_that_is_put_off_is_tried_again_in_its_night(tmp_path: Path) -> None:
    night = nights(tmp_path, 'defer = ["idle"]', "idle", LATER)
    line = night.night()
    assert (line.ended, line.exit_status) == ("deferred", 4)
    night.world.engine.host.scripts["idle"] = YES
    assert night.line().ended == "not_due"
    night.world.clock.sleep(11 * MINUTE_MS)
    assert night.line().ended == "updated"
    assert night.world.serves() == "2.0"


@pytest.mark.parametrize(
    ("after_wait", "ends"),
    [
        # put off at 03:00; the hour is over at 04:00, in the same window
        ("window", ["deferred", "deferred", "updated"]),
        ("anyway", ["deferred", "updated", "already_newest"]),
    ],
)
def test_an_update_goes_on_when_it_was_put_off_for_long_enough(
    after_wait: str, ends: list[str], tmp_path: Path
) -> None:
    more = f'defer = ["idle"]\nmax_wait = "1h"\nafter_wait = "{after_wait}"'
    night = nights(tmp_path, more, "idle", LATER)
    found = [night.night().ended]
    night.world.clock.sleep(HOUR_MS + MINUTE_MS)
    found.append(night.line().ended)
    night.until(3)
    found.append(night.line().ended)
    assert found == ends
    assert night.world.serves() == "2.0"


def test_an_image_that_is_refused_is_asked_about_again_in_the_next_night(tmp_path: Path) -> None:
    night = nights(tmp_path, 'accept = [["/verify"]]', "/verify", NO)
    assert night.night().ended == "gate_refused"
    night.world.clock.sleep(HOUR_MS)
    assert night.line().ended == "not_due"
    assert len(night.world.programs.ran) == 2  # of them one at the installation
    night.world.engine.host.scripts["/verify"] = YES
    assert night.night().ended == "updated"


def test_a_gate_command_without_an_answer_is_asked_again_in_the_same_night(tmp_path: Path) -> None:
    night = nights(tmp_path, 'accept = [["/verify"]]', "/verify", LATER)
    assert night.night().ended == "gate_unknown"
    night.world.engine.host.scripts["/verify"] = YES
    night.world.clock.sleep(11 * MINUTE_MS)
    assert night.line().ended == "updated"
