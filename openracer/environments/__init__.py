"""The Gymnasium face of simulation and reward."""
