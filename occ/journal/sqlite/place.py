"""Whether a file lies on a disk of this machine, which SQLite and flock need.

On a network file system locks may not hold between machines, and the memory that SQLite's readers
and writers share is not shared (https://sqlite.org/useovernet.html).
"""

import os
import re
from pathlib import Path
from typing import Final

from occ.errors import JournalUnwritableError

MOUNTS: Final = Path("/proc/self/mounts")

# Types as mount(8) tells them. `fuse.` stands before those that run as programs.
_NETWORK: Final = frozenset(
    (
        *("9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "glusterfs", "gpfs"),
        *("lustre", "ncpfs", "nfs", "nfs4", "orangefs", "pvfs2", "smb2", "smb3", "smbfs"),
    )
)
_PROGRAMS: Final = _NETWORK | frozenset(
    (
        *("curlftpfs", "gcsfuse", "gdfuse", "goofys", "juicefs", "mfs", "moosefs", "rclone"),
        *("s3fs", "seaweedfs", "sftp", "sshfs", "vmhgfs-fuse", "webdav"),
    )
)
_OCTAL = re.compile(rb"\\([0-7]{3})")


def network_type(path: Path, mounts: Path = MOUNTS) -> str:
    """The type of the network file system that a file is or would be on; empty for a local one.

    `mounts` is a table of mounts as Linux tells it (fstab(5)); without one nothing is known, and
    nothing is refused.
    """
    try:
        table = mounts.read_bytes()
    except OSError:
        return ""
    place = os.fsencode(path.resolve())
    found, kind = b"", ""
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 3:  # noqa: PLR2004 - source, where, type
            continue
        where = _OCTAL.sub(lambda octal: bytes([int(octal[1], 8) & 0xFF]), fields[1])
        inside = place == where or place.startswith(where.rstrip(b"/") + b"/")
        if inside and len(where) >= len(found):  # a later mount lies over an earlier one
            found, kind = where, os.fsdecode(fields[2])
    named, program = kind.lower().removeprefix("fuse."), kind.lower().startswith("fuse.")
    return kind if named in (_PROGRAMS if program else _NETWORK) else ""


def refuse_network(path: Path, what: str, mounts: Path = MOUNTS) -> None:
    """Refuse a file on a network file system.

    Raises:
        JournalUnwritableError: naming the file and the type.
    """
    kind = network_type(path, mounts)
    if kind:
        raise JournalUnwritableError(
            f"{what} {path} is on a network file system ({kind}), where locks cannot be trusted",
            hint="copy it to a disk of this machine, then: occ --journal COPY journal verify",
        )
