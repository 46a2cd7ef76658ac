"""A tensor of a graph that depends on observations, as the layers that led to it."""

from dataclasses import dataclass

from openracer.formats.errors import FormatError
from openracer.formats.layers import Ending, Layer
from openracer.formats.tensors import Array
from openracer.language import gettext as _

BATCH = 8191
"""Stands for the unknown number of observations; only shapes of this size are made, and no layer is so wide."""


@dataclass(frozen=True, eq=False)
class Source:
    """A sensor, or several signals joined."""

    sensor: str
    shape: tuple[int, ...]
    joined: tuple["Signal", ...] = ()


@dataclass(frozen=True, eq=False)
class Signal:
    """Numbers that depend on observations.

    Attributes:
        source: where they come from.
        layers: since then.
        shape: of one example after these layers.
        view: shape of the tensor as the graph sees it, :data:`BATCH` observations included.
        factor: what the layers' output is multiplied by.
        ending: after the last layer.
        biased: whether the last layer has its bias.
    """

    source: Source
    layers: tuple[Layer, ...] = ()
    shape: tuple[int, ...] = ()
    view: tuple[int, ...] = ()
    factor: float = 1.0
    ending: Ending = "linear"
    biased: bool = True


Value = Signal | Array


def unknown() -> FormatError:
    """What to say of a graph of something else."""
    return FormatError(_("the graph computes something else than a DeepRacer policy"))
