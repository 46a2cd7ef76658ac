"""The reward function: its parameters, how it is loaded and checked, and examples."""
