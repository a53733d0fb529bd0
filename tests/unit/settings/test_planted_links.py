"""Root writes in folders of other people, who put links there: none of theirs is followed."""

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from occ import own_files
from occ.errors import ConfigError, FailedError, JournalError, OccError
from occ.journal.sqlite.store import SqlJournal
from occ.settings.secret_values.fingerprints import fingerprint_key
from occ.settings.secret_values.secrets_file import put, remove
from occ.settings.toml.atomic_file import rewrite
from occ.settings.toml.config_text import append, config_text, exchange
from occ.units import files as unit_files
from tests.unit.journal.samples import PLANNED, STAMP

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be led astray so")
ANN = 12_345
RUNS, SECONDS = 3_000, 8


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that anybody can reach: `home` is ann's, `roots` is root's."""
    with TemporaryDirectory() as folder:
        there = Path(folder)
        there.chmod(0o755)
        for name in ("home", "home/occ", "roots"):
            (there / name).mkdir()
        os.chown(there / "home", ANN, ANN)
        os.chown(there / "home" / "occ", ANN, ANN)
        yield there


def link_of(owner: int, link: Path, target: Path) -> None:
    link.symlink_to(target)
    os.chown(link, owner, owner, follow_symlinks=False)


def a_journal(path: Path) -> None:
    SqlJournal(path).open_operation((PLANNED,), STAMP)


WRITERS: dict[str, Callable[[Path], object]] = {
    "rewrite": lambda file: rewrite(file, "a\n"),
    "append": lambda file: append(file, "a = 1\n"),
    "exchange": lambda file: exchange(file, "", "a = 1\n"),
    "a secret": lambda file: put(file, "A", "hunter22"),
    "a secret gone": lambda file: remove(file, ["A"]),
    "a journal": a_journal,
    "a lock": lambda file: SqlJournal(file).lock("web").acquire(),
}


@pytest.mark.parametrize("to", ["nowhere", "a file", "a folder on the way"])
@pytest.mark.parametrize("writer", WRITERS)
def test_a_link_that_ann_planted_is_refused_with_a_sentence(
    place: Path, writer: str, to: str
) -> None:
    file, victim = place / "home" / "occ" / "file", place / "roots" / "file"
    if to == "a folder on the way":
        file.parent.rmdir()
        link_of(ANN, file.parent, place / "roots")
    else:
        link_of(ANN, file, victim)
    if to == "a file":
        victim.touch(mode=0o600)
    before = seen(place / "roots")
    planted = file.parent if file.parent.is_symlink() else file
    with pytest.raises((ConfigError, JournalError)) as told:
        WRITERS[writer](file)
    said = f"{planted} is a link of user {ANN}, and root follows no link of others"
    read = writer == "a journal" and to == "a file"  # it is read first, and is no journal
    assert ("it is empty" if read else said) in str(told.value)
    assert seen(place / "roots") == before
    assert planted.is_symlink()


@pytest.mark.parametrize("name", ["reserve", "bugs", "web.lock", "lock", "open", "new"])
def test_no_file_beside_the_journal_is_written_through_a_link(place: Path, name: str) -> None:
    file, victim = place / "home" / "occ" / "journal", place / "roots" / "file"
    victim.write_text("theirs")
    before = seen(place / "roots")
    link_of(ANN, file.with_name(f"journal.{name}"), victim)
    journal = SqlJournal(file)
    for act in (
        journal.reserve,
        journal.lock("web").acquire,
        lambda: journal.keep_bug("a"),
        lambda: journal.open_operation((PLANNED,), STAMP),
        journal.release,
    ):
        with suppress(OccError):
            act()
    journal.close()
    assert seen(place / "roots") == before


def test_another_name_of_a_file_elsewhere_is_not_written_to(place: Path) -> None:
    """Systems without protected_hardlinks let ann make one."""
    file, victim = place / "home" / "occ" / "journal", place / "roots" / "file"
    victim.write_text("theirs")
    for name in ("reserve", "bugs"):
        os.link(victim, file.with_name(f"journal.{name}"))
    with pytest.raises(JournalError, match="another name of a file elsewhere"):
        SqlJournal(file).reserve()
    assert SqlJournal(file).keep_bug("a") == ""
    assert victim.read_text() == "theirs"


def test_a_key_and_a_unit_take_the_place_of_a_link(place: Path) -> None:
    folder, victim = place / "home" / "occ", place / "roots" / "file"
    victim.write_bytes(bytes(32))
    victim.chmod(0o600)
    before = seen(place / "roots")
    link_of(ANN, folder / "web.service", victim)
    unit_files.put(folder / "web.service", "[Unit]\n")
    assert (folder / "web.service").read_text() == "[Unit]\n"
    folder.rename(place / "home" / "gone")
    link_of(ANN, folder, place / "roots")
    with pytest.raises(FailedError, match="is a link of user"):
        unit_files.put(folder / "web.service", "[Unit]\n")
    with pytest.raises(ConfigError, match="the key of secrets cannot be made"):
        fingerprint_key(folder)
    assert seen(place / "roots") == before


def test_links_of_root_in_folders_of_root_are_followed(place: Path) -> None:
    (place / "roots" / "real").mkdir()
    (place / "linked").symlink_to("roots/real")
    (place / "roots" / "real" / "config.toml").symlink_to(place / "roots" / "own.toml")
    rewrite(place / "linked" / "config.toml", "a\n")
    assert (place / "roots" / "own.toml").read_text() == "a\n"
    (place / "roots" / "real").chmod(0o777)
    with pytest.raises(ConfigError, match="root follows no link of others"):
        rewrite(place / "linked" / "config.toml", "b\n")
    (place / "round").symlink_to("round")
    with pytest.raises(OSError, match="Too many levels"), own_files.folder_of(place / "round"):
        pass


def test_everybody_else_follows_links_as_every_program_does(place: Path) -> None:
    home = place / "home"
    (home / "dotfiles").mkdir()
    (home / "occ" / "config.toml").symlink_to("../dotfiles/occ.toml")
    for path in (home, home / "occ", home / "dotfiles"):
        os.chown(path, ANN, ANN)
    child = os.fork()
    if not child:
        try:
            os.setgid(ANN)
            os.setuid(ANN)
            rewrite(home / "occ" / "config.toml", "a\n")
        except OccError:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert (home / "dotfiles" / "occ.toml").read_text() == "a\n"
    assert (home / "occ" / "config.toml").is_symlink()


def seen(folder: Path) -> dict[str, tuple[int, int, int, str]]:
    """Names, modes, owners and texts of the files of a folder."""
    found = {path.name: path for path in folder.iterdir()}
    return {
        name: (at.st_mode, at.st_uid, at.st_gid, path.read_text(errors="replace"))
        for name, path in found.items()
        for at in (path.stat(),)
    }


@contextmanager
def attacker(act: Callable[[], None]) -> Iterator[None]:
    """A process of ann's that does this as fast as it can."""
    child = os.fork()
    if not child:
        try:
            os.setgid(ANN)
            os.setuid(ANN)
            while True:
                with suppress(OSError):
                    act()
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def swaps(folder: Path, victim: Path) -> dict[str, Callable[[], None]]:
    """Ways to have a link where root is about to write."""
    file, spare = folder / "config.toml", folder.parent / "spare"

    def swap(path: Path) -> None:
        link = folder / "planted"
        with suppress(FileExistsError):
            link.symlink_to(victim)
        link.replace(path)

    def drafts() -> None:
        for there in folder.glob(".config.toml.*"):
            swap(there)

    def target() -> None:
        swap(file)
        file.unlink()

    def around() -> None:
        folder.rename(spare)
        folder.symlink_to(victim.parent)
        folder.unlink()
        spare.rename(folder)

    return {"the draft": drafts, "the target": target, "the folder": around}


@pytest.mark.parametrize("where", ["the draft", "the target", "the folder"])
def test_who_swaps_files_for_links_all_the_time_gains_nothing(place: Path, where: str) -> None:
    folder, victim = place / "home" / "occ", place / "roots" / "config.toml"
    file = folder / "config.toml"
    file.write_text("a = 1\n")
    file.chmod(0o644)
    os.chown(file, ANN, ANN)
    victim.write_text("theirs")
    victim.chmod(0o600)
    before = seen(place / "roots")
    runs = wrote = 0
    until = time.monotonic() + SECONDS
    with attacker(swaps(folder, victim)[where]):
        while runs < RUNS and time.monotonic() < until:
            runs += 1
            with suppress(ConfigError):
                exchange(file, config_text(file) or "", f"a = {runs}\n")  # as `config set` does
                wrote += 1
            assert seen(place / "roots") == before, runs
    assert wrote > 0
    assert stat.S_IMODE(victim.stat().st_mode) == 0o600
