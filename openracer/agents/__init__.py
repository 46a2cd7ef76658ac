"""From observations to actions and from rollouts to better weights: action spaces, networks, collectors, PPO."""
