"""`tox run -e options`: containers with a dozen drawn options each, and the record of the run.

A life in which something was lost is printed, and then the run is not recorded.
"""

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from pprint import pformat
from typing import Final

from tests import options
from tests.endurance import record
from tests.options import State
from tests.options.life import Hand, Host, host_of, lost
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.named import remove_named
from tests.testbed.registry import Registry

_ROWS = 12
_AT_ONCE = 40  # then the networks and containers of these are removed
_STATES: Final[Sequence[State]] = ("created", "running", "exited", "running")


def main() -> int:
    """Live the lives; the exit status is 1 if one of them lost something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lives", type=int, default=80)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an end in order, the engine's too
    with (
        PrivateEngine() as engine,
        Registry() as registry,
        tempfile.TemporaryDirectory() as folder,
    ):
        host = host_of(engine, Images(engine, registry))
        hands = [*_hands(host, asked.seed, asked.lives)]
        found = []
        for start in range(0, len(hands), _AT_ONCE):
            place = Path(folder, str(start))
            place.mkdir()
            for one in lost(host, "optioned", place, hands[start : start + _AT_ONCE]):
                print(pformat(one, width=160))
                found.append(one)
            remove_named(engine, "optioned")
            print(f"{min(start + _AT_ONCE, len(hands))} of {len(hands)} lives", flush=True)
        counts = _counts(host, hands) | {"lives in which something was lost": len(found)}
    print(counts, f"seed {asked.seed}")
    if not found and not asked.no_record:
        by = f"tox run -e options -- --lives {asked.lives}"
        record.write("options", counts, by=by, seed=asked.seed)
    return int(bool(found))


def _hands(host: Host, seed: int, lives: int) -> Sequence[Hand]:
    """Drawn rows, every other time for a container that runs."""
    known = {state: options.known_to(host.api, state) for state in _STATES}
    states = [_STATES[number % len(_STATES)] for number in range(lives)]
    return [
        (state, options.drawn(known[state], seed + number, _ROWS))
        for number, state in enumerate(states)
    ]


def _counts(host: Host, hands: Sequence[Hand]) -> dict[str, object]:
    told = options.options_in(host.docker("run", "--help"))
    rows = [row for _, hand in hands for row in hand]
    drawn = {option for row in rows for option in row.options}
    times = Counter(id(row) for row in rows)
    return {
        "options that the docker command tells": len(told),
        "of them without a life, each with its reason": len(options.ASIDE.keys() & told.keys()),
        "of them drawn": sum(bool({long, short} & drawn) for long, short in told.items()),
        "containers with up to a dozen rows of options each": len(hands),
        "of them created and never started": sum(state == "created" for state, _ in hands),
        "of them stopped": sum(state == "exited" for state, _ in hands),
        "how often the rarest row was drawn": min(times.values()),
    }


if __name__ == "__main__":
    sys.exit(main())
