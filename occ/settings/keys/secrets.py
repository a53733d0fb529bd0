"""`[secrets]`: where `occ secret` keeps values."""

from typing import Final

from occ.settings.keys import forms
from occ.settings.keys.choices import Store
from occ.settings.keys.setting import Setting, Table
from occ.settings.toml.node import Node

SECRETS: Final = (
    Setting(
        key="store",
        form=forms.choice(Store),
        default_text='`"file"`',
        meaning="Where `occ secret set` keeps values: a file of mode 0600 for each service, or the "
        "desktop's keyring, which needs `pipx install 'occ-journal[keyring]'` and a login.",
    ),
)


def store(node: Node) -> Store:
    """The store that `[secrets]` names.

    Raises:
        ConfigError: something in it cannot be used.
    """
    example = '[secrets] with store = "file" below it'
    found: Store = Table.of(node, SECRETS, example).take("store", "file")
    return found
