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


# The words for each state where nothing is new; of the others a container is made again.
RUNS, LOOPS = "", "; it is in a crash loop: occ logs"
PAUSED, STOPPED = "; it is paused: docker unpause web", "; it is stopped: occ start"
SAID = {
    **dict.fromkeys(("healthy", "unhealthy", "untagged", "renamed", "unruled", "sourceless"), RUNS),
    **dict.fromkeys(("looping", "waiting"), LOOPS),
    "paused": PAUSED,
    **dict.fromkeys(("created", "exited", "failed", "oom"), STOPPED),
}
MADE_AGAIN = {"stranded", "dead", "removing"}


@pytest.mark.parametrize("state", STATES)
def test_only_of_what_runs_it_is_said_that_what_was_asked_for_runs_already(
    state: str, tmp_path: Path
) -> None:
    sort = state.partition("-under-")[0]
    for verb in ("update", "apply"):
        there = world(tmp_path, verb)
        there.ready(state)
        assert there.occ(verb) == 0, there.said  # nothing was published or declared before it
        said = "runs" if SAID.get(sort) == RUNS else "is there"
        words = {
            "update": "already the newest: version 2",
            "apply": f"what was asked for {said} already",
        }
        stands = "" if sort in MADE_AGAIN else f"{words[verb]}{SAID[sort]}"
        assert there.unchanged == stands


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
