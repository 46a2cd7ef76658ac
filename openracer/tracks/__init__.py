"""Geometry of a road: centre line, borders, arc length, projection; the built-in catalogue and imports."""
