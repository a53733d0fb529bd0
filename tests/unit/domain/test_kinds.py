"""Every kind of operation has its facts, and its texts can be filled in."""

from typing import get_args

import pytest

from occ.app.change.kinds import ROWS
from occ.domain.events import Kind
from occ.domain.kinds import KINDS, works_aside

EVERY: tuple[Kind, ...] = get_args(Kind)


def test_every_kind_has_facts_and_a_request() -> None:
    assert set(KINDS) == set(ROWS) == set(EVERY)


@pytest.mark.parametrize("kind", EVERY)
def test_its_texts_name_what_there_is(kind: Kind) -> None:
    facts = KINDS[kind]
    assert "{" not in facts.ended.format(after=3)
    assert "{" not in facts.done_already.format(version=3)
    assert "{" not in facts.unfinished.format(version=3, service="web", number=7)


@pytest.mark.parametrize("kind", EVERY)
def test_nobody_waits_for_work_aside_and_only_that_claims_something(kind: Kind) -> None:
    facts = KINDS[kind]
    assert works_aside(kind) == (facts.works == "aside")
    if facts.claims:
        assert facts.works == "aside"
    if facts.works == "aside":
        assert not facts.needs


@pytest.mark.parametrize(
    ("leaves", "kinds"),
    [
        ("running", {"start", "restart"}),
        ("stopped", {"stop"}),
        ("gone", {"forget", "remove"}),
    ],
)
def test_what_it_leaves(leaves: str, kinds: set[Kind]) -> None:
    assert {kind for kind, facts in KINDS.items() if facts.leaves == leaves} == kinds
