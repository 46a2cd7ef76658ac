"""How every function that is called for each car and step is compiled."""

from functools import partial

from numba import njit

kernel = partial(njit, nogil=True, cache=True, error_model="numpy", _nrt=False)
"""Numba's decorator for a function that works in the arrays it is given and makes none of its own.

It lets go of Python's lock, so that threads run side by side, and counts no references: two threads that count the
owners of the same arrays wait for each other's caches longer than they compute.
"""
