"""What the timer of a config is told, and when there is none."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from occ.app.auto import timer
from occ.app.desk import Desk
from occ.app.knowledge.clockwork import clockwork, note_run, timer_name
from occ.errors import RefusedError
from occ.settings import load
from occ.units.timers import SystemdTimers
from tests.clock import FakeClock

WEB = '[services.web]\nimage = "a/b:1"\nstop_timeout = "10s"\nsnapshot_timeout = "20m"\n'
HEALTH = '[services.web.health]\ntimeout = "2m"\n'
ON = "[services.web.auto]\nenabled = true\n"


class Made:
    """Desks over one folder, and timers that stand there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.timers = SystemdTimers(scope="system", folder=folder / "units", person="ann")
        self.desks: list[Desk] = []

    def desk(self, config: str, environ: Mapping[str, str] | None = None) -> Desk:
        path = self.folder / "c" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(config)
        known = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder / "data")}
        known |= {"OCC_CONFIG": str(path), "OCC_JOURNAL": "/j/j.db", **(environ or {})}
        self.desks.append(Desk(settings=load(known), environ=known, argv=(), clock=self.clock))
        return self.desks[-1]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    one = Made(tmp_path)
    yield one
    for desk in one.desks:
        desk.close()


def test_everything_that_was_found_is_named(made: Made) -> None:
    desk = made.desk(WEB + HEALTH + ON, {"DOCKER_HOST": "unix:///d.sock", "EDITOR": "vi"})
    text = timer.install(desk, made.timers, dry_run=True).text
    config = f"{made.folder}/c/config.toml"
    command = f"{sys.executable} -P -m occ auto run --config {config} --journal /j/j.db"
    assert f"\nExecStart={command}\n" in text
    assert "\nEnvironment=DOCKER_HOST=unix:///d.sock\n" in text
    assert "EDITOR" not in text
    assert not (made.folder / "units").exists()


def test_how_long_a_run_may_take_follows_from_the_time_limits(made: Made) -> None:
    """Forward 1 h of pull, 10 s of stop, 20 min of snapshot, 2 min of gate; back without the pull
    and with 2 min to spare."""
    services = made.desk(WEB + HEALTH + ON).settings.services.values()
    forward, back = 3600 + 10 + 1200 + 120, 10 + 1200 + 120 + 120
    assert (timer.run_seconds(services), timer.stop_seconds(services)) == (forward + back, back)
    rehearsed = made.desk(WEB + "rehearse = true\n" + HEALTH + ON).settings.services.values()
    assert timer.run_seconds(rehearsed) == forward + back + 1200 + 2 * 120


def test_a_config_in_which_nothing_updates_itself_has_no_timer(made: Made) -> None:
    desk = made.desk(WEB)
    assert clockwork(desk) is None
    with pytest.raises(
        RefusedError, match=r"no service of .*config\.toml updates itself"
    ) as refused:
        timer.install(desk, made.timers, dry_run=True)
    assert refused.value.hint == "occ config set services.web.auto.enabled true"
    with pytest.raises(RefusedError):
        timer.for_cron(desk)


def test_a_secret_of_this_session_alone_is_refused(made: Made) -> None:
    config = WEB + 'secrets = ["TOKEN"]\n' + ON
    with pytest.raises(RefusedError, match="TOKEN of web comes from this session") as refused:
        timer.for_cron(made.desk(config, {"TOKEN": "hush"}))
    assert "hush" not in f"{refused.value.message}{refused.value.hint}"


def test_configs_in_other_places_have_timers_of_their_own(made: Made) -> None:
    other = timer_name(made.desk(WEB))
    usual = timer_name(made.desk(WEB, {"XDG_CONFIG_HOME": str(made.folder / "x")}))
    assert other == usual != "occ_auto"
    there = made.folder / "c"
    (there / "occ").mkdir()
    desk = made.desk(WEB, {"XDG_CONFIG_HOME": str(there)})
    (there / "occ" / "config.toml").write_text(WEB)
    known = {**desk.environ, "OCC_CONFIG": str(there / "occ" / "config.toml")}
    named = Desk(settings=load(known), environ=known, argv=())
    assert timer_name(named) == "occ_auto"


def test_when_it_last_ran_and_when_it_should_have(made: Made) -> None:
    desk = made.desk(WEB + ON)
    found = clockwork(desk)
    assert found is not None
    assert (found.ran_at, found.should_at, found.late) == (0, 0, True)
    note_run(desk)
    ran = made.clock.now()
    file = made.folder / "data" / "occ" / f"{timer_name(desk)}.ran"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    for minutes, late in ((0, False), (30, False), (31, True)):
        made.clock.at = ran - made.clock.wall + minutes * 60_000
        found = clockwork(desk)
        assert found is not None
        assert (found.ran_at, found.should_at, found.late) == (ran, ran + 600_000, late)
    file.write_text("no time")
    found = clockwork(desk)
    assert found is not None
    assert found.ran_at == 0
