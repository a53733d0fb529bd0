"""Which version "back" means."""

from collections.abc import Sequence

from occ.domain.events import Event, UsersRecorded, VersionActivated, VersionJudged, VersionRecorded
from occ.domain.request import Version
from occ.domain.spec import Spec
from occ.domain.versions import Ledger, apply_event, previous


def story(*events: Event) -> Ledger:
    ledger = Ledger()
    for number, event in enumerate(events, 1):
        ledger = apply_event(ledger, event, 5, number)
    return ledger


def update(number: int, replaced: int) -> Sequence[Event]:
    version = Version(number=number, image=f"sha256:{number}", reference="web", spec=Spec())
    return (
        VersionRecorded(version),
        VersionJudged(number, "proven", f"{number}.0"),
        VersionActivated(number, replaced, "update"),
    )


def back(number: int, replaced: int, of: int = 0) -> Event:
    return VersionActivated(number, replaced, "rollback", of=of)


def new_spec(number: int, replaced: int, of: int) -> Sequence[Event]:
    """Today's spec with the image of a version that was there before."""
    return (*update(number, replaced)[:2], back(number, replaced, of))


def test_after_one_two_three_it_goes_back_to_two_then_one_and_never_forward() -> None:
    events = [*update(1, 0), *update(2, 1), *update(3, 2)]
    assert previous(story(*events), lambda _: "").number == 2
    events.append(back(2, 3))
    assert previous(story(*events), lambda _: "").number == 1
    events.append(back(1, 2))
    assert previous(story(*events), lambda _: "").number == 0


def test_after_a_rollback_to_one_and_an_update_to_four_it_means_one() -> None:
    events = [*update(1, 0), *update(2, 1), *update(3, 2), back(1, 3), *update(4, 1)]
    target = previous(story(*events), lambda _: "")
    assert (target.number, target.skipped) == (1, ())


def test_bad_unproven_left_and_missing_versions_are_skipped_with_the_reason() -> None:
    unproven = Version(number=3, image="i", reference="web", spec=Spec())
    events: list[Event] = [
        *update(1, 0),
        *update(2, 1),
        VersionRecorded(unproven),
        VersionActivated(3, 2, "update"),
        *update(4, 3),
    ]
    events.append(VersionJudged(2, "bad"))
    target = previous(story(*events), lambda _: "")
    assert target.number == 1
    assert target.skipped == ((3, "unproven"), (2, "bad"))
    nowhere = previous(story(*events), lambda version: "it is gone" if version.number == 1 else "")
    assert nowhere.number == 0
    assert nowhere.skipped[-1] == (1, "it is gone")


def test_a_version_rolled_back_from_is_skipped_until_it_is_current_again() -> None:
    events = [*update(1, 0), *update(2, 1), back(1, 2), *update(3, 1), *update(4, 3)]
    ledger = story(*events, back(3, 4))
    assert ledger.versions[4].left_back
    again = story(*events, back(3, 4), VersionActivated(4, 3, "update"))
    assert not again.versions[4].left_back


def test_to_a_version_that_came_later_is_no_way_back() -> None:
    events = [*update(1, 0), *update(2, 1), *update(3, 2), back(2, 3), back(1, 2)]
    ledger = story(*events, back(3, 1))
    assert not ledger.versions[1].left_back
    target = previous(ledger, lambda _: "")
    assert (target.number, target.skipped) == (1, ((2, "rolled back from"),))


def test_back_to_an_image_with_todays_spec_leaves_what_it_replaced() -> None:
    known = [*update(1, 0), *update(2, 1), *update(3, 2)]
    two = previous(story(*known, *new_spec(4, 3, of=2)), lambda _: "")
    assert (two.number, two.skipped) == (2, ((3, "rolled back from"),))
    again = previous(story(*known, *new_spec(4, 3, of=2), back(2, 4, of=2)), lambda _: "")
    assert again.number == 1
    one = previous(story(*known[:6], *new_spec(3, 2, of=1)), lambda _: "")
    assert (one.number, one.skipped) == (1, ((2, "rolled back from"),))


def test_todays_spec_with_the_image_that_runs_or_a_later_one_is_no_way_back() -> None:
    known = [*update(1, 0), *update(2, 1)]
    assert previous(story(*known, *new_spec(3, 2, of=2)), lambda _: "").number == 2
    later = story(*known, back(1, 2, of=1), *new_spec(3, 1, of=2))
    assert not later.versions[1].left_back
    failed = story(*known, *update(3, 2)[:1], VersionJudged(3, "bad"), *new_spec(4, 2, of=3))
    assert not failed.versions[2].left_back


def test_a_number_is_never_given_twice() -> None:
    ledger = story(*update(1, 0), *update(2, 1), back(1, 2))
    assert (ledger.current, ledger.next_number) == (1, 3)


def test_the_same_image_spec_and_secrets_are_the_same_version() -> None:
    ledger = story(*update(1, 0), *update(2, 1))
    same = ledger.same("sha256:1", Spec().digest(), {})
    assert same is not None
    assert same.version.number == 1
    assert ledger.same("sha256:1", Spec(env={"A": "1"}).digest(), {}) is None
    assert ledger.same("sha256:1", Spec().digest(), {"TOKEN": "k:1"}) is None


def test_users_are_those_of_the_container_that_counts() -> None:
    version = Version(number=1, image="i", reference="web", spec=Spec())
    known = story(VersionRecorded(version), VersionActivated(1, 0, "start", ("ann",), called="A5"))
    assert (known.called, story().called) == ("A5", "")
    assert known.users == ("ann",)
    assert apply_event(known, UsersRecorded(("ann", "ben")), 9, 2).users == ("ann", "ben")
