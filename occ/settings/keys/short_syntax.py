"""Docker's short syntaxes: ports, volumes and mounts, one text each."""

import os
import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from occ.domain.spec import Mount, Port, Volume
from occ.domain.values import normal_path
from occ.settings.keys.readers import text
from occ.settings.toml.node import Node

LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = "*"

_BRACKETS = re.compile(r"\[(?P<address>[^\]]*)\]:(?P<ports>.*)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,5}")
_RANGE = re.compile(r"[0-9]+-[0-9]+")
_HIGHEST_PORT = 65_535
# The engine's own rule for names of volumes (moby, daemon/names).
VOLUME: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}")

# Never narrower than the readers below, for editors, which see no more than the form.
PORT_FORM: Final = re.compile(
    r"(?:\[[^\]]*\]:|[^:\[\]]*:)?[0-9]{1,5}:[0-9]{1,5}"
    r"(?:/(?:[tT][cC][pP]|[uU][dD][pP]|[sS][cC][tT][pP]))?"
)
_BELOW_ROOT = r"/[^:]*[^:/][^:]*(?::r[ow])?"
VOLUME_FORM: Final = re.compile(f"{VOLUME.pattern}:{_BELOW_ROOT}")
MOUNT_FORM: Final = re.compile(f"(?:~|~?/[^:]*):{_BELOW_ROOT}")
VOLUME_OR_FOLDER: Final = re.compile(rf"[/~].*|{VOLUME.pattern}")


def port(node: Node) -> Port:
    """`[address:]host:container[/protocol]`; without an address it is published on loopback.

    Docker would publish it to the world. occ does so only where `0.0.0.0` is written.

    Raises:
        ConfigError: it is malformed, or leaves the host port to chance.
    """
    if not isinstance(node.value, str):
        whole = type(node.value) is int and 0 < node.value <= _HIGHEST_PORT
        number = node.value if whole else 3000
        raise node.bad("a port is written as text", f'write "{LOOPBACK}:{number}:{number}"')
    ports, slash, protocol = node.text().partition("/")
    bound, host, container = _parts(node, ports)
    inside = _port_number(node, container, "the container's port")
    if not host or "." in host:
        shown = host or bound or LOOPBACK
        where = f"[{shown}]" if ":" in shown else shown
        raise node.bad("a host port is needed", f'write "{where}:{inside}:{inside}"')
    protocol = protocol.lower() if slash else "tcp"
    if protocol not in {"tcp", "udp", "sctp"}:
        raise node.bad("the protocol is tcp, udp or sctp", f'write "{ports}/udp"')
    outside = _port_number(node, host, "the host's port")
    return Port(
        container=inside,
        host=outside,
        address=LOOPBACK if bound is None else address(node, bound),
        protocol=protocol,
    )


def volume(node: Node) -> Volume:
    """`name:/path[:ro]`: a named volume at a path in the container.

    Raises:
        ConfigError: it is malformed, or a folder of the host.
    """
    name, path, read_only = _three(node, "opencode-data:/path")
    if name.startswith(("/", "~", ".")):
        raise node.bad("this is a folder of the host, not a volume", "list it under mounts")
    if not VOLUME.fullmatch(name):
        raise node.bad(
            f'"{name}" is no name of a volume',
            "use letters and digits first, then also '_', '.' and '-', at least two",
        )
    return Volume(name=name, path=_inside(node, path), read_only=read_only)


def volume_or_folder(node: Node) -> str:
    """The name of a volume, or the path of a folder of the host.

    Raises:
        ConfigError: it is neither.
    """
    found = text(node)
    if found.startswith(("/", "~")):
        return normal_path(expand(node, found))
    if not VOLUME.fullmatch(found):
        fix = "write the volume's name, or the whole path of a folder of the host"
        raise node.bad("it is neither the name of a volume nor a path", fix)
    return found


