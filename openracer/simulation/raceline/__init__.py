"""The minimum-time line of a track: the physical limit of the racing task under a vehicle's limits."""
