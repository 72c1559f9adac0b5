"""Tell whether a folder lies on a network, where the kernel does not report what other machines write."""

import os
import re
from pathlib import Path

__all__ = ["is_on_network"]

_NETWORK = frozenset(
    "9p acfs afs beegfs ceph cifs coda davfs fhgfs gfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs "
    "pvfs2 smb2 smb3 smbfs vboxsf virtiofs vmhgfs".split()
)
"""Types of file systems that others can write to. All that run as programs of a user (``fuse``) count as such."""

_MOUNTS = Path("/proc/self/mountinfo")


def is_on_network(folder: str, *, mounts: Path = _MOUNTS) -> bool:
    """Return whether a folder, or a folder beneath it, may be written by other machines.

    Parameters
    ----------
    folder : str
        Absolute path without links.
    mounts : Path
        Linux's table of what is mounted where.

    Returns
    -------
    bool
        True where the table cannot be read: then nothing is certain.
    """
    try:
        text = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return True
    holds, types = "", {""}  # of the mount that holds the folder, the last one of those on top of each other
    beneath = set()
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
        kind = after.split(" ")[0]
        if _is_within(folder, point) and len(point) >= len(holds):
            holds, types = point, {kind}
        elif _is_within(point, folder):
            beneath.add(kind)
    return any(kind in _NETWORK or kind.startswith("fuse") for kind in types | beneath)


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
