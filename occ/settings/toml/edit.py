"""Single values of a config: found, put in, taken out. Text in, text out; comments and order stay.

A key is written as in the config, `services.web.ports`, or without the service, `ports`.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from functools import reduce
from operator import getitem
from typing import Any, Final, TypeGuard

from occ.domain.values import SERVICE_NAMES
from occ.errors import ConfigError, NotFoundError, UsageMistakeError

_OF_THE_FILE: Final = ("journal", "services")
_STORE: Final = ("secrets", "store")
_OF_A_SERVICE: Final = 2
"""The parts of a service's own table: `services` and its name."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")

KeyPath = tuple[str, ...]


def path_of(key: str, service: Callable[[], str]) -> KeyPath:
    """Where a key stands in the file; `service` is asked for when the key does not say whose it is.

    Raises:
        UsageMistakeError: it is no key.
    """
    parts = _parts(key)
    if parts[0] in _OF_THE_FILE or parts == _STORE:
        return parts
    return ("services", service(), *parts)


def found(text: str, path: KeyPath) -> object:
    """The value at a path.

    Raises:
        NotFoundError: the config does not write it.
    """
    node: object = _document(text).unwrap()
    for part in path:
        if not isinstance(node, MutableMapping) or part not in node:
            raise NotFoundError(
                f"the config does not write {'.'.join(path)}", hint="occ config show"
            )
        node = node[part]
    return node


def put(text: str, path: KeyPath, words: Sequence[str], check: Callable[[str], object]) -> str:
    """The config with this value at a path; `check` raises ConfigError for one that cannot be.

    A word is taken as TOML writes it (`3`, `true`, `["a"]`) or else as text; several are a list.
    The meanings of the words are tried in this order, and the first that passes is taken.

    Raises:
        ConfigError: no meaning passes; the error is that of the plainest meaning.
    """
    meanings = list(_meanings(words))
    wrong: ConfigError | None = None
    for meaning in meanings:
        try:
            written = with_value(text, path, meaning)
            check(written)
        except ConfigError as error:
            if wrong is None or "a list is wanted" in wrong.message:
                wrong = error
        else:
            return written
    raise wrong or UsageMistakeError("there is no value", hint="occ config set KEY VALUE")


def with_value(text: str, path: KeyPath, value: object) -> str:
    """The config with this value at a path; the value is not judged.

    A key that is there keeps its place and its comment, an element of a list too. A new key comes
    below the other keys of its table.

    Raises:
        NotFoundError: it is a key of a service that the config does not declare.
        UsageMistakeError: the path leads through a value that is no table.
        ConfigError: it can be written by hand alone.
    """
    document = _document(text)
    node: Any = document
    for place, part in enumerate(path[:-1]):
        if part not in node:
            if place == 1 and path[0] == "services":
                raise NotFoundError(
                    f"the config declares no service {part}", hint=f"occ setup --service {part}"
                )
            node = {}
            break
        node = node[part]
        if not isinstance(node, MutableMapping):
            raise UsageMistakeError(
                f"{'.'.join(path[: place + 1])} is a value, and {path[place + 1]} cannot be in it",
                hint=f"occ config set {'.'.join(path[: place + 1])} VALUE",
            )
    wanted = _set(document.unwrap(), path, value)
    written, first = text, _renewed if path[-1] in node else _inserted
    for way in (first, _in_place):
        with suppress(RecursionError, ConfigError):
            written = way(text, path, value)
        if _says(written, wanted):
            return written
    raise ConfigError(f"{'.'.join(path)} can be written by hand alone; occ config edit")


def with_name(text: str, path: KeyPath, name: str) -> str:
    """The config with a name more in the list at a path; unchanged when the name is there."""
    names: Any = _document(text).unwrap()
    for part in path:
        names = names.get(part, {})
    return text if name in names else with_value(text, path, [*names, name])


def taken_out(text: str, path: KeyPath) -> str:
    """The config without the key at a path; a table goes together with its comments.

    A table within a service that has nothing left, not even a comment, goes too.

    Raises:
        NotFoundError: the config does not write it.
        ConfigError: it can be taken out by hand alone.
    """
    from occ.settings.toml.table_lines import bare, cut  # noqa: PLC0415 - for those that write

    written = _taken_out(text, path)
    for size in range(len(path) - 1, _OF_A_SERVICE, -1):
        if bare(written, path[:size]):
            written = cut(written, path[:size])
    return written


def _taken_out(text: str, path: KeyPath) -> str:
    """The same, but every other table stays."""
    from occ.settings.toml.table_lines import cut  # noqa: PLC0415 - for those that write

    found(text, path)
    tree, written = _document(text).unwrap(), text
    with suppress(RecursionError):
        written = _deleted(cut(text, path), path)
    if any(_says(written, wanted) for wanted in _without(tree, path)):
        return written
    raise ConfigError(f"{'.'.join(path)} can be taken out by hand alone; occ config edit")


