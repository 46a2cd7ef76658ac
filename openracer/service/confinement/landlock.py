"""Landlock: of all files, only those below some folders can be opened, and only for what is said there.

The kernel's own description is docs.kernel.org/userspace-api/landlock.html; bits and structures are those of
<linux/landlock.h>. Newer kernels can refuse more ("ABI" counts that up); what one does not know yet is left out.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from openracer.service.confinement.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_TELL_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FOLDER, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_FOLDER, _MAKE_FILE = 1 << 7, 1 << 8
_MOVE, _TRUNCATE = 1 << 13, 1 << 14
_BITS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights of files a kernel knows. All are asked about, also those that nothing here ever gets: making
devices, sockets, pipes with names and symbolic links."""

_READING = _READ_FILE | _READ_FOLDER | _EXECUTE  # shared libraries are mapped as programs are
_CHANGING = (
    _READING | _WRITE_FILE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _MOVE | _TRUNCATE
)
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_TCP = 0b11
"""Binding and connecting, since ABI 4."""
_OTHERS = 0b11
"""Abstract sockets of, and signals to, processes outside, since ABI 6."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def abi() -> int:
    """What the kernel knows of Landlock; 0 if nothing."""
    try:
        return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_TELL_VERSION))
    except OSError:
        return 0


def confine(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Take from this thread, for ever, every file that is not below one of these; those it starts inherit it.

    Args:
        readable: folders and files that may be read; those that are not there are left out.
        writable: folders and files that may be changed too.

    Raises:
        OSError: the kernel does not have it.
    """
    version = abi()
    known = (1 << _BITS_OF_ABI.get(version, 16)) - 1
    wanted = _Ruleset(known, _TCP if version >= 4 else 0, _OTHERS if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for paths, rights in ((readable, _READING), (writable, _CHANGING)):
            for path in paths:
                _allow(ruleset, path, rights & known)
        syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return
    try:
        rule = _PathBeneath(rights if path.is_dir() else rights & _OF_A_FILE, place)
        syscall(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_PATH_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(place)
