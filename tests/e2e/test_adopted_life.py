"""What becomes of adopted containers: secrets, copies, crashes, lost journals, and giving back."""

import stat
import time
from contextlib import closing
from typing import Any

import pytest

from tests.box import Box, get, post, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run

SECRET = "correct-horse-battery"
QUICK = '\n[services.{}.health]\nmin_healthy = "200ms"\n'


class Docker:
    """The docker command on the shared engine."""

    def __init__(self, engine: PrivateEngine) -> None:
        self._engine = engine

    def __call__(self, *words: str) -> str:
        return run(["docker", "-H", self._engine.url, *words]).strip()


@pytest.fixture
def docker(private_engine: PrivateEngine) -> Docker:
    return Docker(private_engine)


@pytest.fixture
def made(box: Box, images: Images, docker: Docker, port: int) -> str:
    """A container with a secret in its environment and its data in an anonymous volume; its id."""
    (box.folder / "config.toml").write_text("# mine\n")
    ref = images.publish("good", "1.0", name=box.service, forget=False).ref
    return docker(
        *("run", "-d", "--name", box.service, "-p", f"127.0.0.1:{port}:3000"),
        *("-e", f"API_TOKEN={SECRET}", "-e", "COLOUR=blue", "--restart", "unless-stopped", ref),
    )


def wait_for(port: int, version: str) -> None:
    until = time.monotonic() + 20
    while serves(port) != version and time.monotonic() < until:
        time.sleep(0.1)
    assert serves(port) == version


def volume_at(docker: Docker, container: str, path: str) -> str:
    form = '{{range .Mounts}}{{if eq .Destination "PATH"}}{{.Name}}{{end}}{{end}}'
    form = form.replace("PATH", path)
    return docker("inspect", "-f", form, container)


def everything_written(box: Box) -> bytes:
    return b"".join(path.read_bytes() for path in box.folder.glob("journal.db*"))


def test_data_of_an_anonymous_volume_lives_through_update_and_rollback(
    box: Box, made: str, docker: Docker, images: Images, port: int
) -> None:
    wait_for(port, "1.0")
    post(port, "/marker", "precious")
    anonymous = volume_at(docker, made, "/data")
    planned = box.well("adopt", box.service, "--plan", status=10)
    assert f'volumes = ["{box.service}.data:/data"]' in planned.out
    assert "is copied into" in planned.out
    assert SECRET not in planned.out + planned.err
    assert not (box.folder / "fingerprint.key").exists()
    done = box.well("adopt", box.service, "--yes")
    assert f"{box.service}: adopted as version 1" in done.out
    status = box.status()
    assert (status["container"], status["version"], status["drift"]) == (made, 1, [])
    assert (status["health"], status["standing"]) == ("unknown", "proven")
    way = f"no health path: occ config set services.{box.service}.health.path PATH"
    assert f"runs steadily ({way})" in done.err
    assert status["why"] == way
    assert "adopted as" in status["notes"][0]

    config = box.folder / "config.toml"
    assert config.read_text().startswith("# mine\n\n[services.")
    config.write_text(config.read_text() + QUICK.format(box.service))
    images.publish("good", "2.0", name=box.service)
    updated = box.well("update", "--yes")
    assert "1 -> 2" in updated.out
    assert f"docker volume rm {anonymous}" in updated.err
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    assert volume_at(docker, box.service, "/data") == f"{box.service}.data"
    assert anonymous in docker("volume", "ls", "-q").splitlines()

    box.well("rollback", "--yes", "--to", "1")
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    assert f"API_TOKEN={SECRET}" in docker("inspect", "-f", "{{.Config.Env}}", box.service)
    assert docker("ps", "-aq", "--filter", "label=occ.helper") == ""


def test_secrets_go_into_their_file_and_nowhere_else(box: Box, made: str, port: int) -> None:
    wait_for(port, "1.0")
    done = box.well("adopt", box.service, "--yes", "-o", "json")
    file = box.folder / f"{box.service}.secrets"
    assert file.read_text() == f"API_TOKEN={SECRET}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    config = (box.folder / "config.toml").read_text()
    assert 'secrets = ["API_TOKEN"]' in config
    assert 'COLOUR = "blue"' in config
    shown = box.well("show", "1", "-o", "json")
    said = f"{config}{done.out}{done.err}{shown.out}"
    assert SECRET not in said
    assert SECRET.encode() not in everything_written(box)


