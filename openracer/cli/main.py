"""The command ``openracer``: one sub-command for each noun, and how errors are told."""

import os
import sys

import typer

from openracer import __version__
from openracer.cli import console, evaluate, model, reward, track, train, vehicle
from openracer.cli.screen import hide_types_of_flags, measure_line_ends_in_cells
from openracer.cli.screen import hide_types_of_flags, measure_line_ends_in_cells
