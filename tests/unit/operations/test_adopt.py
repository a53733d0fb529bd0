"""The plan of an adoption: what is written and watched, and that the container is not touched."""

from dataclasses import replace

from occ.domain.request import Found
from occ.operations.kinds.adopt import Papers, plan_adopt
from occ.operations.plan import Plan
from occ.operations.steps.settings import StoreSecrets, WriteConfig
from tests.unit.operations.test_plans import RUNNING, STOPPED, TWO, given, text

THREE = replace(TWO, number=3, image="sha256:three")
SECRETS = StoreSecrets(container="c-two", file="/etc/occ/web.secrets", names=("TOKEN",))
CONFIG = WriteConfig(file="/etc/occ/config.toml", version=3, pull="always")


def plan(papers: Papers, found: Found = RUNNING) -> Plan:
    return plan_adopt(given(replace(found, deadline_ms=90_000)), THREE, papers)


def test_its_image_is_kept_papers_are_written_and_then_it_is_watched() -> None:
    decided = plan(Papers(secrets=SECRETS, config=CONFIG))
    assert text(decided.steps) == [
        "keep_image image=sha256:three keep=occ.local/jjjjjjjj/web:v3",
        "store_secrets container=c-two file=/etc/occ/web.secrets names=['TOKEN']",
        "write_config file=/etc/occ/config.toml pull=always version=3",
        "prove_health container=c-two deadline_ms=90000 lenient=True version=3",
    ]
    assert [step.title for step in decided.steps] == [
        "Keep its image",
        "Move secrets into /etc/occ/web.secrets",
        "Write [services.web] into /etc/occ/config.toml",
        "Prove it healthy",
    ]
    assert (decided.shown, decided.commits_at, decided.version) == (4, 4, 3)
    assert not any(step.disrupts for step in decided.steps)


def test_papers_that_are_there_are_not_written() -> None:
    decided = plan(Papers())
    assert [step.name for step in decided.steps] == ["keep_image", "prove_health"]
    assert (decided.shown, decided.commits_at) == (2, 2)
    assert [step.name for step in plan(Papers(config=CONFIG)).steps][1] == "write_config"
    assert [step.name for step in plan(Papers(secrets=SECRETS)).steps][1] == "store_secrets"


def test_one_that_does_not_run_is_adopted_without_being_watched() -> None:
    decided = plan(Papers(), STOPPED)
    assert [step.name for step in decided.steps] == ["keep_image"]
    assert (decided.shown, decided.commits_at, decided.version) == (1, 1, 3)
