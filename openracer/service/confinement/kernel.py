"""System calls that Python has no function for, by their number."""

import ctypes
import os
import platform

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

_PR_SET_NO_NEW_PRIVS = 38
"""Numbers of <linux/prctl.h>."""
_CAPABILITY_VERSION_3 = 0x2008_0522


def syscall(number: int, *arguments: object) -> int:
    """Make a system call.

    Raises:
        OSError: it failed.
    """
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def prctl(option: int, *arguments: int) -> None:
    """Change something about this process.

    Raises:
        OSError: it failed.
    """
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def set_capabilities(wanted: int) -> None:
    """Have these of root's powers and no others, a bit for each of <linux/capability.h>'s first 32.

    Raises:
        OSError: one of them is not there to be had.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Effective, permitted, inheritable; low and high halves.
    data = (ctypes.c_uint32 * 6)(wanted, wanted, 0, 0, 0, 0)
    if _libc.capset(header, data) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def renounce_privileges() -> None:
    """Never gain any by starting a program; the kernel asks for it before it takes our filters."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def machine() -> str:
    """The processor's family as ``uname -m`` tells it."""
    return platform.machine()
