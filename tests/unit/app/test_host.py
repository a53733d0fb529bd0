"""Whose a container is, and where a service lives."""

from dataclasses import replace

import pytest

from occ.app.host import ours, refuse_foreign, refuse_other_engine
from occ.domain.request import Adoption
from occ.domain.values import Host
from occ.domain.versions import Ledger
from occ.engine.values import EngineInfo
from occ.errors import ForeignContainerError, OtherEngineError, OtherJournalError
from occ.operations.labels import JOURNAL, SERVICE, VERSION
from tests.unit.operations.toy import Toy

MINE = "a" * 32


def test_a_container_that_occ_did_not_make_is_refused() -> None:
    toy = Toy()
    toy.put("web")
    with pytest.raises(ForeignContainerError):
        refuse_foreign(toy.engine, MINE, "web", Ledger())


def test_a_container_of_another_journal_is_refused_with_its_place() -> None:
    toy = Toy()
    toy.put("web", journal="b" * 32, owner="root@here:/root/journal.db")
    with pytest.raises(OtherJournalError) as refused:
        refuse_foreign(toy.engine, MINE, "web", Ledger())
    assert refused.value.hint == "occ --journal /root/journal.db status"
    assert "occ adopt web --take" in refused.value.message


def test_an_adopted_container_is_ours_and_a_forgotten_one_is_not_whatever_its_labels_say() -> None:
    toy = Toy()
    adopted = toy.put("web", journal="b" * 32, version="7", operation="9")
    ledger = Ledger(current=1, adoption=Adoption(container=adopted, version=1))
    refuse_foreign(toy.engine, MINE, "web", ledger)
    found = ours(toy.engine, MINE, "web", ledger)
    assert found.current is not None
    assert found.current.id == adopted
    assert found.current.labels == {JOURNAL: MINE, SERVICE: "web", VERSION: "1"}

    forgotten = toy.put("mine", journal=MINE, service="mine", version="1")
    ledger = Ledger(forgotten=frozenset({forgotten}))
    assert ours(toy.engine, MINE, "mine", ledger).current is None
    with pytest.raises(ForeignContainerError) as refused:
        refuse_foreign(toy.engine, MINE, "mine", ledger)
    assert refused.value.hint == "occ adopt mine"


def test_ours_are_known_by_labels_and_the_one_that_runs_counts() -> None:
    toy = Toy()
    toy.put("web")
    stopped = toy.put("a", state="exited", journal=MINE, service="web", version="2")
    runs = toy.put("b", journal=MINE, service="web", version="1")
    toy.put("c", journal=MINE, service="other", version="1")
    found = ours(toy.engine, MINE, "web", Ledger(current=2))
    assert found.current is not None
    assert found.current.id == runs
    assert [c.id for c in found.others] == [stopped]


def test_a_service_lives_on_one_engine() -> None:
    home = Host(engine_id="one", root="/var/lib/docker", address="unix:///one")
    here = EngineInfo(
        id="one",
        root="/var/lib/docker",
        address="unix:///one",
        version="26",
        api="1.44",
        local=True,
    )
    refuse_other_engine(Ledger(host=home), here, "web")
    other = replace(here, id="two", address="unix:///two")
    with pytest.raises(OtherEngineError) as refused:
        refuse_other_engine(Ledger(host=home), other, "web")
    assert refused.value.hint == "DOCKER_HOST=unix:///one occ status"
