"""The words of `occ snapshot`, on the stage and in a world in memory."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from occ.app.app import App
from occ.cli import run
from occ.engine.values import File
from occ.errors import OUTPUT_CLOSED
from tests.cli.conftest import Golden, Occ
from tests.cli.stage import Stage
from tests.doubles.engine.container import MemoryVolume
from tests.faults.memory import NAME, VOLUME
from tests.unit.app.snapshot_world import World

Typed = Callable[..., tuple[int, str, str]]


def test_the_list_is_a_table_of_80_columns(occ: Occ, golden: Golden) -> None:
    said = occ("snapshot", "list", terminal=80)
    assert all(len(line) <= 80 for line in said.out.splitlines())
    golden("snapshot-list", said.out)


def test_show_says_how_it_was_read_and_what_is_not_in_it(occ: Occ, golden: Golden) -> None:
    golden("snapshot-show", occ("snapshot", "show", "2").out)


def test_a_difference_is_told_a_path_a_line(occ: Occ) -> None:
    said = occ("snapshot", "diff", "2")
    assert said.out == "+ web-data: new\\n\n~ web-data: app.db (size, content)\n"
    assert said.err == (
        "note: read through the engine: times below the second, ACLs and extended attributes are "
        "not compared\n"
    )


def test_verify_takes_one_or_all(occ: Occ, stage: Stage) -> None:
    for words in (["verify"], ["verify", "2", "--all"]):
        said = occ("snapshot", *words)
        assert said.status == 2
        assert "try: occ snapshot verify N, or --all" in said.err
    assert occ("snapshot", "verify", "2").out == "snapshot 2 is whole\n"
    assert ("checked", 2) in stage.calls


def test_a_removal_is_a_question(occ: Occ, stage: Stage) -> None:
    said = occ("snapshot", "remove", "2")
    assert said.status == 0  # the stage's proposal asks nothing
    assert said.out == "web: snapshot 2 removed\n"
    assert [wish.verb for name, wish in stage.calls if name == "wish"] == ["remove"]


def test_nothing_is_written_to_a_terminal(occ: Occ, stage: Stage) -> None:
    said = occ("snapshot", "export", "2", "--file", "-", terminal=80)
    assert said.status == 4
    assert "try: occ snapshot export 2 --file FILE" in said.err
    assert not [call for call in stage.calls if call[0] == "exported"]


@pytest.mark.parametrize("number", ["0", "-1", "x", str(1 << 63)])
def test_a_number_that_is_none_is_a_mistake(occ: Occ, number: str) -> None:
    assert occ("snapshot", "show", "--", number).status == 2


def test_an_import_is_recorded_by_its_whole_path(occ: Occ, stage: Stage) -> None:
    assert occ("snapshot", "import", "out.tar").status == 0
    (wish,) = [wish for name, wish in stage.calls if name == "wish"]
    assert wish.file == str(Path("out.tar").absolute())


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.prepare("update", "one")
    made.engine.host.volumes[VOLUME].files["log/1"] = File(path="log/1", data=b"x" * 2_000)
    return made


@pytest.fixture
def typed(
    world: World, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Typed:
    """Type a command in that world: status, output, errors."""
    monkeypatch.chdir(world.folder)

    def call(*words: str) -> tuple[int, str, str]:
        status = run([*words], lambda *_, **__: App(world.desk()))
        return status, *capfd.readouterr()

    return call


def result(typed: Typed, *words: str) -> Any:
    status, out, err = typed(*words, "-o", "json")
    assert status == 0, err
    return json.loads(out)["result"]


def test_a_life_by_hand(world: World, typed: Typed) -> None:
    status, out, _ = typed("snapshot", "list")
    assert (status, out) == (0, "")
    status, out, _ = typed("snapshot", "create", "--reason", "by hand")
    assert (status, out) == (
        0,
        f"{NAME}: snapshot 2, 1 volume, 0.0 MB; fuzzy: {NAME} ran while it was taken\n",
    )
    typed("stop", "--yes")
    status, out, _ = typed("snapshot", "create")
    assert (status, out) == (0, f"{NAME}: snapshot 4, 1 volume, 0.0 MB; exact\n")
    (later, first) = result(typed, "snapshot", "list")
    assert (later["number"], first["number"], first["reason"]) == (4, 2, "by hand")
    assert later["volumes"][0]["same_as"] == 2

    world.engine.host.volumes[VOLUME].files["new"] = File(path="new", data=b"n")
    assert typed("snapshot", "diff", "4")[1] == f"+ {VOLUME}: new\n"
    assert typed("snapshot", "diff", "2", "4")[1] == "no difference\n"
    assert world.files == sorted(
        f"{n}.{VOLUME}.{end}" for n in (2, 4) for end in ("manifest", "tar.zst")
    )

    status, out, _ = typed("snapshot", "export", "2")
    assert (status, out) == (0, f"{NAME}: snapshot 2 is in {world.folder}/{NAME}-snapshot-2.tar\n")
    status, _, err = typed("snapshot", "export", "2")
    assert (status, f"{NAME}-snapshot-2.tar is there already" in err) == (4, True)
    status, out, _ = typed("snapshot", "import", f"{NAME}-snapshot-2.tar")
    assert (status, out) == (
        0,
        f"{NAME}: snapshot 5, 1 volume, 0.0 MB; unverified: occ snapshot verify 5\n",
    )
    status, _, err = typed("snapshot", "diff", "5")
    assert (status, "snapshot 5 is unverified: it has no manifest" in err) == (4, True)
    status, out, _ = typed("snapshot", "verify", "5", "--plan")
    assert (status, out) == (10, "snapshot 5 is unverified, and would be read\n")
    assert result(typed, "snapshot", "show", "5")["verified"] is False
    told = result(typed, "snapshot", "verify", "--all")
    assert told == [
        {"snapshot": 5, "described": True},
        {"snapshot": 4, "described": False},
        {"snapshot": 2, "described": False},
    ]
    assert result(typed, "snapshot", "show", "5")["imported"] == f"{NAME} 2"

    status, _, err = typed("snapshot", "remove", "2")
    assert (status, "asks before it goes on" in err) == (4, True)
    assert typed("snapshot", "remove", "2", "--yes")[:2] == (0, f"{NAME}: snapshot 2 removed\n")
    status, _, err = typed("snapshot", "show", "2")
    assert (status, f"snapshot 2 of {NAME} was removed on 20" in err) == (3, True)
    assert typed("snapshot", "verify", "4")[:2] == (0, "snapshot 4 is whole\n")


def test_a_volume_that_one_side_lacks_is_not_told_as_removed(world: World, typed: Typed) -> None:
    typed("snapshot", "create")
    world.engine.host.volumes["other"] = MemoryVolume({}, {})
    config = world.folder / "config.toml"
    config.write_text(config.read_text().replace(f'"{VOLUME}:', '"other:'))
    assert typed("apply", "--yes")[0] == 0
    status, out, err = typed("snapshot", "diff", "2")
    assert (status, out) == (0, "no difference in the volumes of both sides\n")
    assert f"not compared, as only one side has it: {VOLUME}" in err
    assert result(typed, "snapshot", "diff", "2")["left_out"] == [VOLUME]


def test_a_plan_touches_nothing(world: World, typed: Typed) -> None:
    status, out, _ = typed("snapshot", "create", "--plan")
    assert status == 10
    assert f"1. Read {VOLUME}" in out
    assert world.files == []


def test_damage_is_named_with_file_and_member(world: World, typed: Typed) -> None:
    typed("snapshot", "create")
    world.engine.host.volumes[VOLUME].files["log/1"] = File(path="log/1", data=b"y")
    typed("snapshot", "create")
    one, other = sorted((world.folder / "snapshots").rglob("*.tar.zst"))
    one.write_bytes(other.read_bytes())
    status, _, err = typed("snapshot", "verify", "--all")
    assert status == 4
    assert f"{one} is damaged: 'log/1' differs from its manifest (size, content)" in err
    one.unlink()
    status, _, err = typed("snapshot", "verify", "2")
    assert (status, f"{one} is not there" in err) == (3, True)
    damaged = other.read_bytes()
    other.write_bytes(damaged[:-1])
    status, _, err = typed("snapshot", "verify", "--all")
    assert status == 4
    assert f"{one} is not there" in err
    assert f"{other} is damaged: " in err
    other.write_bytes(damaged)
    manifest = other.with_name(f"3.{VOLUME}.manifest")
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    status, _, err = typed("snapshot", "verify", "3")
    assert (status, f"{manifest} is damaged: its hash is not the recorded one" in err) == (4, True)


def test_a_name_that_cannot_be_is_told_and_no_bug(typed: Typed) -> None:
    typed("snapshot", "create")
    for words in (["export", "2", "--file"], ["import"]):
        status, _, err = typed("snapshot", *words, "x" * 300)
        assert status == 6
        assert "File name too long" in err
        assert "Traceback" not in err


@pytest.mark.parametrize("full", [True, False])
def test_an_output_that_takes_nothing_is_told_and_no_bug(
    full: bool, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("snapshot", "create")
    with Path("/dev/full").open("w") as nowhere:
        monkeypatch.setattr("sys.stdout", nowhere if full else None)
        status, _, err = typed("snapshot", "export", "2", "--file", "-")
    assert status == OUTPUT_CLOSED
    assert "Traceback" not in err
    assert ("No space left on device" in err) is full


def test_a_pin_shows_and_what_was_pruned_is_a_row_of_the_whole_list(
    world: World, typed: Typed
) -> None:
    assert world.take() == 0
    first = world.journal.last_operation()
    status, out, _ = typed("snapshot", "pin", str(first))
    assert (status, out) == (0, f"{NAME}: snapshot {first} pinned\n")
    assert ", pinned" in typed("snapshot", "list")[1]
    assert "pinned" in typed("snapshot", "show", str(first))[1]
    status, out, _ = typed("snapshot", "unpin", str(first))
    assert (status, out) == (0, f"{NAME}: snapshot {first} unpinned\n")
    assert typed("snapshot", "pin", "99")[0] == 3
    status, _, err = typed("snapshot", "remove", str(first), "--yes")
    assert status == 0, err
    assert typed("snapshot", "list")[1] == ""
    (_, line) = typed("snapshot", "list", "--all")[1].splitlines()
    assert line.startswith(f"{first}   20")
    assert "  removed 20" in line
    status, _, err = typed("snapshot", "show", str(first))
    assert (status, f"snapshot {first} of {NAME} was removed on 20" in err) == (3, True)


def test_prune_shows_a_table_asks_and_says_what_went(world: World, typed: Typed) -> None:
    for size in (1, 2, 3):
        world.engine.host.volumes[VOLUME].files["new"] = File(path="new", data=b"n" * size)
        assert world.take() == 0
    first = world.journal.last_operation() - 2
    status, out, _ = typed("prune", "--plan")
    assert (status, out.splitlines()[0]) == (
        0,
        f"{NAME}: nothing to do: nothing goes by the rules",
    )
    assert [line.split()[0:3] for line in out.splitlines()[2:]] == [
        ["stays", "snapshot", str(number)] for number in range(first, first + 3)
    ]
    assert typed("config", "set", "keep_last", "1")[0] == 0
    status, out, _ = typed("prune", "--plan")
    assert status == 10
    assert "goes   snapshot" in out
    assert f"Remove snapshot {first}, snapshot {first + 1}, for good" in out
    assert "frees " in out
    assert "beyond keep_last 1" in out
    assert "Nothing brings back the data that is removed." in out
    status, _, err = typed("prune")
    assert (status, "occ prune asks before it goes on" in err) == (4, True)
    assert len(world.known) == 3
    told = result(typed, "prune", "--yes")
    assert told["removed"] == [f"snapshot {first}", f"snapshot {first + 1}"]
    status, out, _ = typed("prune", "--yes")
    assert (status, out) == (0, f"{NAME}: unchanged, nothing goes by the rules\n")
