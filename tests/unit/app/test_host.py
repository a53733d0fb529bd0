"""Whose a container is, and where a service lives."""

from dataclasses import replace

import pytest

from occ.app.host import container_name, ours, refuse_foreign, refuse_other_engine
from occ.domain.request import Adoption
from occ.domain.spec import Spec
from occ.domain.values import Host
from occ.domain.versions import Ledger
from occ.engine.values import EngineInfo
from occ.errors import ForeignContainerError, OtherEngineError, OtherJournalError
from occ.operations.labels import JOURNAL, SERVICE, VERSION
from occ.settings import Service
from tests.unit.operations.toy import Toy

MINE = "a" * 32


def test_a_container_that_occ_did_not_make_is_refused() -> None:
    toy = Toy()
    toy.put("web")
    with pytest.raises(ForeignContainerError):
        refuse_foreign(toy.engine, MINE, "web", Ledger(), "web")


def test_a_container_of_another_journal_is_refused_with_its_place() -> None:
    toy = Toy()
    toy.put("web", journal="b" * 32, owner="root@here:/root/journal.db")
    with pytest.raises(OtherJournalError) as refused:
        refuse_foreign(toy.engine, MINE, "web", Ledger(), "web")
    assert refused.value.hint == "occ --journal /root/journal.db status"
    assert "occ adopt web --take" in refused.value.message


def test_an_adopted_container_is_ours_and_a_forgotten_one_is_not_whatever_its_labels_say() -> None:
    toy = Toy()
    adopted = toy.put("web", journal="b" * 32, version="7", operation="9")
    ledger = Ledger(current=1, adoption=Adoption(container=adopted, version=1))
    refuse_foreign(toy.engine, MINE, "web", ledger, "web")
    found = ours(toy.engine, MINE, "web", ledger)
    assert found.current is not None
    assert found.current.id == adopted
    assert found.current.labels == {JOURNAL: MINE, SERVICE: "web", VERSION: "1"}

    forgotten = toy.put("mine", journal=MINE, service="mine", version="1")
    ledger = Ledger(forgotten=frozenset({forgotten}))
    assert ours(toy.engine, MINE, "mine", ledger).current is None
    with pytest.raises(ForeignContainerError) as refused:
        refuse_foreign(toy.engine, MINE, "mine", ledger, "mine")
    assert refused.value.hint == "occ adopt mine"


def test_a_name_is_refused_that_a_stranger_or_another_service_has() -> None:
    toy = Toy()
    toy.put("A5")
    toy.put("B6", journal=MINE, service="db", version="1")
    refuse_foreign(toy.engine, MINE, "web", Ledger(), "web")
    refuse_foreign(toy.engine, MINE, "db", Ledger(called="B6"), "B6")
    with pytest.raises(ForeignContainerError) as refused:
        refuse_foreign(toy.engine, MINE, "web", Ledger(), "A5")
    assert "occ adopt A5 --service web" in refused.value.hint
    with pytest.raises(ForeignContainerError, match="container B6 is that of service db") as held:
        refuse_foreign(toy.engine, MINE, "web", Ledger(called="B6"), "B6")
    assert held.value.hint.startswith("occ repair --service db")


def test_a_container_is_called_as_the_journal_says_and_the_first_one_as_the_config_does() -> None:
    declared = Service(name="web", reference="web:1", spec=Spec(), called="A5")
    for ledger, wanted, called in (
        (Ledger(), declared, "A5"),
        (Ledger(), None, "web"),
        (Ledger(current=1), declared, "web"),
        (Ledger(current=1, called="B6"), declared, "B6"),
    ):
        assert container_name(ledger, wanted, "web") == called


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