def _meanings(words: Sequence[str]) -> Sequence[object]:
    import tomlkit.exceptions  # noqa: PLC0415 - 30 ms, for those that write

    several: list[object] = [list(words)]
    if len(words) != 1:
        return several
    plain: list[object] = []
    with suppress(tomlkit.exceptions.TOMLKitError, ValueError):
        plain.append(tomlkit.value(words[0]).unwrap())
    return [*plain, words[0], *several]


def _inserted(text: str, path: KeyPath, value: object) -> str:
    from occ.settings.toml.table_lines import inserted  # noqa: PLC0415 - for those that write

    return inserted(text, path, value)


def _renewed(text: str, path: KeyPath, value: object) -> str:
    """The text with another value for a table with a header; unchanged where it has no header."""
    from occ.settings.toml.table_lines import cut, has_header  # noqa: PLC0415 - as above

    there = found(text, path)
    if not isinstance(there, Mapping) or not has_header(text, path):
        return text
    if not isinstance(value, Mapping):
        return _inserted(cut(text, path), path, value)
    for key in there:
        if key not in value:
            text = _taken_out(text, (*path, key))
    for key, one in value.items():
        if key not in there or one != there[key]:
            text = with_value(text, (*path, key), one)
    return text


def _deleted(text: str, path: KeyPath) -> str:
    document = _document(text)
    node: Any = document
    for part in path[:-1]:
        node = node.get(part, {})
    node.pop(path[-1], None)
    return str(document.as_string())


def _in_place(text: str, path: KeyPath, value: object) -> str:
    document = _document(text)
    node: Any = document
    for part in path[:-1]:
        node = node.setdefault(part, {})
    there = node.get(path[-1])
    if _texts(there) and _texts(value):
        _become(there, value)
    else:
        node[path[-1]] = value
    return str(document.as_string())


def _become(array: MutableSequence[str], values: Sequence[str]) -> None:
    """Have these texts in a list; a text that stays keeps the comment behind it."""
    there = [str(one) for one in array]
    changes = SequenceMatcher(None, there, values, autojunk=False).get_opcodes()
    for _, first, end, low, high in reversed(changes):
        both = min(end - first, high - low)
        for step in range(both):
            if there[first + step] != values[low + step]:
                array[first + step] = values[low + step]
        del array[first + both : end]
        for place, one in enumerate(values[low + both : high], first + both):
            array.insert(place, one)


def _texts(value: object) -> TypeGuard[MutableSequence[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _set(tree: dict[str, Any], path: KeyPath, value: object) -> dict[str, Any]:
    node = tree
    for part in path[:-1]:
        node = node.setdefault(part, {})
    node[path[-1]] = value
    return tree


def _without(tree: dict[str, Any], path: KeyPath) -> Iterator[dict[str, Any]]:
    """The tree without a path, and then without each table around it that this leaves empty.

    Both are right: `health` vanishes with its only key `health.path = "/"`, but a table that is
    begun by a header `[services.web.health]` stays, empty.
    """
    while path:
        node = reduce(getitem, path[:-1], tree)
        del node[path[-1]]
        yield tree
        if node:
            return
        path = path[:-1]


def _says(text: str, wanted: object) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except (ValueError, RecursionError):
        return False


def _parts(key: str) -> KeyPath:
    import tomlkit.exceptions  # noqa: PLC0415 - as above

    try:
        node: object = tomlkit.parse(f"{key} = 0").unwrap()
    except (tomlkit.exceptions.TOMLKitError, ValueError):
        raise _misnamed(key) from None
    parts: list[str] = []
    while isinstance(node, dict) and len(node) == 1:
        ((part, node),) = node.items()
        parts.append(str(part))
    if not parts or node != 0:
        raise _misnamed(key)
    return tuple(parts)


def _misnamed(key: str) -> UsageMistakeError:
    """The error of a key in which a name cannot be: which one, and what a name is made of."""
    parts = key.split(".")
    wrong = next((part for part in parts if not _NAME.fullmatch(part)), key)
    made, of = "letters a-z and A-Z, digits, - and _", "a name"
    if parts[0] == "services" and wrong in parts[1:2]:
        made, of = SERVICE_NAMES, "the name of a service"
    said = f"{wrong!r} cannot be in it" if wrong else "a name is missing"
    return UsageMistakeError(
        f"{key!r} is no key: {said}; {of} is made of {made}",
        hint="write it as ports, health.path, env.NAME or services.web.ports",
    )


def _document(text: str) -> Any:  # noqa: ANN401 - a document of tomlkit's
    import tomlkit.exceptions  # noqa: PLC0415 - as above

    try:
        return tomlkit.parse(text)
    except tomlkit.exceptions.TOMLKitError as error:
        raise ConfigError(f'not TOML: {error}; write it as key = "value"') from None
