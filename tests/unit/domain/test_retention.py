"""Which data of another day goes by the rules: by hand, and for whatever rules and data."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import OperationPlanned
from occ.domain.kept_names import Name, name_of, read, told
from occ.domain.operation import Operation, StepState
from occ.domain.request import Request, StepPlan, Version
from occ.domain.retention import Item, Retention, needed_by, protected, retention
from occ.domain.rules import Retain, Rules, span
from occ.domain.spec import Spec
from occ.domain.values import Actor
from occ.domain.versions import Ledger, Record

DAY = 86_400_000
NOW = 100 * DAY
MB = 1_000_000


def ledger(current: int, *proven: int) -> Ledger:
    """Versions 1 to the current one, each run after the one before."""
    versions = {
        number: Record(
            version=Version(number=number, image=f"i{number}", reference="web", spec=Spec()),
            created_at=0,
            standing="proven" if number in proven else "bad",
            last_run_at=number,
        )
        for number in range(1, current + 1)
    }
    return Ledger(versions=versions, current=current)


def snapshot(number: int, version: int = 0, days: int = 0, **more: object) -> Item:
    """A snapshot of 10 MB, as old as this."""
    usual: dict[str, object] = {"files": {f"f{number}": 10 * MB}, "disk": "a"}
    return Item(
        name=Name("snapshot", number),
        at=NOW - days * DAY,
        version=version,
        **(usual | more),  # type: ignore[arg-type]
    )


def kept_set(number: int, version: int = 0, days: int = 0, **more: object) -> Item:
    """A data set of 10 MB that was left so many days ago."""
    own: dict[str, object] = {"files": {f"v{number}": 10 * MB}}
    return replace(snapshot(number, version, days, **(own | more)), name=Name("data set", number))


def image(version: int, content: str = "", **more: object) -> Item:
    """The kept image of a version, recorded as many days after the first."""
    return Item(
        name=Name("image", version),
        at=version * DAY,
        version=version,
        content=content or f"i{version}",
        **more,  # type: ignore[arg-type]
    )


def answer(
    items: tuple[Item, ...],
    rules: Rules,
    *,
    known: Ledger | None = None,
    back: tuple[int, ...] = (),
    needed: Mapping[Name, str] | None = None,
    free: Mapping[str, int] | None = None,
    room: int = 0,
) -> Retention:
    known = known or Ledger()
    stays = protected(items, known, back, needed or {})
    retain = Retain(folder="/s", rules=rules, room=room)
    return retention(retain, items, stays, known, free or {}, NOW)


def gone(told: Retention) -> list[str]:
    return [str(one.item.name) for one in told.gone]


def test_without_a_word_five_snapshots_and_five_sets_stay() -> None:
    snapshots = tuple(snapshot(number, days=10 - number) for number in range(1, 8))
    sets = tuple(kept_set(number, days=10 - number) for number in range(1, 8))
    told = answer((*snapshots, *sets), Rules())
    assert gone(told) == ["data set 1", "snapshot 1", "data set 2", "snapshot 2"]
    assert {one.why for one in told.gone} == {"beyond keep_last 5"}
    assert told.freed == 40 * MB
    assert len(told.kept) == 10


def test_keep_last_0_keeps_all() -> None:
    items = tuple(snapshot(number, days=90 - number) for number in range(1, 30))
    assert gone(answer(items, Rules(keep_last=0))) == []


def test_the_young_and_the_healthy_stay_beside_the_last() -> None:
    items = tuple(snapshot(number, version=number, days=10 * (7 - number)) for number in (1, 2, 3))
    items += (snapshot(4, days=13), snapshot(5, days=1), snapshot(6))
    rules = Rules(keep_last=1)
    known = ledger(9, 1, 2)
    newest = {"snapshot 2": "the last proven version's", "snapshot 6": "keep_last 1"}
    assert gone(answer(items, rules, known=known)) == [
        f"snapshot {number}" for number in (1, 3, 4, 5)
    ]
    within = replace(rules, keep_within_ms=14 * DAY)
    assert gone(answer(items, within, known=known)) == ["snapshot 1", "snapshot 3"]
    healthy = replace(within, keep_healthy=2)
    told = answer(items, healthy, known=known)
    assert gone(told) == ["snapshot 3"]
    why = {str(one.item.name): one.why for one in told.kept}
    assert why["snapshot 1"] == "keep_healthy 2"
    assert why["snapshot 4"] == "keep_within 14d"
    assert why["snapshot 2"] == newest["snapshot 2"]
    assert [one.why for one in told.gone] == ["beyond keep_last 1, keep_within 14d, keep_healthy 2"]


def test_an_unverified_one_takes_no_place_and_the_older_one_stays() -> None:
    items = (snapshot(1, days=3), snapshot(2, days=2), snapshot(3, days=1, good=False))
    assert gone(answer(items, Rules(keep_last=1))) == ["snapshot 1"]
    # not even where there is no room: nothing goes before that which replaces it was verified
    full = Rules(keep_last=1, min_free=MB)
    assert gone(answer(items, full, free={"a": 0})) == ["snapshot 1"]
    tighter = answer(items, replace(full, min_free=1000 * MB), free={"a": 0})
    assert gone(tighter) == ["snapshot 1", "snapshot 3"]
    assert tighter.short == {"a": 980 * MB}


def test_of_a_version_its_newest_data_and_all_down_to_a_verified_one_stay() -> None:
    items = (
        snapshot(1, version=2, days=5),
        snapshot(2, version=2, days=4),
        snapshot(3, version=2, days=3, good=False),
        snapshot(4, version=1, days=2),
        snapshot(5, version=1, days=1),
    )
    told = answer(items, Rules(keep_last=1, max_bytes=1), known=ledger(2, 1, 2))
    assert gone(told) == ["snapshot 1", "snapshot 4"]
    assert [one.why for one in told.kept] == [
        "the current version's",
        "the current version's",
        "the last proven version's",
    ]


def test_what_a_rollback_means_a_pin_and_an_unfinished_operation_stay() -> None:
    items = tuple(snapshot(number, version=number, days=9 - number) for number in range(1, 8))
    items = (replace(items[0], pinned=True), *items[1:])
    needed = {Name("snapshot", 2): "operation 9 (rollback) is unfinished and needs it"}
    told = answer(
        items, Rules(keep_last=1, max_bytes=1), known=ledger(8, 6), back=(4,), needed=needed
    )
    assert gone(told) == ["snapshot 3", "snapshot 5"]
    why = {one.item.name.number: one.why for one in told.kept}
    assert why == {
        1: "pinned",
        2: "operation 9 (rollback) is unfinished and needs it",
        4: "what occ rollback means",
        6: "the last proven version's",
        7: "the newest that is verified",
    }


def test_a_set_that_was_left_is_the_version_s_data_and_its_older_snapshot_may_go() -> None:
    items = (snapshot(1, version=2, days=5), kept_set(1, version=2, days=4), snapshot(2, days=1))
    told = answer(items, Rules(keep_last=1), known=ledger(3, 2, 3), back=(2,))
    assert gone(told) == ["snapshot 1"]


def test_a_file_that_two_share_is_free_when_both_are_gone() -> None:
    shared = {"one": 10 * MB}
    items = (
        snapshot(1, days=4, files=shared),
        snapshot(2, days=3, files=shared),
        snapshot(3, days=2),
        snapshot(4, days=1),
    )
    told = answer(items, Rules(max_bytes=25 * MB))
    assert [(str(one.item.name), one.bytes) for one in told.gone] == [
        ("snapshot 1", 0),
        ("snapshot 2", 10 * MB),
    ]
    assert told.freed == 10 * MB


def test_min_free_counts_the_next_snapshot_and_takes_from_its_own_disk_alone() -> None:
    items = tuple(snapshot(number, days=9 - number) for number in range(1, 5))
    items = (replace(items[0], disk="b"), *items[1:])
    rules = Rules(min_free=20 * MB)
    assert gone(answer(items, rules, free={"a": 20 * MB, "b": 50 * MB})) == []
    told = answer(items, rules, free={"a": 20 * MB, "b": 50 * MB}, room=12 * MB)
    assert gone(told) == ["snapshot 2", "snapshot 3"]
    assert told.short == {}
    assert {one.why for one in told.gone} == {"min_free is not kept"}


def test_images_all_stay_without_a_rule_of_their_own_whatever_the_other_rules_say() -> None:
    items = (*map(image, range(1, 8)), snapshot(1))
    told = answer(items, Rules(keep_last=1, max_bytes=1, min_free=MB), free={"a": 0})
    assert gone(told) == []
    assert {one.why for one in told.kept if one.item.name.sort == "image"} == {"all are kept"}


def test_the_images_of_the_newest_versions_stay_and_those_that_a_rollback_needs() -> None:
    items = (*map(image, range(1, 8)), snapshot(1, version=4), snapshot(2))
    needed = {Name("image", 3): "operation 9 (rollback) is unfinished and needs it"}
    told = answer(items, Rules(keep_images=1), known=ledger(6, 2, 4), back=(5, 1), needed=needed)
    assert gone(told) == ["image 2"]  # proven, and not the last one that was
    told = answer(items, Rules(keep_images=1), known=ledger(6, 2), back=(1,))
    assert gone(told) == ["image 3", "image 4", "image 5"]
    assert {one.why for one in told.gone} == {"beyond keep_images 1"}
    assert {str(one.item.name): one.why for one in told.kept} == {
        "image 1": "what occ rollback means",
        "image 2": "the last proven version's",
        "image 6": "the current version's",
        "image 7": "keep_images 1",
        "snapshot 1": "keep_last 5",
        "snapshot 2": "the newest that is verified",
    }


def test_an_image_that_a_version_which_stays_has_too_stays_for_both() -> None:
    tagged = image(4, fixed="it is tagged mine:1")
    items = (image(1, "same"), image(2), image(3, "same"), tagged, image(5), image(6))
    told = answer(items, Rules(keep_images=1), known=ledger(6), back=(3,))
    assert gone(told) == ["image 2", "image 5"]
    why = {one.item.name.number: one.why for one in told.kept}
    assert why[1] == "a version that stays has the same image"
    assert why[4] == "it is tagged mine:1"


def test_what_cannot_be_removed_stays_and_says_why() -> None:
    fixed = "the container other mounts one of its volumes"
    items = (kept_set(1, days=9, fixed=fixed), kept_set(2, days=8), kept_set(3, days=7))
    told = answer(items, Rules(keep_last=1))
    assert gone(told) == ["data set 2"]
    assert told.kept[0].why == fixed


def test_names_are_read_back_and_nothing_else_is() -> None:
    assert name_of("snapshot 12") == Name("snapshot", 12)
    assert name_of("data set 1") == Name("data set", 1)
    assert name_of("image 3") == Name("image", 3)
    assert name_of("snapshot") is name_of("set 1") is name_of("snapshot -1") is None
    pairs = ((Name("snapshot", 3), "a"), (Name("data set", 3), "b"), (Name("image", 2), "c"))
    assert read(told(pairs)) == pairs
    assert read(None) == read([]) == read({"snapshot": {"x": "y"}}) == ()
    assert [span(14 * DAY), span(36 * DAY // 24), span(90_000)] == ["14d", "36h", "90s"]


def test_an_unfinished_operation_needs_all_that_it_names() -> None:
    def step(name: str, **inputs: int) -> StepState:
        return StepState(plan=StepPlan(name=name, inputs=inputs))

    ann = Actor(operator="ann")
    planned = OperationPlanned(
        kind="rollback",
        actor=ann,
        request=Request(data=4),
        found=None,  # type: ignore[arg-type]
        steps=(),
    )
    operation = Operation(
        number=9,
        service="web",
        planned=planned,
        at=0,
        driver=ann,
        steps=(step("restore_volume", snapshot=7), step("hold_volumes", number=2)),
    )
    why = "operation 9 (rollback) is unfinished and needs it"
    assert needed_by((operation,)) == {
        Name("snapshot", 9): why,
        Name("snapshot", 7): why,
        Name("data set", 4): why,
        Name("data set", 2): why,
    }


SIZES = st.integers(0, 40)
VERSIONS = 4


@st.composite
def worlds(draw: st.DrawFn) -> tuple[tuple[Item, ...], Ledger, tuple[int, ...], Mapping[str, int]]:
    """Some data, some of it sharing files, some versions, and disks that are more or less full."""
    items = tuple(
        Item(
            name=Name(draw(st.sampled_from(["snapshot", "data set"])), number),
            at=NOW - draw(st.integers(0, 60)) * DAY,
            version=draw(st.integers(0, VERSIONS)),
            good=draw(st.booleans()),
            pinned=draw(st.integers(0, 5)) == 0,
            fixed=draw(st.sampled_from(["", "", "", "mounted"])),
            files={f"f{file}": 7 + file for file in draw(st.sets(st.integers(0, 9), max_size=3))},
            disk=draw(st.sampled_from(["a", "b", ""])),
        )
        for number in range(1, draw(st.integers(0, 12)) + 1)
    )
    numbers = draw(st.sets(st.integers(1, VERSIONS)))
    items += tuple(image(n, draw(st.sampled_from(["a", "b", "c"]))) for n in sorted(numbers))
    current = draw(st.integers(0, VERSIONS))
    proven = draw(st.sets(st.integers(1, VERSIONS)))
    free = draw(st.dictionaries(st.sampled_from(["a", "b"]), SIZES))
    back = tuple(draw(st.sets(st.integers(1, VERSIONS), max_size=1)))
    return items, ledger(current, *proven), back, free


RULES = st.builds(
    Rules,
    keep_last=st.integers(0, 4),
    keep_within_ms=st.integers(0, 40).map(lambda days: days * DAY),
    keep_healthy=st.integers(0, 3),
    max_bytes=SIZES,
    min_free=SIZES,
    keep_images=st.integers(0, VERSIONS),
)


@given(worlds(), RULES, SIZES)
def test_the_protected_never_go_and_asked_again_nothing_more_does(
    world: tuple[tuple[Item, ...], Ledger, tuple[int, ...], Mapping[str, int]],
    rules: Rules,
    room: int,
) -> None:
    items, known, back, free = world
    needed = {one.name: "needed" for one in items[::5]}
    first = answer(items, rules, known=known, back=back, needed=needed, free=free, room=room)
    away = {one.item.name for one in first.gone}
    assert away.isdisjoint(protected(items, known, back, needed))
    good = [one for one in items if one.good and one.name.sort == "snapshot"]
    if good:
        assert max(good, key=lambda one: one.age).name not in away
    for number in {known.current, *back} - {0}:
        its = [one for one in items if one.version == number and not one.content]
        if its:
            assert max(its, key=lambda one: one.age).name not in away
        if any(one.good for one in its):
            assert max((one for one in its if one.good), key=lambda one: one.age).name not in away
    assert away | {one.item.name for one in first.kept} == {one.name for one in items}
    left = tuple(one for one in items if one.name not in away)
    freed = dict(free)
    for disk in freed:
        before = {file for one in items if one.disk == disk for file in one.files}
        after = {file for one in left for file in one.files}
        sizes = {file: size for one in items for file, size in one.files.items()}
        freed[disk] += sum(sizes[file] for file in before - after)
    if all(one.disk for one in items) and not _across(items):
        again = answer(left, rules, known=known, back=back, needed=needed, free=freed, room=room)
        assert again.gone == ()


def _across(items: tuple[Item, ...]) -> bool:
    """Whether two disks share a file, which no real ones do."""
    disks: dict[str, set[str]] = {}
    for one in items:
        for file in one.files:
            disks.setdefault(file, set()).add(one.disk)
    return any(len(found) > 1 for found in disks.values())


@given(worlds(), RULES, st.integers(0, 3), st.integers(0, 20), st.integers(0, 3), st.integers(0, 3))
def test_more_generous_rules_that_keep_never_remove_more(
    world: tuple[tuple[Item, ...], Ledger, tuple[int, ...], Mapping[str, int]],
    rules: Rules,
    last: int,
    days: int,
    healthy: int,
    images: int,
) -> None:
    items, known, back, free = world
    plain = replace(rules, max_bytes=0, min_free=0)
    wider = replace(
        plain,
        keep_last=plain.keep_last + last if plain.keep_last else 0,
        keep_within_ms=plain.keep_within_ms + days * DAY,
        keep_healthy=plain.keep_healthy + healthy,
        keep_images=plain.keep_images + images if plain.keep_images else 0,
    )
    for more in (wider, replace(plain, keep_last=0), replace(plain, keep_images=0)):
        fewer = gone(answer(items, more, known=known, back=back, free=free))
        assert set(fewer) <= set(gone(answer(items, plain, known=known, back=back, free=free)))


@given(worlds(), RULES, SIZES, SIZES)
def test_looser_bounds_never_remove_more(
    world: tuple[tuple[Item, ...], Ledger, tuple[int, ...], Mapping[str, int]],
    rules: Rules,
    larger: int,
    smaller: int,
) -> None:
    items, known, back, free = world
    if _across(items):
        return
    looser = replace(
        rules,
        max_bytes=rules.max_bytes + larger if rules.max_bytes else 0,
        min_free=max(0, rules.min_free - smaller),
    )
    tight = gone(answer(items, rules, known=known, back=back, free=free))
    assert set(gone(answer(items, looser, known=known, back=back, free=free))) <= set(tight)
