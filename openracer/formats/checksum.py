"""CRC-32C (Castagnoli), the checksum in TensorFlow's checkpoints, masked as in google/leveldb, util/crc32c.h."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8


def _make_table() -> NDArray[np.uint32]:
    values = np.arange(256, dtype=np.uint32)
    for _bit in range(8):
        values = np.where(values & 1, values >> 1 ^ np.uint32(_POLYNOMIAL), values >> 1)
    return values


_TABLE = _make_table()


@njit(nogil=True, cache=True)
def _remainder(data: NDArray[np.uint8], table: NDArray[np.uint32]) -> int:
    """Remainder of the bytes (N,) divided by the polynomial, with the 256 remainders of single bytes."""
    remainder = np.uint32(0xFFFF_FFFF)
    for byte in data:
        remainder = (remainder >> np.uint32(8)) ^ table[(remainder ^ byte) & np.uint32(0xFF)]
    return int(remainder)


def crc32c(data: bytes | memoryview) -> int:
    """The checksum of some bytes."""
    return int(_remainder(np.frombuffer(data, np.uint8), _TABLE)) ^ 0xFFFF_FFFF


def masked(checksum: int) -> int:
    """A checksum as it is stored: of data that holds checksums, a plain one would be poor."""
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & 0xFFFF_FFFF
