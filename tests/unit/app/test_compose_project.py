"""The containers of a Compose project: their order, their names, and those that are left out."""

from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.change.compose_project import Project, project_of
from occ.app.options import AdoptWish, Options
from occ.domain.spec import Spec
from occ.errors import NotFoundError, RefusedError
from tests.people import YES, do
from tests.unit.app.composed import Composed


@pytest.fixture
def composed(tmp_path: Path) -> Composed:
    return Composed(tmp_path)


def seen(composed: Composed) -> Project:
    desk = composed.theirs.desk()
    try:
        return project_of(desk, "shop")
    finally:
        desk.close()


def names(composed: Composed) -> list[tuple[str, str]]:
    return [(one.service, one.called) for one in seen(composed).members]


def test_each_stands_after_those_that_it_depends_on(composed: Composed) -> None:
    composed.made("web", "db:service_healthy:false,cache:service_started:true")
    composed.made("cache", "db:service_started:false")
    composed.made("db")
    assert names(composed) == [
        ("db", "shop-db-1"),
        ("cache", "shop-cache-1"),
        ("web", "shop-web-1"),
    ]
    assert seen(composed).notes == ()


def test_without_a_word_on_it_they_stand_as_they_were_made(composed: Composed) -> None:
    composed.made("web")
    composed.made("db")
    assert [service for service, _ in names(composed)] == ["web", "db"]
    assert (
        "no container says what it depends on: they are taken oldest first" in seen(composed).notes
    )


def test_a_circle_is_named(composed: Composed) -> None:
    composed.made("web", "db:service_started:false")
    composed.made("db", "web:service_started:false")
    with pytest.raises(RefusedError, match=r"in a circle: (db -> web -> db|web -> db -> web)"):
        seen(composed)


def test_there_is_none(composed: Composed) -> None:
    with pytest.raises(NotFoundError, match="no container belongs to a Compose project shop"):
        seen(composed)


def test_what_runs_once_and_what_has_ended_is_left_out(composed: Composed) -> None:
    composed.made("web", "migrate:service_completed_successfully:false")
    composed.made("migrate", runs=False)
    composed.made("web", number=7, called="shop-web-run-7", once=True)
    composed.made("idle", runs=False)
    assert names(composed) == [("web", "shop-web-1"), ("idle", "shop-idle-1")]
    assert seen(composed).notes == (
        (
            "container shop-migrate-1 is left out: it has ended, as others wait for it to; "
            "occ looks after what stays"
        ),
        "container shop-web-run-7 is left out: it runs once, by docker compose run",
        "container shop-idle-1 does not run: it is taken on as it is",
    )


def test_several_containers_of_a_service_are_numbered(composed: Composed) -> None:
    composed.made("web", number=2)
    composed.made("web", number=1)
    assert names(composed) == [("web", "shop-web-1"), ("web-2", "shop-web-2")]


@pytest.mark.parametrize(
    ("service", "becomes"), [("My_App", "my_app"), ("web.", "web"), ("w", "shop-w")]
)
def test_a_name_that_is_none_of_ours_is_made_one(
    composed: Composed, service: str, becomes: str
) -> None:
    composed.made(service)
    assert [name for name, _ in names(composed)] == [becomes]
    assert f"becomes service {becomes}" in seen(composed).notes[-1]


def test_a_name_that_is_taken_gets_the_projects_before_it(composed: Composed) -> None:
    composed.theirs.config.write_text("[services.db]\nimage = 'a/b:1'\n")
    composed.made("db")
    composed.made("web")
    assert [name for name, _ in names(composed)] == ["shop-db", "web"]
    # a container of that name is another one's, too
    composed.made("x", called="web")
    assert ("shop-web", "shop-web-1") in names(composed)


def test_those_that_are_looked_after_are_left_out_until_they_are_forgotten(
    composed: Composed,
) -> None:
    made = composed.made("db")
    composed.made("web", "db:service_started:false")
    typed(composed, "adopt", "db", made)
    assert names(composed) == [("web", "shop-web-1")]
    assert "shop-db-1 is left out: it is looked after already, as db" in seen(composed).notes[0]
    typed(composed, "forget", "db", made)
    assert names(composed) == [("db", "shop-db-1"), ("web", "shop-web-1")]


def test_one_that_compose_made_again_goes_to_its_service(composed: Composed) -> None:
    made = composed.made("db")
    typed(composed, "adopt", "db", made)
    engine = composed.theirs.world.engine
    engine.stop(made, 0)
    engine.remove(made)
    again = composed.made("db", spec=Spec(env={"affinity:container": f"={made}"}, restart="no"))
    assert names(composed) == [("db", "shop-db-1")]
    typed(composed, "adopt", "db", again)
    assert names(composed) == []
    assert "affinity" not in composed.theirs.config.read_text()


def typed(composed: Composed, verb: str, service: str, container: str) -> None:
    desk = composed.theirs.desk()
    options = Options(wish=AdoptWish(container=container)) if verb == "adopt" else Options()
    try:
        do(App(desk), verb, service, options, YES)
    finally:
        desk.close()
