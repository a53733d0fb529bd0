"""Units put in place and taken away, with systemctl and loginctl that answer as told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from occ.errors import FailedError, RefusedError
from occ.units.port import run
from occ.units.systemd import Systemd, folder_of
from occ.units.unit import Scope, unit_text
from tests.another_user import another_user
from tests.unit.units.samples import START, ran


@dataclass
class Programs:
    """Every program ends well and says nothing, but those that are told otherwise."""

    answers: Mapping[str, CompletedProcess[str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def __call__(self, words: Sequence[str]) -> CompletedProcess[str]:
        self.ran.append(" ".join(words))
        return self.answers.get(self.ran[-1], ran())


def systemd(folder: Path, programs: Programs, scope: Scope = "system") -> Systemd:
    return Systemd(scope=scope, folder=folder, person="ann", run=programs)


def test_it_is_written_for_everybody_to_read_and_enabled(tmp_path: Path) -> None:
    programs = Programs()
    units = systemd(tmp_path / "system", programs)
    found = units.install(START)
    path = tmp_path / "system" / "occ-web.service"
    assert path.read_text() == unit_text(START, "system")
    assert path.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in path.parent.iterdir()] == ["occ-web.service"]
    assert programs.ran == [
        "systemctl --system daemon-reload",
        "systemctl --system enable occ-web.service",
    ]
    assert (found.changed, found.fix) == (True, "")
    assert found.reaches == "at boot and whenever the engine starts"
    assert not units.install(START).changed


@pytest.mark.parametrize(
    ("answer", "reaches", "fix"),
    [
        (ran(0, out="yes\n"), "at boot", ""),
        (
            ran(0, out="no\n"),
            "only when ann logs in, because lingering is off",
            "loginctl enable-linger ann",
        ),
        (
            ran(1, err="User ID 1000 is not logged in or lingering"),
            "only when ann logs in, because lingering is off",
            "loginctl enable-linger ann",
        ),
    ],
)
def test_a_persons_unit_needs_lingering(
    answer: CompletedProcess[str], reaches: str, fix: str, tmp_path: Path
) -> None:
    asked = "loginctl show-user ann --property=Linger --value"
    found = systemd(tmp_path, Programs({asked: answer}), "user").install(START)
    assert (found.reaches, found.fix) == (reaches, fix)


@pytest.mark.parametrize("fails", ["daemon-reload", "enable occ-web.service"])
@pytest.mark.parametrize("before", [True, False])
def test_what_systemctl_refuses_is_put_back(fails: str, before: bool, tmp_path: Path) -> None:
    path = tmp_path / "occ-web.service"
    if before:
        systemd(tmp_path, Programs()).install(START)
    no = ran(1, err="Failed to connect to bus:\nno medium")
    programs = Programs({f"systemctl --system {fails}": no})
    with pytest.raises(FailedError) as failed:
        systemd(tmp_path, programs).install(replace(START, more=()))
    assert failed.value.message == (
        f"systemctl --system {fails} failed: Failed to connect to bus: no medium"
    )
    assert path.exists() == before
    if before:
        assert path.read_text() == unit_text(START, "system")
    assert programs.ran[-1] == "systemctl --system daemon-reload"


def test_it_is_removed_once(tmp_path: Path) -> None:
    programs = Programs()
    units = systemd(tmp_path, programs)
    units.install(START)
    programs.ran.clear()
    assert units.remove("web")
    assert programs.ran == [
        "systemctl --system disable occ-web.service",
        "systemctl --system stop occ-web.service",
        "systemctl --system daemon-reload",
    ]
    assert not units.remove("web")
    assert len(programs.ran) == 3
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FailedError, match="cannot be written"):
        systemd(tmp_path / "file" / "units", Programs()).install(START)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    refused = pytest.raises(RefusedError, match="you may not write there")
    with another_user(), refused:
        systemd(tmp_path / "units", Programs()).install(START)


def test_programs_are_run_and_their_ends_told() -> None:
    said = run(("sh", "-c", "printf 'caf\\351'; echo no >&2; exit 3"))
    assert (said.returncode, said.stdout, said.stderr) == (3, "caf\\xe9", "no\n")
    with pytest.raises(FailedError, match="there is no program nothing-of-that-name"):
        run(("nothing-of-that-name",))


def test_where_units_stand() -> None:
    assert folder_of("system", Path("/home/ann/.config")) == Path("/etc/systemd/system")
    assert folder_of("user", Path("/c")) == Path("/c/systemd/user")
