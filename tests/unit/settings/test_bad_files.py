"""A file of settings that is no file, or that would keep a parser busy: a sentence at once."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from occ.app.config.opencode_cloud import read_origin
from occ.errors import ConfigError
from occ.settings import load
from occ.settings.secret_values.fingerprints import KEY_FILE, known_key
from occ.settings.secret_values.secrets_file import read_secrets
from occ.settings.toml.document import parse

Read = Callable[[Path], object]


def _config(path: Path) -> object:
    return load({"HOME": str(path.parent), "OCC_CONFIG": str(path)})


def _key(path: Path) -> object:
    return known_key(path.parent)


READERS: dict[str, Read] = {
    "config.toml": _config,
    "web.secrets": read_secrets,
    "config.json": read_origin,
    KEY_FILE: _key,
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", READERS)
def test_a_pipe_is_said_to_be_one_and_not_waited_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path, 0o600)
    with pytest.raises(ConfigError, match="it is a pipe, not a file") as refused:
        READERS[name](path)
    assert refused.value.message.startswith(f"{path}: ")


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/full"])
def test_a_device_is_said_to_be_one(tmp_path: Path, name: str, device: str) -> None:
    path = tmp_path / name
    path.symlink_to(device)
    with pytest.raises(ConfigError, match=r"it is a device, not a file|it cannot be read"):
        READERS[name](path)  # without a terminal, /dev/tty cannot be opened


def test_the_null_device_is_an_empty_config() -> None:
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert list(_config(Path(os.devnull)).services) == ["opencode"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", READERS)
def test_a_folder_and_a_file_without_end_are_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir()
    with pytest.raises(ConfigError, match="it is a folder, not a file"):
        READERS[name](path)
    path.rmdir()
    path.touch(0o600)
    os.truncate(path, 1 << 40)
    with pytest.raises(ConfigError, match="it is larger than 1048576 bytes"):
        READERS[name](path)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "line",
    [
        f"[{'a.' * 50_000}a]",
        f"[[{'a . ' * 25_000}a]]",
        f"{'a.' * 50_000}a = 1",
        f"x = {{ {'a.' * 50_000}a = 1 }}",
        "[" + '"b\\"".' * 15_000 + "a]",
        "[" + "'b c'." * 15_000 + "a]",
        "".join(f"[{'a.' * 90}b{number}]\n" for number in range(5_000)),
    ],
    ids=["table", "spaces", "key", "inline", "quoted", "literal", "many tables"],
)
def test_a_key_of_many_parts_is_refused_at_once_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"# mine\n{line}\n")
    began = time.process_time()
    with pytest.raises(ConfigError, match="a key has more than 32 parts") as refused:
        _config(path)
    assert refused.value.message.startswith(f"{path}:2: ")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "value", ["a." * 20, "word" * 250_000, "'" * 100_000, "x y. " * 20_000], ids=len
)
def test_a_long_text_is_no_key(tmp_path: Path, value: str) -> None:
    text = f'[services.web]\nenv.LONG = "{value}"\n'
    found = parse(text, tmp_path / "config.toml", str(tmp_path)).value
    assert found == {"services": {"web": {"env": {"LONG": value}}}}
