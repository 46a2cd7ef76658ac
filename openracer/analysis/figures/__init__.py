"""Figures of drives and trainings: each function takes data frames and returns a plotly figure, nothing else."""
