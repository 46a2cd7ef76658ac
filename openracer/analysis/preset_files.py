"""Vehicle presets as YAML files, to be read by people and by ``openracer vehicle show``."""

import math
from pathlib import Path
from typing import Any

import yaml

from openracer.analysis.replay import ObserverGains
from openracer.atomic import write_text
from openracer.formats.documents import read_yaml_mapping
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.simulation.vehicle import VehiclePreset


def write_preset(path: Path, preset: VehiclePreset, gains: ObserverGains, notes: dict[str, Any]) -> None:
    """Write a preset atomically.

    Args:
        path: file to write.
        preset: its constants.
        gains: of the observer that replays use with it.
        notes: where it comes from and how good it is, as plain values.

    Raises:
        openracer.atomic.WriteError: the file cannot be written.
    """
    content = {**notes, "constants": _rounded(preset._asdict()), "observer": _rounded(gains._asdict())}
    head = "# A vehicle preset of OpenRacer; docs/vehicle.md tells what each constant means. Units are in the names.\n"
    write_text(path, head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True))


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in values.items()}


def read_preset(path: Path) -> tuple[VehiclePreset, ObserverGains]:
    """Read a preset and its observer.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: a constant is missing, unknown or no number.
    """
    content = read_yaml_mapping(path)
    constants = _numbers(path, content, "constants", VehiclePreset._fields)
    gains = _numbers(path, content, "observer", ObserverGains._fields)
    return VehiclePreset(**constants), ObserverGains(**gains)


def _numbers(path: Path, content: dict[str, Any], section: str, names: tuple[str, ...]) -> dict[str, float]:
    values = content.get(section)
    if not isinstance(values, dict):
        raise FormatError(_("{file} has no section {key}").format(file=path.name, key=section))
    if unknown := sorted(set(map(str, values)) - set(names)):
        raise FormatError(
            _("{file}: {section} has {key}, which is none of its constants").format(
                file=path.name, section=section, key=unknown[0]
            )
        )
    for name in names:
        value = values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise FormatError(
                _("{file}: {section}.{key} is {value!r}; it must be a number").format(
                    file=path.name, section=section, key=name, value=value
                )
            )
    return {name: float(values[name]) for name in names}
