"""What is known of secrets without their values: where they come from, and what changed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occ.app.config.secrets import drop_secret, keep_secret, secret_rows, secrets_since
from occ.app.desk import Desk
from occ.app.secret_values import fingerprints_of
from occ.errors import BusyError, ConfigError, NotFoundError, UsageMistakeError
from occ.settings import load
from tests.doubles.journal import MemoryJournal

CONFIG = '[services.web]\nimage = "a/b:1"\nsecrets = ["A", "B", "C"]\n'
HELD = ("A", "B", "C")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    (tmp_path / "config.toml").write_text(CONFIG)
    environ = {"HOME": str(tmp_path), "OCC_CONFIG": str(tmp_path / "config.toml"), "B": "outside"}
    made = Desk(
        settings=load(environ), environ=environ, argv=(), open_journal=lambda _: MemoryJournal()
    )
    yield made
    made.close()


def value(text: str) -> Callable[[], str]:
    return lambda: text


def test_each_says_where_it_comes_from_and_what_nobody_asks_for_is_last(desk: Desk) -> None:
    kept = keep_secret(desk, "A", "web", value("hunter2"))
    assert (kept.named, kept.changed) == (True, True)
    assert not keep_secret(desk, "A", "web", value("hunter2")).changed
    assert not keep_secret(desk, "SPARE", "web", value("x")).named
    file = str(desk.settings.path.parent / "web.secrets")
    rows = secret_rows(desk, "web")
    assert [(row.name, row.source, row.change, row.named) for row in rows] == [
        ("A", file, None, True),
        ("B", "environment", None, True),
        ("C", "", None, True),
        ("SPARE", file, None, False),
    ]
    assert "hunter2" not in repr(rows)


def test_a_name_is_put_into_the_config_once_where_the_service_has_a_table(desk: Desk) -> None:
    file = desk.settings.path
    assert not keep_secret(desk, "A", "web", value("x"), add=True).added
    assert file.read_text() == CONFIG
    kept = keep_secret(desk, "D", "web", value("hunter2"), add=True)
    assert (kept.named, kept.added) == (True, True)
    assert file.read_text() == CONFIG.replace('"C"]', '"C", "D"]')
    bare = '# mine\n[services.web]\nimage = "a/b:1" # this one\n\n[services.web.env]\nX = "1"\n'
    file.write_text(bare)
    assert keep_secret(desk, "E", "web", value("hunter2"), add=True).added
    written = file.read_text()
    assert written.startswith('# mine\n[services.web]\nimage = "a/b:1" # this one\n')
    assert load(desk.environ).services["web"].spec.secrets == ("E",)
    file.write_text("")
    kept = keep_secret(desk, "F", "web", value("hunter2"), add=True)
    assert (kept.named, kept.added, file.read_text()) == (False, False, "")


def test_where_the_config_cannot_name_it_no_value_is_asked_for_or_kept(desk: Desk) -> None:
    file, asked = desk.settings.path, []
    file.write_text(f'{CONFIG}\n[services.web.env]\nD = "1"\n')

    def late() -> str:
        asked.append("D")
        return "hunter2"

    with pytest.raises(ConfigError, match="D"):
        keep_secret(desk, "D", "web", late, add=True)
    assert asked == []
    file.write_text(CONFIG)

    def meanwhile() -> str:
        file.write_text(f'{CONFIG}\n[services.web.env]\nD = "1"\n')
        return "hunter2"

    with pytest.raises(ConfigError, match="D"):
        keep_secret(desk, "D", "web", meanwhile, add=True)
    assert not (file.parent / "web.secrets").exists()


def test_changes_are_told_and_under_another_key_they_are_unknown(desk: Desk) -> None:
    web = desk.settings.services["web"]
    for name in HELD:
        keep_secret(desk, name, "web", value(f"{name} then"))
    before = fingerprints_of(desk, web, web.spec)
    assert set(before) == set(HELD)
    keep_secret(desk, "A", "web", value("A now"))
    drop_secret(desk, "C", "web")
    assert secrets_since(desk, before, web) == {"A": "changed", "B": "same", "C": "gone"}
    key = desk.settings.path.parent / "fingerprint.key"
    key.unlink()
    assert secrets_since(desk, before, web) == {"A": "unknown", "B": "unknown", "C": "gone"}
    key.write_bytes(bytes(32))
    key.chmod(0o600)
    assert secrets_since(desk, before, web) == {"A": "unknown", "B": "unknown", "C": "gone"}


@pytest.mark.parametrize("text", ["", "hunter2\0", "hunter2\udcff"])
def test_what_no_environment_holds_is_refused_unsaid(desk: Desk, text: str) -> None:
    with pytest.raises(UsageMistakeError) as caught:
        keep_secret(desk, "A", "web", value(text))
    assert "hunter2" not in caught.value.message
    assert not (desk.settings.path.parent / "web.secrets").exists()


def test_one_that_is_not_kept_cannot_be_taken_out(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="has no secret B of web"):
        drop_secret(desk, "B", "web")


def test_nothing_is_written_while_an_operation_of_the_service_runs(desk: Desk) -> None:
    with desk.lock("web"), pytest.raises(BusyError):
        keep_secret(desk, "A", "web", value("hunter2"))
    assert not (desk.settings.path.parent / "web.secrets").exists()
