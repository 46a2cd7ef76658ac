"""OpenRacer: train a small race car to drive from its camera."""

import os

import gymnasium

from openracer.locations import kernel_cache_folder

__version__ = "0.1.0"

# Before anything imports Numba, which reads it once.
os.environ.setdefault("NUMBA_CACHE_DIR", str(kernel_cache_folder()))

for _race, _on_the_road in (
    ("TimeTrial", {}),
    ("ObjectAvoidance", {"boxes": 6, "reward": "avoid_objects"}),
    ("HeadToBot", {"bots": 4, "reward": "overtake_bots"}),
):
    gymnasium.register(
        id=f"openracer/{_race}-v0",
        entry_point="openracer.environments.time_trial:TimeTrialEnv",
        vector_entry_point="openracer.environments.time_trial:TimeTrialVectorEnv",
        kwargs=_on_the_road,
    )
