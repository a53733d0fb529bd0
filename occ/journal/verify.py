"""A whole journal, walked: its chain, each entry read, and the heads that were noted elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from occ.errors import JournalDamagedError, JournalNewerError
from occ.journal import chain, codec
from occ.journal.chain import START, Row
from occ.journal.port import Head


def verified(rows: Iterable[Row], noted: Sequence[Head], address: str) -> Head:
    """The head of these rows, all of a journal.

    An entry that fits its hash may still say nothing: whoever writes the chain anew can do that.
    Entries of a newer occ are walked, and not read.

    Raises:
        JournalDamagedError: naming the first entry that does not fit, or cannot be read as one.
    """
    wanted = {head.position for head in noted}
    found: dict[int, str] = {}

    def seen() -> Iterator[Row]:
        for row in rows:
            yield row  # goes on when the walk found that it fits
            if row.position in wanted:
                found[row.position] = row.hash
            try:
                with suppress(JournalNewerError):
                    codec.decode(row.name, row.schema, row.body)
            except JournalDamagedError as error:
                raise chain.damaged(address, row.position, error.message) from error

    return chain.expect(chain.walk(START, seen(), address), noted, found, address)
