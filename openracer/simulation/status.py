"""What an episode's row says of the car: DeepRacer's episode statuses."""

from enum import IntEnum


class Status(IntEnum):
    """Episode status; ``label`` is the string in traces, ``title`` the one in metrics files.

    The strings are those of the AWS simulator (aws-deepracer-community/deepracer-simapp, ``markov/metrics``).
    """

    PREPARE = 0
    IN_PROGRESS = 1
    LAP_COMPLETE = 2
    CRASHED = 3
    OFF_TRACK = 4
    IMMOBILIZED = 5
    REVERSED = 6
    TIME_UP = 7
    PAUSE = 8
    PARK = 9

    @property
    def label(self) -> str:
        """The string in a trace row, for example ``off_track``."""
        return self.name.lower()

    @property
    def title(self) -> str:
        """The string in a metrics file, for example ``Off track``."""
        return "Time Up" if self is Status.TIME_UP else self.label.replace("_", " ").capitalize()
