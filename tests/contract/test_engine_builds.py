"""Images that are built, on every engine."""

from pathlib import Path

import pytest

from occ.domain.spec import Build
from occ.engine.progress import BuildProgress
from occ.errors import BuildFailedError
from tests.contract.asked import running, seen
from tests.contract.lab import Lab

FILE = """\
FROM {base} AS small
ARG COLOUR=grey
LABEL colour=$COLOUR
FROM small
LABEL last=yes
"""


@pytest.fixture
def base(lab: Lab) -> str:
    """A tag of an image on the host; BuildKit knows none by its id."""
    tag = f"{lab.name('base')}:1"
    lab.engine.tag(lab.image("good"), tag)
    return tag


@pytest.fixture
def context(base: str, tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(FILE.format(base=base))
    return tmp_path


def test_it_is_built_from_a_folder_and_has_no_tag(lab: Lab, context: Path) -> None:
    told: list[BuildProgress] = []
    image = lab.engine.build(Build(context=str(context), args={"COLOUR": "blue"}), told.append)
    assert (image.labels["colour"], image.labels["last"]) == ("blue", "yes")
    assert image.references == ()
    assert image.volumes == ("/data",)
    assert any(progress.step for progress in told)
    assert lab.engine.image(image.id) == image


def test_the_same_again_is_the_same_image(lab: Lab, context: Path) -> None:
    build = Build(context=str(context))
    assert lab.engine.build(build).id == lab.engine.build(build).id


def test_a_stage_may_be_named(lab: Lab, context: Path) -> None:
    image = lab.engine.build(Build(context=str(context), target="small"))
    assert image.labels["colour"] == "grey"
    assert "last" not in image.labels


def test_what_fails_says_where_and_why_and_what_runs_goes_on(
    lab: Lab, base: str, context: Path
) -> None:
    container = running(lab)
    (context / "Other").write_text(f"FROM {base}\nRUN exit 3\n")
    with pytest.raises(BuildFailedError, match=r"failed: .*code: \d$") as caught:
        lab.engine.build(Build(context=str(context), dockerfile="Other"))
    assert any("RUN exit 3" in line for line in caught.value.log_tail)
    assert seen(lab, container).running


def test_a_dockerfile_that_is_not_there_is_named(lab: Lab, context: Path) -> None:
    with pytest.raises(BuildFailedError, match="Nowhere"):
        lab.engine.build(Build(context=str(context), dockerfile="Nowhere"))


def test_an_end_that_is_asked_for_goes_through(lab: Lab, context: Path) -> None:
    def stop(_: BuildProgress) -> None:
        raise RuntimeError("asked")

    with pytest.raises(RuntimeError):
        lab.engine.build(Build(context=str(context)), stop)
