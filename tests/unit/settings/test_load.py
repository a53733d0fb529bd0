"""Where the settings come from, and which of several sources counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from occ.errors import ConfigError, NotFoundError
from occ.settings import Settings, load
from tests.another_user import another_user

ONE = '[services.web]\nimage = "web"\n'
TWO = ONE + '[services.db]\nimage = "db"\n'
WITH_OPENCODE = TWO + '[services.opencode]\nimage = "opencode"\n'


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose folders are the test's own."""
    return {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config" / "occ" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return str(path)


def test_without_a_config_there_is_opencode_and_nothing_is_made(
    tmp_path: Path, home: dict[str, str]
) -> None:
    settings = load(home)
    assert (settings.exists, list(settings.services)) == (False, ["opencode"])
    assert settings.path == tmp_path / "config" / "occ" / "config.toml"
    assert settings.data == tmp_path / "data" / "occ"
    assert settings.journal == str(tmp_path / "data" / "occ" / "journal.db")
    assert list(tmp_path.iterdir()) == []


def test_a_config_without_services_leaves_opencode(tmp_path: Path, home: dict[str, str]) -> None:
    write(tmp_path, "\ufeff# only a mark and a comment\r\n")
    settings = load(home)
    assert (settings.exists, list(settings.services)) == (True, ["opencode"])


def test_a_config_with_services_is_all_there_is(tmp_path: Path, home: dict[str, str]) -> None:
    write(tmp_path, TWO)
    assert list(load(home).services) == ["web", "db"]


def test_the_command_line_counts_before_the_environment(
    tmp_path: Path, home: dict[str, str]
) -> None:
    write(tmp_path, 'journal = "config.db"\n')
    (tmp_path / "environment.toml").write_text('journal = "environment.db"\n', "utf-8")
    (tmp_path / "typed.toml").write_text('journal = "typed.db"\n', "utf-8")
    assert load(home).journal == str(tmp_path / "config" / "occ" / "config.db")
    home["OCC_CONFIG"] = str(tmp_path / "environment.toml")
    assert load(home).journal == str(tmp_path / "environment.db")
    typed = str(tmp_path / "typed.toml")
    assert load(home, config=typed).journal == str(tmp_path / "typed.db")
    home["OCC_JOURNAL"] = "/of/environment.db"
    assert load(home, config=typed).journal == "/of/environment.db"
    assert load(home, config=typed, journal="/typed.db").journal == "/typed.db"


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("journal.db", "{cwd}/journal.db"),
        ("../a/./journal.db", "{parent}/a/journal.db"),
        ("~/journal.db", "{home}/journal.db"),
        ("sqlite:////var/lib/occ.db", "sqlite:////var/lib/occ.db"),
        ("postgresql+psycopg://occ@db/occ", "postgresql+psycopg://occ@db/occ"),
    ],
)
def test_a_journal_is_a_whole_path_or_a_url(home: dict[str, str], named: str, meant: str) -> None:
    here = Path.cwd()
    expected = meant.format(cwd=here, parent=here.parent, home=home["HOME"])
    assert load(home, journal=named).journal == expected
    assert load(home | {"OCC_JOURNAL": named}).journal == expected


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("sub/journal.db", "{beside}/sub/journal.db"),
        ("~/journal.db", "{home}/journal.db"),
        ("/var/journal.db", "/var/journal.db"),
        ("postgresql://occ@db/occ", "postgresql://occ@db/occ"),
    ],
)
def test_a_journal_in_the_config_starts_at_its_folder(
    tmp_path: Path, home: dict[str, str], named: str, meant: str
) -> None:
    beside = Path(write(tmp_path, f'journal = "{named}"\n')).parent
    assert load(home).journal == meant.format(beside=beside, home=home["HOME"])


def test_an_empty_variable_is_as_none(home: dict[str, str]) -> None:
    assert load(home | {"OCC_CONFIG": "", "OCC_JOURNAL": ""}) == load(home)


def test_an_empty_journal_on_the_command_line_is_a_mistake(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="--journal is empty"):
        load(home, journal="")


def test_a_relative_xdg_folder_is_ignored(tmp_path: Path, home: dict[str, str]) -> None:
    settings = load(home | {"XDG_DATA_HOME": "data"})
    assert settings.data.is_absolute()
    assert settings.data != tmp_path / "data" / "occ"


