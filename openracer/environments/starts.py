"""Where episodes start: round robin in training, given places in evaluation."""

import numpy as np
from numpy.typing import NDArray


class RoundRobinStarts:
    """Each episode starts a little further along the track than the one that started before it.

    With one car this is the AWS simulator's ``CHANGE_START_POSITION`` (aws-deepracer-community/deepracer-simapp,
    ``markov/agent_ctrl``): 5 % of the lap further after every episode.

    Args:
        advance: step between two starts, as a fraction of the lap; 0 starts every episode at the start line.
        next_start: number of the next start, counted from 0.
    """

    def __init__(self, advance: float, next_start: int = 0):
        self.advance = advance
        self.next_start = next_start

    def take(self, count: int) -> NDArray[np.float64]:
        """The next start places.

        Args:
            count: how many, K.

        Returns:
            ``(K,)`` fractions of the lap.
        """
        numbers = np.arange(self.next_start, self.next_start + count)
        self.next_start += count
        return np.asarray((numbers * self.advance) % 1.0, np.float64)
