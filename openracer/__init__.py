"""OpenRacer: train a small race car to drive from its camera."""

__version__ = "0.1.0"
