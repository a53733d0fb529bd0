"""`[secrets]`: where `occ secret` keeps values."""

from typing import Final

from occ.settings.keys import names
from occ.settings.keys.key_table import Setting, Table
from occ.settings.toml.node import Node

STORE: Final = Setting[names.Store](
    key="store",
    kind='`"file"` or `"keyring"`',
    default="file",
    default_text='`"file"`',
    meaning="Where `occ secret set` keeps values: a file of mode 0600 for each service, or the "
    "desktop's keyring, which needs `pipx install 'occ-journal[keyring]'` and a login.",
    read=names.one_of(names.STORES),
)

SECRETS_TABLE: Final[tuple[Setting[object], ...]] = (STORE,)


def store(node: Node) -> names.Store:
    """The store that `[secrets]` names."""
    return Table.of(node, SECRETS_TABLE, '[secrets] with store = "file" below it').take(STORE)
