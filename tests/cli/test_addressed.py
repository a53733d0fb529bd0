"""The next command names the service, the config and the journal of the one that was typed."""

import pytest

from occ.cli.addressed import addressed
from occ.errors import UnfinishedError
from tests.cli.conftest import Occ
from tests.cli.stage import Stage

WEB = {"config": None, "journal": None, "service": "web"}
ALL = {"config": "/etc/my occ.toml", "journal": "/srv/j.db", "service": "web"}


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("occ resume, or occ abort", WEB, "occ resume --service web, or occ abort --service web"),
        ("all is well", WEB, "all is well"),
        ("occ wrote this", WEB, "occ wrote this"),
        ("docker ps", WEB, "docker ps"),
        (
            "occ show 4",
            ALL,
            "occ show --config '/etc/my occ.toml' --journal /srv/j.db --service web 4",
        ),
        ("occ adopt x --service db", WEB, "occ adopt x --service db"),
        (
            "occ --journal NEW status, or occ start",
            ALL,
            (
                "occ --journal NEW status --config '/etc/my occ.toml' --service web, or "
                "occ start --config '/etc/my occ.toml' --journal /srv/j.db --service web"
            ),
        ),
        ("occ config env set A=1", WEB, "occ config env set --service web A=1"),
        ("occ user passwd ann", WEB, "occ user passwd --service web ann"),
        ("occ config, then more", WEB, "occ config --service web, then more"),
        ("occ status --all", WEB, "occ status --all"),
        ("occ stop --help", WEB, "occ stop --help"),
        ('add: eval "$(occ completion bash)"', WEB, 'add: eval "$(occ completion bash)"'),
    ],
)
def test_a_command_gets_what_it_does_not_say_itself(
    text: str, options: dict[str, str | None], told: str
) -> None:
    assert addressed(text, options) == told


def test_a_failure_says_it_to_people_and_to_programs(occ: Occ, stage: Stage) -> None:
    stage.error = UnfinishedError("operation 4 is unfinished", hint="occ resume, or occ abort")
    told = "occ resume --service web, or occ abort --service web"
    assert f"  try: {told}\n" in occ("stop", "--yes", "--service", "web").err
    assert f'"hint": "{told}"' in occ("stop", "--yes", "--service", "web", "-o", "json").out
    assert "  try: occ resume, or occ abort\n" in occ("stop", "--yes").err


def test_with_all_it_is_the_service_that_failed(occ: Occ, stage: Stage) -> None:
    stage.error = UnfinishedError("operation 4 is unfinished", hint="occ resume, or occ abort")
    assert "  try: occ resume --service web, or" in occ("stop", "--all", "--yes").err


def test_what_an_image_said_has_no_power_over_the_terminal(occ: Occ, stage: Stage) -> None:
    stage.error = UnfinishedError("it reports \x1b]0;owned\x07", hint="look\x1b[2J")
    said = occ("stop", "--yes")
    assert "it reports \\x1b]0;owned\\x07" in said.err
    assert "\x1b" not in said.err
