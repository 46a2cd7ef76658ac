"""Another user than root: a number that belongs to nobody, one for each person."""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from openracer.service.confinement.kernel import prctl, syscall

_FIRST, _COUNT = 61184, 4336
"""The numbers that systemd, too, gives to users that exist only while a program runs (systemd.io/UIDS-GIDS)."""
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 8, 24
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x2008_0522
_READ_AND_SEARCH = 2
"""CAP_DAC_READ_SEARCH of <linux/capability.h>."""
_LAST_CAPABILITY = 63


def number_for(person: int) -> int | None:
    """The user as whom a person's code runs; None where this process is not root and has to stay who it is."""
    return _FIRST + person % _COUNT if os.geteuid() == 0 else None


def become(number: int, needed: Iterable[Path], files_are_confined: bool) -> None:
    """Be that user from here on, without any of root's powers.

    Where something needed lies in a folder that only root may enter, one power is kept: to read past the permissions
    of files and folders. What may be read is then for Landlock to say, so without Landlock it is not kept.

    Args:
        number: of the user.
        needed: what has to be read.
        files_are_confined: whether Landlock will be in force.

    Raises:
        OSError: this process is not root, or the container has no such number.
    """
    keep = files_are_confined and not all(_may_enter(path) for path in needed if path.exists())
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # the kernel knows no more of them
            break
    if keep:
        prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
    if keep:
        _keep_only(1 << _READ_AND_SEARCH)


def give(folder: Path, number: int) -> None:
    """Make a folder and everything in it the user's; no link is followed, whatever happens meanwhile."""
    for _place, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        os.fchown(descriptor, number, number)
        for name in (*folders, *files):
            os.chown(name, number, number, dir_fd=descriptor, follow_symlinks=False)


def _may_enter(path: Path) -> bool:
    """Whether everybody may go to a path."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir())


def _keep_only(capabilities: int) -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low = capabilities & 0xFFFF_FFFF
    data = (ctypes.c_uint32 * 6)(
        low, low, 0, 0, 0, 0
    )  # effective, permitted, inheritable; low and high halves
    syscall(_CAPSET[os.uname().machine], ctypes.byref(header), ctypes.byref(data))
