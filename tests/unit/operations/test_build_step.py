"""The step that builds an image, and what it lets people hear of the builder."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.engine.progress import BuildProgress, HowFar
from occ.errors import BuildFailedError, StoppedByOperatorError
from occ.operations.step_context import StepContext
from occ.operations.steps.build import BuildImage, bounded
from tests.doubles.engine.wire import Loss
from tests.unit.operations.house import NEW, NEW_REFERENCE, SECRETS, House

TAG = "occ.local/web:built"
BUILT = replace(NEW, labels={"note": "a=b", "of": "hunter22"})
FILE = (
    f"FROM {NEW_REFERENCE} AS one\nARG NOTE\nLABEL note=$NOTE of=hunter22\nFROM one AS two\nRUN x\n"
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    (tmp_path / "Containerfile").write_text(FILE)
    return made


def step(house: House) -> BuildImage:
    return BuildImage(
        TAG, str(house.folder), "Containerfile", args=("NOTE=a=b",), target="one", pull=True
    )


def context(house: House) -> StepContext:
    return replace(house.context(), secrets=SECRETS)


def told(image: str) -> dict[str, object]:
    return {
        "image": image,
        "digests": [],
        "labelled": "",
        "volumes": [],
        "check": None,
        "said": image.removeprefix("sha256:")[:12],
    }


def test_an_image_is_built_as_it_is_declared_and_tagged(house: House) -> None:
    assert step(house).seen(context(house)) is None
    assert step(house).apply(context(house)) == told(BUILT.id)
    there = house.engine.image(TAG)
    assert there is not None
    assert there.id == BUILT.id


def test_all_that_is_declared_of_a_build_is_asked_of_the_engine(house: House) -> None:
    step(house).apply(context(house))
    (asked,) = house.engine.builds
    assert (asked.context, asked.dockerfile) == (str(house.folder), "Containerfile")
    assert (asked.args, asked.target, asked.pull) == ({"NOTE": "a=b"}, "one", True)


def test_what_was_built_before_a_crash_is_not_built_again(house: House) -> None:
    step(house).apply(context(house))
    before = house.context(results={"build_image": {"image": BUILT.id}})
    assert step(house).seen(before) == told(BUILT.id)
    assert step(house).apply(before) == told(BUILT.id)
    assert len(house.engine.builds) == 1


def test_a_digest_that_it_has_from_elsewhere_is_not_that_of_a_build(house: House) -> None:
    house.engine.host.images.pulled(BUILT, NEW_REFERENCE)
    there = house.engine.image(BUILT.id)
    assert there is not None
    assert there.digests
    before = house.context(results={"build_image": {"image": BUILT.id}})
    assert step(house).seen(before) == told(BUILT.id)


def test_what_was_built_and_is_gone_is_built_again(house: House) -> None:
    before = house.context(results={"build_image": {"image": BUILT.id}})
    assert step(house).seen(before) is None
    assert step(house).apply(before) == told(BUILT.id)


def test_the_result_of_another_step_says_nothing_of_a_build(house: House) -> None:
    house.engine.host.images.add(NEW)
    other = house.context(results={"pull_image": {"image": NEW.id}})
    assert step(house).seen(other) is None


def test_how_far_a_build_is_is_told_without_secrets(house: House) -> None:
    heard: list[HowFar] = []
    step(house).apply(replace(context(house), progress=heard.append))
    assert heard == [
        BuildProgress(text=f"Step 1/5 : FROM {NEW_REFERENCE} AS one", step=1, steps=5),
        BuildProgress(text="Step 2/5 : ARG NOTE", step=2, steps=5),
        BuildProgress(text="Step 3/5 : LABEL note=$NOTE of=***", step=3, steps=5),
    ]


def test_a_build_ends_when_the_operator_asks_for_an_end(house: House) -> None:
    heard: list[HowFar] = []
    asked = replace(context(house), stop_requested=lambda: True, progress=heard.append)
    with pytest.raises(StoppedByOperatorError, match="while the image was built"):
        step(house).apply(asked)
    assert heard == []
    assert house.engine.image(TAG) is None


def test_a_build_that_fails_says_its_last_lines_without_secrets(house: House) -> None:
    (house.folder / "Containerfile").write_text(
        f"FROM {NEW_REFERENCE}\nLABEL of=hunter22\nLABEL PASSWORD=swordfish\nRUN false\n"
    )
    with pytest.raises(BuildFailedError, match="returned a non-zero code") as failed:
        replace(step(house), target="").apply(context(house))
    assert failed.value.log_tail == (
        f"Step 1/4 : FROM {NEW_REFERENCE}",
        "Step 2/4 : LABEL of=***",
        "Step 3/4 : LABEL PASSWORD=***",
        "Step 4/4 : RUN false",
    )
    assert house.engine.image(TAG) is None


def test_a_failed_build_keeps_what_to_do_about_it(house: House) -> None:
    hint = "start the builder"
    failure = BuildFailedError("no builder", hint=hint, log_tail=("a", "b"))
    house.engine.wire.lose("build", Loss("never", error=failure))
    with pytest.raises(BuildFailedError, match="no builder") as failed:
        step(house).apply(context(house))
    assert (failed.value.hint, failed.value.log_tail) == (hint, ("a", "b"))


def test_of_a_log_the_last_sixty_lines_are_kept() -> None:
    assert bounded(str(n) for n in range(60)) == tuple(str(n) for n in range(60))
    assert bounded(str(n) for n in range(100)) == tuple(str(n) for n in range(40, 100))


def test_of_a_log_six_kibibytes_are_kept_line_breaks_counted() -> None:
    line = "é" * 511  # 1022 bytes, 1023 with its end
    assert bounded(["abcde", *[line] * 6]) == ("abcde", *[line] * 6)
    assert bounded(["abcdef", *[line] * 6]) == (line,) * 6


def test_a_line_that_does_not_fit_hides_those_before_it() -> None:
    assert bounded(["short", "x" * 6_200, "last"]) == ("last",)


def test_a_nul_in_a_log_is_readable_and_counted_as_it_is_shown() -> None:
    assert bounded(["a\0b"]) == ("a\\x00b",)
    assert bounded(["\0" * 1_600]) == ()
    assert bounded(["\0" * 1_500]) == ("\\x00" * 1_500,)
