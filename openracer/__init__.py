"""OpenRacer: train a small race car to drive from its camera."""

import gymnasium

__version__ = "0.1.0"

gymnasium.register(
    id="openracer/TimeTrial-v0",
    entry_point="openracer.environments.time_trial:TimeTrialEnv",
    vector_entry_point="openracer.environments.time_trial:TimeTrialVectorEnv",
)
