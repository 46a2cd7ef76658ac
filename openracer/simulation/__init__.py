"""Worlds in time for many cars at once: vehicle, camera, race rules and the view for people."""
