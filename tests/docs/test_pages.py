"""The documents: links lead somewhere, pages stay short, the words are ours."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ import __version__

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_architecture_fits_into_one_reading() -> None:
    assert len((ROOT / "docs/architecture.md").read_text().splitlines()) < 150


def test_the_readme_has_the_two_commands_that_ci_and_people_use() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "\n.ci/tox run -e demo\n" in readme
    assert "\n.ci/tox\n" in readme


def test_the_changelog_is_a_page_and_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    released = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", text, re.MULTILINE)
    assert released[0][0] == __version__
    first = text.partition(f"\n## {released[-1][0]} (")[2].splitlines()
    assert len(first) <= 70
    assert "### Fixed" not in first  # nobody met those faults


def test_the_changelog_of_the_first_release_names_every_command() -> None:
    from occ.cli import COMMANDS  # noqa: PLC0415 - only here

    page = (ROOT / "CHANGELOG.md").read_text()
    assert [name for name in COMMANDS if not re.search(rf"`(?:\w+ )*{name}\b", page)] == []


def test_an_issue_asks_for_what_occ_knows_and_warns_of_private_things() -> None:
    bug, wish = (
        (ROOT / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text()
        for name in ("bug", "feature")
    )
    assert {"label: occ doctor -o json", "label: occ history -o json"} <= set(_stripped(bug))
    assert "label: occ doctor -o json" in _stripped(wish)
    for form in (bug, wish):
        assert form.count("private things first") >= form.count("-o json\n      description")


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_commands_that_hints_name_exist() -> None:
    """The tool that we descend from advised commands that did not exist."""
    from occ.cli import COMMANDS  # noqa: PLC0415 - only here

    typed = r"(?<![/\w])(?<!that )(?<!this )occ (?!that )(?:--\w+ \S+ )*([a-z][a-z-]*)\b"
    named = set()
    for source in (ROOT / "occ").rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text())):
            if isinstance(call, ast.keyword) and call.arg in {"hint", "fix"}:
                said = "".join(_texts(call.value))
                for verb in re.findall(typed, said):
                    named.add(verb)
                    assert verb in COMMANDS, f"{source.name}: {said}"
    assert len(named) > 20


def _texts(value: ast.expr) -> Iterator[str]:
    """What stands between the quotes of an expression, X for what is put in."""
    for node in ast.walk(value):
        if isinstance(node, ast.FormattedValue):
            yield "X"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_page_of_adopting_names_keys_that_exist_and_all_that_the_engine_is_told() -> None:
    from occ.domain.engine_keys import ENGINE_KEYS  # noqa: PLC0415 - only here
    from occ.settings.keys.service import SERVICE  # noqa: PLC0415 - only here

    page = (ROOT / "docs/adopting.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `--")]
    own = {word for row in rows for word in re.findall(r"`([a-z_]+)`", row[2])}
    assert own - {"engine"} <= {setting.key for setting in SERVICE}
    told = {word for row in rows for word in re.findall(r"`([A-Z]\w+)`", row[2])}
    assert told <= set(ENGINE_KEYS)
    assert set(ENGINE_KEYS) - told == {
        *("Cgroup", "KernelMemoryTCP", "NetworkDisabled", "Shell"),  # docker run has no word
        *("Links", "VolumesFrom"),  # never written by adopt
    }


def test_coming_from_the_origin_names_commands_and_tests_that_exist() -> None:
    from occ.cli import COMMANDS  # noqa: PLC0415 - only here

    page = (ROOT / "docs/coming-from-opencode-cloud.md").read_text()
    commands = page.partition("## Its commands")[2].partition("## Its faults")[0]
    here = [line.split("|")[2] for line in commands.splitlines() if line.startswith("| `")]
    assert len(here) > 25
    assert {verb for cell in here for verb in re.findall(r"`occ ([a-z-]+)", cell)} <= set(COMMANDS)
    assert sum("none, see [decisions]" in cell for cell in here) <= 5
    there = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    faults = re.findall(r"^\| (\d+)\. .*`(test_\w+)` \|$", page, re.MULTILINE)
    assert [int(number) for number, _ in faults] == list(range(1, 15))
    assert [name for _, name in faults if f"def {name}(" not in there] == []


def test_every_edge_case_names_a_test_that_exists_or_what_makes_it_impossible() -> None:
    page = (ROOT / "docs/reliability.md").read_text()
    rows = re.findall(
        r"^\| (\d+) \| .* \| (.*) \|$", page.partition("## Edge cases")[2], re.MULTILINE
    )
    assert [int(number) for number, _ in rows] == [*range(1, 62)]
    there = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    names = {name for _, shown in rows for name in re.findall(r"`(test_\w+)`", shown)}
    assert sorted(name for name in names if f"def {name}(" not in there) == []
    without = [shown for _, shown in rows if not re.match(r"`test_", shown)]
    assert len(without) <= 6
    assert all(re.match(r"by construction: .*`\w+`", shown) for shown in without)


def test_every_finding_of_doctor_is_expected_by_a_test() -> None:
    from occ.domain.findings import KINDS  # noqa: PLC0415 - only here

    there = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert [code for code in KINDS if f'"{code}"' not in there] == []
