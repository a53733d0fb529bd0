"""A whole journal, walked: its chain, each entry read, and the heads that were noted elsewhere."""

from collections.abc import Iterable, Iterator, Sequence

from occ.errors import JournalDamagedError, JournalNewerError
from occ.journal import chain, codec
from occ.journal.chain import START, Row
from occ.journal.port import Head


def verified(rows: Iterable[Row], noted: Sequence[Head], address: str) -> Head:
    """The head of these rows, all of a journal.

    An entry that fits its hash may still say nothing: whoever writes the chain anew can do that.

    Raises:
        JournalDamagedError: naming the first entry that does not fit, or cannot be read as one.
        JournalNewerError: the chain holds, and a newer occ wrote an entry.
    """
    wanted = {head.position for head in noted}
    found: dict[int, str] = {}
    newer: list[JournalNewerError] = []

    def seen() -> Iterator[Row]:
        for row in rows:
            yield row  # goes on when the walk found that it fits
            if row.position in wanted:
                found[row.position] = row.hash
            try:
                codec.decode(row.name, row.schema, row.body)
            except JournalNewerError as error:
                newer.append(error)
            except JournalDamagedError as error:
                raise chain.damaged(address, row.position, error.message) from error

    head = chain.expect(chain.walk(START, seen(), address), noted, found, address)
    if newer:
        raise newer[0]
    return head
