"""The race line as a CSV table: one row for each point, units in the names of the columns."""

import csv
from io import StringIO

import numpy as np

from openracer.simulation.raceline.line import RaceLine

COLUMNS = (
    "distance_m",
    "x_m",
    "y_m",
    "speed_mps",
    "heading_deg",
    "curvature_per_m",
    "steering_deg",
    "time_s",
)
"""Distance along the line, the car's origin, speed, direction of travel (within ±180, counter-clockwise from +x),
curvature (positive to the left), the steering command that corners so in steady driving (positive to the left), and
the time since the line's beginning."""


def csv_text(line: RaceLine) -> str:
    """The table with its header."""
    heading = np.degrees(np.arctan2(np.sin(line.heading), np.cos(line.heading)))
    rows = np.column_stack(
        [
            line.distance_m,
            line.points,
            line.speed_mps,
            heading,
            line.curvature,
            np.degrees(line.steering),
            line.time_s,
        ]
    )
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([f"{number:.4f}" for number in row] for row in rows)
    return text.getvalue()
