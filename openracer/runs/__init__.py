"""Trainings and evaluations as resumable runs that emit events; video files."""
