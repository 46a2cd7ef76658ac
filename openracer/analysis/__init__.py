"""What recorded drives tell: about a training, a lap, or the car itself."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openracer.analysis.loading import Recording, load

__all__ = ["Recording", "load"]


def __getattr__(name: str) -> Any:
    """Import what reads logs only when it is asked for: data frames take a second to import."""
    if name in __all__:
        from openracer.analysis import loading

        return getattr(loading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
