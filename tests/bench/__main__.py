"""`tox run -e bench`: reports, asserts nothing. `--opencode` measures the real one too."""

import argparse
import tempfile
from pathlib import Path

from tests.bench import imports, journal, outage, own_time, record
from tests.testbed import machine


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--opencode", action="store_true")
    parser.add_argument("--record", action="store_true", help=f"write it into {record.PAGE.name}")
    chosen = parser.parse_args()
    machine.prepare()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [
            *imports.measure(folder, chosen.rounds),
            *journal.measure(folder, chosen.rounds),
            *own_time.measure(folder, chosen.rounds),
            *outage.measure(folder, chosen.rounds, opencode=chosen.opencode),
        ]
    if chosen.record:
        record.write(found)


if __name__ == "__main__":
    main()
