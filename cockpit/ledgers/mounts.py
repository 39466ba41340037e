"""Which file system a path lies on."""

from __future__ import annotations

from pathlib import Path

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "ceph", "lustre", "beegfs"}
    | {"gpfs", "glusterfs", "davfs", "fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs"}
)


def network_type(path: Path, mounts: str | None = None) -> str:
    """Return the type of the network file system `path` lies on, or "" for a local one.

    SQLite's write-ahead log needs memory shared by all its users and locks that hold, which such
    file systems do not give (sqlite.org/wal.html).

    Args:
        path: absolute; it need not exist.
        mounts: text like /proc/self/mounts, where later lines cover earlier ones; None reads it.
    """
    target = path.resolve()
    best, found = -1, ""
    for line in (_mounts() if mounts is None else mounts).splitlines():
        point, kind = line.split()[1:3]
        place = Path(point.replace("\\040", " "))
        if target.is_relative_to(place) and len(place.parts) >= best:
            best, found = len(place.parts), kind
    return found if found in _NETWORK else ""


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
