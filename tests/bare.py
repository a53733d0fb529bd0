"""`tox run -e bare`: both commands of the README on a fresh Debian 12 and a fresh Debian 13.

Each Debian is a folder that mmdebstrap makes, with apt and the essential packages alone: no Python,
no git, no engine. It gets a clone of this checkout, and mounts, processes and a network of its own,
which reaches what this machine reaches. `--suite` tries one Debian, `--command` one command;
both commands of a Debian are recorded. Ends with 1 where a command did not end with 0.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.endurance import record
from tests.testbed.machine import environment, prepare, run

ROOT = Path(__file__).parents[1]
SUITES = {"bookworm": "Debian 12", "trixie": "Debian 13"}
_CLONE = "root/occ"
_CERTIFICATES = "root/certificates.crt"
_SECTION = re.compile(r"^## Two commands$(.*?)^## ", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
# Everything below the new root is its own but for the kernel's folders.
_INSIDE = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount --rbind /sys/fs/cgroup "$1/sys/fs/cgroup"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
cd "$1"
# Not chroot: a program that is let into a container's mounts later leaves a changed root behind.
mkdir -p before
pivot_root . before
/before/bin/busybox umount -l /before
exec /usr/bin/env -i "$3" "$4" "$5" HOME=/root TERM=xterm \
  PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "cd /root/occ && $2"
"""


def commands() -> list[str]:
    """The two commands, as the README has them.

    Raises:
        LookupError: the README has not two.
    """
    section = _SECTION.search((ROOT / "README.md").read_text("utf-8"))
    found = _BLOCK.findall(section[1]) if section else []
    if len(found) != 2:
        raise LookupError(f"README.md has {len(found)} commands in its section Two commands, not 2")
    return list(found)


@contextmanager
def debian(suite: str, folder: Path) -> Iterator[Path]:
    """A fresh Debian with a clone of this checkout in /root/occ."""
    place = folder / suite
    hooks = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"
    run(["mmdebstrap", "--mode=root", "--variant=apt", hooks, suite, str(place)])
    safe = folder / "gitconfig"
    safe.write_text("[safe]\n\tdirectory = *\n", "utf-8")
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": str(safe)}
    words = ["git", "clone", "--quiet", str(ROOT), str(place / _CLONE)]
    subprocess.run(words, env=environ, check=True)
    # A machine whose network has certificates or names of its own gives both to its guest.
    shutil.copy("/etc/resolv.conf", place / "etc/resolv.conf")
    certificates = os.environ.get("PIP_CERT", os.environ.get("SSL_CERT_FILE", ""))
    if certificates:
        shutil.copy(certificates, place / _CERTIFICATES)
    yield place


@contextmanager
def network(number: int) -> Iterator[str]:
    """A network namespace that reaches what this machine reaches; its name."""
    name, net = f"occ-bare-{number}", f"10.230.{number}"
    masquerade = ["POSTROUTING", "-s", f"{net}.0/24", "-j", "MASQUERADE"]
    forward = Path("/proc/sys/net/ipv4/ip_forward")
    before = forward.read_text("utf-8")
    with ExitStack() as after:
        run(["ip", "netns", "add", name])
        after.callback(run, ["ip", "netns", "del", name])
        run(["ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name])
        run(["ip", "address", "add", f"{net}.1/24", "dev", name])
        run(["ip", "link", "set", name, "up"])
        run(["ip", "-n", name, "address", "add", f"{net}.2/24", "dev", "eth0"])
        for link in ("lo", "eth0"):
            run(["ip", "-n", name, "link", "set", link, "up"])
        run(["ip", "-n", name, "route", "add", "default", "via", f"{net}.1"])
        forward.write_text("1", "utf-8")
        after.callback(forward.write_text, before, "utf-8")
        run(["iptables", "-t", "nat", "-A", *masquerade])
        after.callback(run, ["iptables", "-t", "nat", "-D", *masquerade])
        yield name


def typed(place: Path, net: str, command: str) -> int:
    """Type a command as root in that Debian; its exit status."""
    proxies = environment()
    pairs = [
        f"PIP_CERT=/{_CERTIFICATES}" if (place / _CERTIFICATES).exists() else "LC_ALL=C.UTF-8",
        f"http_proxy={proxies.get('http_proxy', '')}",
        f"https_proxy={proxies.get('https_proxy', '')}",
    ]
    # Whatever a command has left running ends with its processes' namespace.
    own = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    words = ["nsenter", f"--net=/run/netns/{net}", *own, "sh", "-c", _INSIDE, "sh"]
    return subprocess.run([*words, str(place), command, *pairs], check=False).returncode


def tried(suite: str, number: int, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """Each command on a Debian of that suite, one after the other, with how it ended."""
    with ExitStack() as during:
        folder = Path(tempfile.mkdtemp(prefix="occ-bare-", dir="/var/tmp"))
        during.callback(run, ["rm", "-rf", "--one-file-system", str(folder)])
        place = during.enter_context(debian(suite, folder))
        net = during.enter_context(network(number))
        for command in wanted:
            print(f"\n=== {SUITES[suite]}: {command}", flush=True)
            began = time.monotonic()
            status = typed(place, net, command)
            took = round(time.monotonic() - began)
            version = (place / "etc/debian_version").read_text("utf-8").strip()
            yield f"Debian {version}: `{command}`", f"exit {status} after {took} s"


def main() -> int:
    """Try what is asked for; both commands of a Debian are recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=[*SUITES], default="")
    parser.add_argument("--command", type=int, choices=(1, 2), default=0)
    asked = parser.parse_args()
    prepare()
    both = commands()
    wanted = [both[asked.command - 1]] if asked.command else both
    failed = False
    for number, suite in enumerate([asked.suite] if asked.suite else SUITES, 1):
        counts = dict(tried(suite, number, wanted))
        for what, how in counts.items():
            print(f"{what}: {how}")
            failed |= not how.startswith("exit 0 ")
        if not asked.command:
            words = ["tox", "run", "-e", "bare", "--", "--suite", suite]
            record.write(f"bare-{suite}", counts, by=shlex.join(words))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
