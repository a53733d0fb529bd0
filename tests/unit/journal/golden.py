"""Writes the golden events of a release that is not out yet: python -m tests.unit.journal.golden.

Once a release is out its file is never written again: what it wrote must stay readable.
"""

import json
from pathlib import Path

from occ.journal import chain, codec
from occ.journal.port import Head
from tests.unit.journal.samples import EVERY, STAMP

GOLDEN = Path(__file__).parents[2] / "golden" / "events-0.1.json"


def rows() -> list[dict[str, object]]:
    """One row of each kind of event, hung together."""
    born, *others = codec.encode_all(EVERY)
    first = chain.seal(chain.START, 0, 0, (born,), STAMP)
    rest = chain.seal(Head(1, first[0].hash), 1, 0, others, STAMP)
    return [row._asdict() for row in (*first, *rest)]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(rows(), indent=1, ensure_ascii=False) + "\n")
