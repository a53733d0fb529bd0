"""`tox run -e bench`: reports, asserts nothing. `--opencode` measures the real one too."""

import argparse
import tempfile
from pathlib import Path

from tests.bench import imports, journal, outage, own_time
from tests.testbed import machine


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--opencode", action="store_true")
    chosen = parser.parse_args()
    machine.prepare()
    print("what" + " " * 43 + "baseline ->  measured   ratio   promised")
    with tempfile.TemporaryDirectory() as folder:
        journal.measure(Path(folder), chosen.rounds)
        imports.measure(Path(folder), chosen.rounds)
        own_time.measure(Path(folder))
        outage.measure(Path(folder), chosen.rounds, opencode=chosen.opencode)


if __name__ == "__main__":
    main()
