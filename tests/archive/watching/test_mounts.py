"""Which folders other machines can write to, by the table of mounts."""

import pytest

from cxaudio.archive.watching.mounts import is_on_network

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:5 / /proc rw - proc proc rw
30 22 0:40 / /mnt/calls rw,relatime shared:9 - nfs4 nas:/calls rw,vers=4.2
31 22 0:41 / /mnt/with\040blank rw - cifs //nas/x rw
32 22 0:42 / /home/ann/bucket rw - fuse.s3fs s3fs rw
33 22 0:43 / /mnt/local rw - xfs /dev/sdb1 rw
34 33 0:44 / /mnt/local/deep/remote rw - ceph mon:/ rw
35 30 0:45 / /mnt/calls rw - ext4 /dev/sdc1 rw
a line of another kind
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/", True),  # others are mounted beneath
        ("/var/calls", False),
        ("/mnt/calls/today", False),  # a disk was mounted over it
        ("/mnt/calls2", False),
        ("/mnt/with blank", True),
        ("/home/ann/bucket/2026", True),
        ("/home/bob", False),
        ("/mnt/local", True),  # another one is mounted beneath
        ("/mnt/local/other", False),
    ],
)
def test_the_last_mount_that_holds_a_folder_and_those_beneath_decide(tmp_path, folder, expected):
    (tmp_path / "mountinfo").write_text(TABLE)
    assert expected is is_on_network(folder, mounts=tmp_path / "mountinfo")


def test_a_system_without_such_a_table_is_searched(tmp_path):
    assert is_on_network("/calls", mounts=tmp_path / "nothing")
