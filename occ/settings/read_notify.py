"""`[notify.NAME]` -> targets."""

from occ.settings.keys.notify import NOTIFY, TARGET_NAME, WAYS
from occ.settings.keys.setting import Table
from occ.settings.model import NotifyTarget
from occ.settings.toml.node import Node

_BY_HTTP = frozenset(("webhook", "plain"))


def targets(node: Node) -> dict[str, NotifyTarget]:
    """The targets by name, in the config's order.

    Raises:
        ConfigError: something in them cannot be used.
    """
    read = (_target(entry) for entry in node.entries("[notify.NAME]"))
    return {target.name: target for target in read}


def _target(node: Node) -> NotifyTarget:
    name = str(node.path[-1])
    if not TARGET_NAME.fullmatch(name):
        fix = "use small letters, digits, single '-' and '_' between, at most 40"
        raise node.bad("it is no name of a target", fix)
    table = Table.of(node, NOTIFY, "[notify.NAME]")
    ways = [way for way in WAYS if table.has(way)]
    if len(ways) != 1:
        wrong = f"{' and '.join(ways)} stand there" if ways else "it says no way"
        raise node.bad(wrong, f"write exactly one of {', '.join(WAYS)}")
    for key, fitting in (("sign", {"webhook"}), ("token", _BY_HTTP), ("secrets", {"command"})):
        if table.has(key) and ways[0] not in fitting:
            raise table.at(key).bad(f"{ways[0]} has no use for it", "take it out")
    return NotifyTarget(name=name, **table.values_of(NotifyTarget))