@pytest.mark.parametrize(
    ("config", "asked", "service"),
    [
        (ONE, None, "web"),
        (ONE, "web", "web"),
        (WITH_OPENCODE, None, "opencode"),
        (WITH_OPENCODE, "db", "db"),
        ("", None, "opencode"),
    ],
)
def test_which_service_is_meant(
    tmp_path: Path, home: dict[str, str], config: str, asked: str | None, service: str
) -> None:
    write(tmp_path, config)
    assert load(home).service(asked).name == service


@pytest.mark.parametrize(("config", "asked"), [(TWO, "wbe"), (ONE, "opencode")])
def test_an_unknown_service_names_those_there_are(
    tmp_path: Path, home: dict[str, str], config: str, asked: str
) -> None:
    path = write(tmp_path, config)
    with pytest.raises(NotFoundError) as caught:
        load(home).service(asked)
    there = "web, db" if config == TWO else "web"
    assert caught.value.message == f"there is no service '{asked}' in {path}; there are: {there}"
    assert caught.value.hint == "name one of them: --service web"


def test_of_two_hundred_services_a_few_are_named_and_the_one_that_is_spelled_alike(
    tmp_path: Path, home: dict[str, str]
) -> None:
    names = [f"shop{n:03}" for n in range(200)]
    path = write(tmp_path, "".join(f'[services.{name}]\nimage = "a"\n' for name in names))
    with pytest.raises(NotFoundError) as caught:
        load(home).service("shop12")
    few = "shop000, shop001, shop002, shop003, shop004, shop005, shop006, shop007 and 192 more"
    assert caught.value.message == f"there is no service 'shop12' in {path}; there are: {few}"
    assert caught.value.hint.startswith("name one of them: --service shop1")


def test_of_several_none_of_which_is_the_default_one_must_be_named(
    tmp_path: Path, home: dict[str, str]
) -> None:
    path = write(tmp_path, TWO)
    with pytest.raises(NotFoundError) as caught:
        load(home).service()
    assert caught.value.message == f"which service? {path} declares web, db"
    assert caught.value.hint == "name one of them: --service web"


def test_a_config_that_is_not_looked_into_may_be_anything(
    tmp_path: Path, home: dict[str, str]
) -> None:
    path = write(tmp_path, "[services")
    read = load(home, unread=True)
    assert (read.path, read.exists, tuple(read.services)) == (Path(path), True, ("opencode",))
    named = load(home, config=str(tmp_path / "none.toml"), unread=True)
    assert (named.path, named.exists) == (tmp_path / "none.toml", False)


def test_settings_have_no_place_for_another_service(home: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match=r"\(which does not exist\); there are: opencode"):
        load(home).service("web")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody at all")


def homeless(**environ: str) -> Settings:
    """What somebody reads who has an id without an account, and no HOME."""
    with pytest.MonkeyPatch.context() as patch, another_user(54321):
        patch.delenv("HOME", raising=False)
        return load(environ)


@needs_root
def test_without_a_home_the_message_names_what_to_set() -> None:
    with pytest.raises(ConfigError) as caught:
        homeless()
    assert caught.value.exit_status == 2
    assert caught.value.message == (
        "there is no home folder to look for config.toml in: HOME is not set; "
        "set it, or name the files with OCC_CONFIG and OCC_JOURNAL"
    )


@needs_root
def test_without_a_home_a_named_config_is_enough() -> None:
    read = homeless(OCC_CONFIG="/dev/null")
    assert (read.journal, read.data) == ("/dev/journal.db", Path("/dev"))
    named = homeless(OCC_CONFIG="/dev/null", OCC_JOURNAL="/srv/journal.db")
    assert (named.journal, named.data) == ("/srv/journal.db", Path("/dev"))


def test_reading_settings_imports_nothing_costly() -> None:
    """`--version` and the like read no settings, but every other command pays for this."""
    code = (
        "import sys, occ.settings; "
        "print([name for name in ('docker', 'sqlalchemy', 'platformdirs', 'difflib', 'msgspec') "
        "if name in sys.modules])"
    )
    here = {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
