"""The cache of compiled kernels inside: read, never written. It holds pickles, with which a stranger could run code."""

from numba.core import caching


def use_read_only() -> None:
    """Have Numba load what is in its cache, and keep to itself what it compiles here.

    Numba refuses a cache in a folder that it cannot write to, and has no setting for one; so its two functions that
    write are replaced (numba/core/caching.py).
    """
    caching._CacheLocator.ensure_cache_path = lambda _locator: None
    caching.IndexDataCacheFile.save = lambda _cache, _key, _data: None
