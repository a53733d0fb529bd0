"""`[secrets]`: where `occ secret` keeps values."""

from typing import Final

from occ.settings import words
from occ.settings.node import Node
from occ.settings.table import Setting, Table

STORE: Final = Setting[words.Store](
    key="store",
    kind='`"file"` or `"keyring"`',
    default="file",
    default_text='`"file"`',
    meaning="Where `occ secret set` keeps values: a file of mode 0600 for each service, or the "
    "desktop's keyring, which needs `pipx install 'occ-journal[keyring]'` and a login.",
    read=words.one_of(words.STORES),
)

SECRETS_TABLE: Final[tuple[Setting[object], ...]] = (STORE,)


def store(node: Node) -> words.Store:
    """The store that `[secrets]` names."""
    return Table.of(node, SECRETS_TABLE, '[secrets] with store = "file" below it').take(STORE)
