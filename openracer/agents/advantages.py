"""Generalised advantage estimation (Schulman et al. 2016, arXiv:1506.02438) over trajectories that lie interleaved."""

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(nogil=True, cache=True)
def generalised_advantages(
    rewards: NDArray[np.float64],
    values: NDArray[np.float32],
    dones: NDArray[np.bool_],
    trajectory: NDArray[np.int32],
    bootstrap: NDArray[np.float32],
    discount: float,
    gae_lambda: float,
) -> NDArray[np.float64]:
    """How much better each action was than the critic expected.

    With δ_t = r_t + γ V(s_{t+1}) - V(s_t), the advantage is A_t = Σ_k (γλ)^k δ_{t+k}, computed backwards as
    A_t = δ_t + γλ A_{t+1}. Both V(s_{t+1}) and A_{t+1} are 0 after the last step of an episode. Where a trajectory
    is cut before its episode ended, V(s_{t+1}) is the critic's value of the first state not taken.

    Args:
        rewards: (R,) reward of each transition, in the order of time; trajectories may be interleaved.
        values: (R,) V of the state before the transition.
        dones: (R,) whether the transition ended its episode.
        trajectory: (R,) which trajectory the transition belongs to, 0 to M - 1; it may hold several episodes.
        bootstrap: (M,) V of the state after the last transition of each trajectory, 0 where its episode is complete.
        discount: γ.
        gae_lambda: λ, 0 trusts the critic, 1 trusts the rewards seen.

    Returns:
        (R,) advantages; advantage + value is the return the critic should have predicted.
    """
    advantages = np.empty(len(rewards))
    next_value = bootstrap.astype(np.float64)
    next_advantage = np.zeros(len(bootstrap))
    for row in range(len(rewards) - 1, -1, -1):
        own = trajectory[row]
        if dones[row]:
            next_value[own] = 0.0
            next_advantage[own] = 0.0
        delta = rewards[row] + discount * next_value[own] - values[row]
        advantages[row] = delta + discount * gae_lambda * next_advantage[own]
        next_advantage[own] = advantages[row]
        next_value[own] = values[row]
    return advantages
