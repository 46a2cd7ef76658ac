"""Another user than root: a number that belongs to nobody, one for each person."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from openracer.service.confinement.kernel import prctl, set_capabilities

_FIRST, _COUNT = 61184, 4336
"""The numbers that systemd, too, gives to users that exist only while a program runs (systemd.io/UIDS-GIDS)."""
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP = 8, 24
_OVERRIDE, _READ_AND_SEARCH = 1, 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of <linux/capability.h>."""
_NEEDED_POWERS = (0, 6, 7)
"""CAP_CHOWN, CAP_SETGID and CAP_SETUID of it."""
_LAST_CAPABILITY = 63


def number_for(person: int) -> int | None:
    """The user as whom a person's code runs; None where this process has to stay who it is.

    That is so where it is not root, and in a container that has taken root's powers over users away, or has no such
    numbers.
    """
    return _FIRST + person % _COUNT if _may_be_others() else None


@cache
def _may_be_others() -> bool:
    """Whether this process can give files to, and become, every one of our users."""
    return all(_permitted() >> power & 1 for power in _NEEDED_POWERS) and all(
        _is_mapped(Path(f"/proc/self/{which}_map").read_text(encoding="ascii")) for which in ("uid", "gid")
    )


def _permitted() -> int:
    """The powers that this process has or may take, a bit for each."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    permitted = next(line for line in status.splitlines() if line.startswith("CapPrm:"))
    return int(permitted.split()[1], 16)


def _is_mapped(table: str) -> bool:
    """Whether a table of user_namespaces(7), of first number inside, outside, and count, has all our numbers."""
    rows = [tuple(map(int, line.split())) for line in table.splitlines()]
    return any(first <= _FIRST and first + count >= _FIRST + _COUNT for first, _outside, count in rows)


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
        set_capabilities(1 << _READ_AND_SEARCH)


def renounce_powers(files_are_confined: bool) -> None:
    """Stay who one is, without any of root's powers but, where Landlock says what may be used, those over files.

    Args:
        files_are_confined: whether Landlock will be in force.
    """
    wanted = 1 << _OVERRIDE | 1 << _READ_AND_SEARCH if files_are_confined else 0
    set_capabilities(wanted & _permitted())


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
