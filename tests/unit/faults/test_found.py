"""Every found state by every change, on the engine in memory: to the end, and killed on the way.

To the end all of them are tried; killed, each at points that are drawn anew in each run.
"""

import random
from pathlib import Path

import pytest

from tests.faults.found import STATES, VERBS, FoundWorld, differs


def world(folder: Path, *name: str) -> FoundWorld:
    """A host with a folder of its own."""
    place = folder.joinpath("-".join(name).replace(":", "-"))
    place.mkdir()
    return FoundWorld(place)


@pytest.mark.parametrize("state", STATES)
def test_every_change_ends_as_stated_and_doctor_names_the_state(state: str, tmp_path: Path) -> None:
    stated = STATES[state]
    looked = world(tmp_path, "looked")
    looked.ready(state)
    assert looked.stands() == stated["found"]
    assert " ".join(f.code for f in looked.app.doctor("web")) == stated["doctor"]
    ends = {}
    for verb in VERBS:
        ended = world(tmp_path, verb).tried_from(state, verb)
        ends[verb] = f"{ended.status} {ended.stands}"
    assert ends == {verb: stated[verb] for verb in VERBS}


@pytest.mark.parametrize("state", STATES)
def test_killed_it_ends_as_stated_after_resume_and_as_found_after_abort(
    state: str, tmp_path: Path
) -> None:
    draw, wrong = random.SystemRandom(), []
    for verb in VERBS:
        way, when = draw.choice(("resume", "abort")), draw.choice(("before", "after"))
        port, most = draw.choice((("engine", 12), ("journal", 15)))
        point = f"{port}:{draw.randrange(most) + 1}:{when}"
        ended = world(tmp_path, verb).tried_from(state, verb, point, way)
        wrong.append(differs(state, verb, way, ended, point))
    assert not any(wrong), "\n".join(wrong)
