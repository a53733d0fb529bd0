"""The keyed hash of a secret, and the key."""

import hashlib
import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest

from occ.errors import ConfigError
from occ.settings import fingerprint, fingerprint_key
from occ.settings.secret_values.fingerprints import KEY_FILE

ONE = bytes(32)
OTHER = bytes(31) + b"\1"


def test_a_fingerprint_is_a_keyed_hash_of_name_and_value() -> None:
    found = fingerprint({"A": "hunter2"}, ONE)["A"]
    key_id, _, digest = found.partition(":")
    assert digest == hmac.new(ONE, b"A\0hunter2", hashlib.sha256).hexdigest()
    assert len(key_id) == 8
    assert ONE.hex() not in found


def test_what_is_the_same_and_what_is_not() -> None:
    found = fingerprint({"A": "x", "B": "x"}, ONE)
    assert found == fingerprint({"B": "x", "A": "x"}, ONE)
    assert found["A"] != found["B"]
    assert found["A"] != fingerprint({"A": "y"}, ONE)["A"]


def test_another_key_shows_by_its_id() -> None:
    one, other = (fingerprint({"A": "x"}, key)["A"] for key in (ONE, OTHER))
    assert one.partition(":")[0] != other.partition(":")[0]
    assert one.partition(":")[2] != other.partition(":")[2]


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "occ"
    key = fingerprint_key(folder)
    assert len(key) == 32
    assert fingerprint_key(folder) == key
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_was_there_stays_as_it_was(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    fingerprint_key(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_processes_that_need_it_at_once_get_the_same(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from occ.settings import fingerprint_key; "
        "sys.stdin.read(); print(fingerprint_key(pathlib.Path(sys.argv[1])).hex())"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for run in runs:
        assert run.stdin is not None
        run.stdin.close()
    found = {run.stdout.read() for run in runs if run.stdout is not None}
    for run in runs:
        assert run.wait() == 0
        assert run.stdout is not None
        run.stdout.close()
    assert len(found) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_key_that_others_may_read_is_the_key_all_the_same(tmp_path: Path) -> None:
    key = fingerprint_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    assert fingerprint_key(tmp_path) == key


def test_what_is_no_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).touch(mode=0o600)
    with pytest.raises(ConfigError, match="it is no key, it has 0 bytes and not 32; remove it"):
        fingerprint_key(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError) as caught:
        fingerprint_key(tmp_path / "file" / "occ")
    assert caught.value.message.startswith(f"{tmp_path}/file/occ/{KEY_FILE}: ")
    with pytest.raises(ConfigError, match="the key of secrets cannot be made"):
        fingerprint_key(Path("/proc/occ"))
