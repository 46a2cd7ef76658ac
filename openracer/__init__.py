"""OpenRacer: train a small race car to drive from its camera."""

import os

import gymnasium

from openracer.locations import kernel_cache_folder

__version__ = "0.1.0"

# Before anything imports Numba, which reads it once.
os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_cache_folder()))

gymnasium.register(
    id="openracer/TimeTrial-v0",
    entry_point="openracer.environments.time_trial:TimeTrialEnv",
    vector_entry_point="openracer.environments.time_trial:TimeTrialVectorEnv",
)