def test_an_update_that_fails_takes_its_copies_away_and_the_old_one_serves(
    box: Box, made: str, docker: Docker, images: Images, port: int
) -> None:
    wait_for(port, "1.0")
    post(port, "/marker", "precious")
    box.well("adopt", box.service, "--yes")
    images.publish("crash", "2.0", name=box.service)
    box.well("update", "--yes", status=6)
    wait_for(port, "1.0")
    assert docker("inspect", "-f", "{{.Id}}", box.service) == made
    assert get(port, "/marker") == (200, "precious")
    assert f"{box.service}.data" not in docker("volume", "ls", "-q").splitlines()
    post(port, "/marker", "more precious")
    images.publish("good", "3.0", name=box.service)
    config = box.folder / "config.toml"
    config.write_text(config.read_text() + QUICK.format(box.service))
    box.well("update", "--yes")
    assert get(port, "/marker") == (200, "more precious")


def test_a_stopped_container_is_adopted_stopped_and_started_by_occ(
    box: Box, made: str, docker: Docker, port: int
) -> None:
    docker("stop", box.service)
    box.well("adopt", made[:12], "--yes")
    assert box.status()["state"] == "exited"
    box.well("start", "--yes")
    wait_for(port, "1.0")
    assert box.status()["container"] == made
    box.well("stop", "--yes")
    assert docker("inspect", "-f", "{{.State.Running}}", made) == "false"


def test_what_occ_forgets_stays_as_it_is_and_can_be_adopted_again(
    box: Box, made: str, docker: Docker, port: int
) -> None:
    wait_for(port, "1.0")
    box.well("adopt", box.service, "--yes")
    box.well("adopt", box.service, "--yes", "--exit-unchanged", status=77)
    box.well("forget", status=4)
    forgotten = box.well("forget", "--yes", "--reason", "moved")
    assert "forgotten; its container stays as it is" in forgotten.out
    assert (serves(port), docker("inspect", "-f", "{{.Id}}", box.service)) == ("1.0", made)
    box.well("forget", "--yes", "--exit-unchanged", status=77)
    refused = box.well("update", "--yes", status=4)
    assert f"occ adopt {box.service}" in refused.err
    again = box.well("adopt", box.service, "--yes")
    assert "adopted as version 1" in again.out
    rows: list[Any] = box.well("history", "-o", "json").result()
    assert [(row["kind"], row["outcome"]) for row in rows] == [
        ("adopt", "done"),
        ("forget", "done"),
        ("adopt", "done"),
    ]
    assert rows[1]["reason"] == "moved"


def test_a_container_of_a_lost_journal_is_taken_when_somebody_says_so(
    box: Box, images: Images, docker: Docker, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    (box.folder / "journal.db").rename(box.folder / "lost.db")
    refused = box.well("adopt", box.service, "--yes", status=4)
    assert "--take" in refused.err
    taken = box.well("adopt", box.service, "--take", "--yes")
    assert "adopted as version 1" in taken.out
    kept = box.well("show", "1", "-o", "json").out
    assert f"{box.folder}/journal.db" in kept
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert (serves(port), get(port, "/marker")[1]) == ("2.0", "precious")
    box.well("rollback", "--yes", "--to", "1")
    assert (serves(port), get(port, "/marker")[1]) == ("1.0", "precious")


def test_what_cannot_be_carried_is_refused_and_nothing_is_written(
    box: Box, images: Images, docker: Docker, private_engine: PrivateEngine
) -> None:
    config = box.folder / "config.toml"
    config.write_text("")
    image = images.publish("good", "1.0", name=box.service, forget=False).ref
    docker("run", "-d", "--rm", "--name", box.service, image)
    refused = box.well("adopt", box.service, "--yes", status=4)
    assert "--rm" in refused.err
    box.well("adopt", "nobody", "--yes", status=3)
    large = f"{box.service}-Large"
    docker("create", "--name", large, image)
    named = box.well("adopt", large, "--yes", status=2)
    assert f"occ adopt {large} --service NAME" in named.err
    docker("rm", "-v", large)
    with closing(private_engine.client()) as client:
        client.remove_container(box.service, force=True)
    assert config.read_text() == ""
    assert not (box.folder / "journal.db").exists()


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_an_adoption_that_was_cut_off_is_finished_or_leaves_nothing(
    box: Box, made: str, docker: Docker, port: int, way: str
) -> None:
    wait_for(port, "1.0")
    running = box.start("adopt", box.service, "--yes")
    config = box.folder / "config.toml"
    until = time.monotonic() + 20
    while "[services" not in config.read_text() and time.monotonic() < until:
        time.sleep(0.05)
    running.kill()
    running.communicate()
    ended = box.well(way, "--service", box.service, *(["--yes"] if way == "abort" else []))
    assert docker("inspect", "-f", "{{.Id}} {{.State.Running}}", box.service) == f"{made} true"
    if way == "resume":
        assert "adopted as version 1" in ended.out
        assert box.status()["version"] == 1
        assert SECRET in (box.folder / f"{box.service}.secrets").read_text()
    else:
        assert config.read_text() == "# mine\n"
        assert not (box.folder / f"{box.service}.secrets").exists()
        box.well("adopt", box.service, "--plan", status=10)