def mount(node: Node) -> Mount:
    """`/host/folder:/path[:ro]`: a folder or file of the host at a path in the container.

    Raises:
        ConfigError: it is malformed, a volume, or a path that depends on where one stands.
    """
    source, path, read_only = _three(node, "/host/dir:/path")
    if VOLUME.fullmatch(source):
        raise node.bad("this is a volume, not a folder of the host", "list it under volumes")
    whole = expand(node, source)
    if not whole.startswith("/"):
        raise node.bad("the host's path must begin with /", "write the whole path, or ~/...")
    return Mount(source=normal_path(whole), path=_inside(node, path), read_only=read_only)


def texts(found: Sequence[Port | Volume | Mount]) -> list[str]:
    """The short syntax of each."""
    return [str(one) if isinstance(one, Port) else _place(one) for one in found]


def beside_config(node: Node) -> Path:
    """A path; a relative one starts at the config's folder.

    Raises:
        ConfigError: it is no text, is empty, or as for `expand`.
    """
    return node.source.file.parent / expand(node, text(node))


def expand(node: Node, path: str) -> str:
    """The path with a leading `~` replaced by the home folder.

    Raises:
        ConfigError: there is no home folder, or it is another person's.
    """
    if not path.startswith("~"):
        return path
    if path != "~" and not path.startswith("~/"):
        raise node.bad("only your own ~ is known", "write the whole path")
    if not node.source.home:
        raise node.bad("~ means nothing here, HOME is not set", "write the whole path")
    return os.path.normpath(node.source.home + path[1:])


def _place(one: Volume | Mount) -> str:
    source = one.name if isinstance(one, Volume) else one.source
    return f"{source}:{one.path}{':ro' if one.read_only else ''}"


def _parts(node: Node, text: str) -> tuple[str | None, str, str]:
    """Address, host port and container port; None and empty where they are not written."""
    in_brackets = _BRACKETS.fullmatch(text)
    first, rest = in_brackets.groups() if in_brackets else (None, text)
    match rest.split(":"):
        case [container]:
            return first, "", container
        case [host, container]:
            return first, host, container
        case [address, host, container] if first is None and "[" not in text:
            return address, host, container
        case _ if first is None and "[" not in text:
            raise node.bad("an IPv6 address goes in brackets", 'write "[::1]:3000:3000"')
    raise node.bad("it is no port", f'write "{LOOPBACK}:3000:3000"')


def _three(node: Node, example: str) -> tuple[str, str, bool]:
    """The parts of `source:path[:ro]`."""
    parts = node.text().split(":")
    if len(parts) not in {2, 3} or not parts[0]:
        raise node.bad("it is not source:path", f'write "{example}" or "{example}:ro"')
    mode = parts[2] if len(parts) == 3 else "rw"  # noqa: PLR2004 - source, path and mode
    if mode not in {"ro", "rw"}:
        raise node.bad(f'"{mode}" is no mode that occ knows', f'write "{parts[0]}:{parts[1]}:ro"')
    return parts[0], parts[1], mode == "ro"


def _inside(node: Node, path: str) -> str:
    if not path.startswith("/"):
        source = node.text().partition(":")[0]
        raise node.bad("the container's path must begin with /", f'write "{source}:/{path}"')
    if ".." in path.split("/"):
        raise node.bad("the container's path goes up by ..", "write the path it leads to")
    if normal_path(path) == "/":
        raise node.bad("the container's / comes from its image", "name a path below it")
    return normal_path(path)


def _port_number(node: Node, text: str, which: str) -> int:
    if _RANGE.fullmatch(text):
        raise node.bad("it is a range of ports", "list each port by itself")
    if _NUMBER.fullmatch(text) and 0 < int(text) <= _HIGHEST_PORT:
        return int(text)
    raise node.bad(
        f'{which} is "{text}"', f'write one from 1 to 65535, as in "{LOOPBACK}:3000:3000"'
    )


def address(node: Node, text: str) -> str:
    """An address of the host to publish on; `*` is every address, of IPv6 too.

    Raises:
        ConfigError: it is no address.
    """
    if text == EVERYWHERE:
        return text
    try:
        found = None if "%" in text else ip_address(text)
    except ValueError:
        found = None
    if found is None:
        raise node.bad(
            f'"{text}" is no address of the host',
            f'write "{LOOPBACK}:..." for this machine only, "0.0.0.0:..." for everyone',
        )
    return str(found)
