"""The Docker that a private engine is: the machine's own, or the newest to be had from Debian.

The newest is a folder in the cache that holds the /usr of its packages. Its engine sees that
folder in the place of the machine's /usr, in a mount namespace of its own; every other path is the
machine's. So the two run beside each other. It keeps its images in containerd's store, as a fresh
Docker 29 does, and speaks no API that is older than Docker 29 speaks.
"""

import hashlib
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.testbed.machine import COMMANDS, cache, cached, prepare, run

ENVIRON = "OCC_TEST_ENGINE"
"""Names the release in the environment, for the processes that a run starts."""

_HOOKS = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"
_MADE = [
    "mmdebstrap",
    "--variant=extract",
    "--mode=root",
    _HOOKS,
    *(
        f"--dpkgopt=path-exclude=/usr/share/{folder}/*"
        for folder in ("doc", "info", "locale", "man")
    ),
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Check-Valid-Until "false"',  # a mirror may be a snapshot
    '--aptopt=APT::Install-Recommends "false"',
]
_VERSION = re.compile(r" v?(\d+\.\d+\.\d+)")
# In a namespace that ends with the command; the shell is the machine's, what it starts is not.
_BESIDE = 'mount --bind "$1/usr" /usr && shift && exec "$@"'


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Packages of a Debian suite, unpacked in a folder of the cache."""

    suite: str
    packages: tuple[str, ...]
    links: Mapping[str, str] = field(default_factory=dict)
    """Names in /usr/sbin, each with the program there that a package's set-up would choose."""

    @property
    def path(self) -> Path:
        """Where it is, or would be."""
        return cache() / self._name

    @property
    def _name(self) -> str:
        made_of = [*_MADE, *self.packages, *self.links, *self.links.values()]
        key = hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:12]
        return f"debian-{self.suite}-{key}"

    @property
    def cached(self) -> bool:
        """Whether it is there already."""
        return self.path.is_dir()

    @property
    def commands(self) -> Path:
        """The folder of its docker command, for the front of PATH."""
        return self.path / "commands"

    def have(self) -> Path:
        """Have it made, which takes half a minute; it stays until somebody removes it."""
        with cached(self._name) as (folder, draft):
            if draft is not None:
                prepare()
                packages = ",".join([*self.packages, "usr-is-merged"])
                run([*_MADE, f"--include={packages}", self.suite, str(draft)])
                for name, program in self.links.items():
                    (draft / "usr" / "sbin" / name).symlink_to(program)
                docker = draft / self.commands.name / "docker"
                docker.parent.mkdir()
                words = shlex.join(self.command("docker"))
                docker.write_text(f'#!/bin/sh\nexec {words} "$@"\n', "utf-8")
                docker.chmod(0o755)
        return folder

    def command(self, *words: str) -> list[str]:
        """The words that run a program of it, with its /usr in the place of the machine's."""
        return ["unshare", "--mount", "sh", "-c", _BESIDE, "sh", str(self.path), *words]


@dataclass(frozen=True, kw_only=True)
class Release:
    """How engines of a release are started."""

    name: str
    told: str
    drivers: tuple[str, ...]
    """Its storage, the best first; the last is for kernels and file systems that allow no other."""
    settings: dict[str, object] = field(default_factory=dict)
    """What its daemon.json holds."""
    index_ids: bool = False
    """Whether an image's id is the digest of its index, all platforms together."""
    prunes_tags: bool = False
    """Whether a prune leaves a used image one tag alone, whichever comes last."""
    environ: dict[str, str] = field(default_factory=dict)
    folder: Folder | None = None
    """None for the machine's own programs."""

    def untried(self) -> str:
        """Why it is not tried where only a cached folder will do, in words; empty when it is."""
        if self.folder is None or self.folder.cached:
            return ""
        return f"{self.told}: not tried, for it is not in the cache; tox run -e engines makes it"

    def versions(self) -> str:
        """What its dockerd and its containerd say that they are, as `dockerd 28.5.2`."""
        prepare()
        if self.folder is not None:
            self.folder.have()
        told = []
        for program in ("dockerd", "containerd"):
            words = [program, "--version"]
            said = run(self.folder.command(*words) if self.folder else words)
            found = _VERSION.search(said)
            told.append(f"{program} {found[1] if found else said.strip()}")
        return ", ".join(told)


OWN = Release(name="own", told="the machine's Docker Engine", drivers=("overlay2", "vfs"))
NEWEST = Release(
    name="newest",
    told="the newest Docker Engine, containerd image store",
    drivers=("overlayfs", "native"),
    settings={"features": {"containerd-snapshotter": True}},
    index_ids=True,
    prunes_tags=True,
    environ={"DOCKER_MIN_API_VERSION": "1.44"},
    folder=Folder(
        suite="sid",
        packages=("docker.io", "docker-cli", "docker-buildx", "ca-certificates"),
        # Without it no container finds another one by its name.
        links={"iptables": "iptables-nft", "ip6tables": "ip6tables-nft"},
    ),
)
RELEASES = {each.name: each for each in (OWN, NEWEST)}


def chosen() -> Release:
    """The release that this run tries."""
    return RELEASES[os.environ.get(ENVIRON) or OWN.name]


def choose(name: str) -> None:
    """Have this run and all that it starts try a release, with the docker command of that release.

    Raises:
        KeyError: there is no such release.
    """
    release = RELEASES[name]
    os.environ[ENVIRON] = release.name
    if release.folder is not None:
        os.environ[COMMANDS] = str(release.folder.commands)
        os.environ["PATH"] = f"{release.folder.commands}:{os.environ['PATH']}"
