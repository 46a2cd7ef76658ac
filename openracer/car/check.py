"""What the car's own page never says: which cars load an archive, and which of their defects it will meet.

The cars' software is aws-deepracer (stock: OpenVINO 2021) and aws-deepracer-community/deepracer-custom-car (OpenVINO
2024 on the old computer, TensorFlow Lite on a Raspberry Pi).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openracer.car.archive import CarModel, car_model_of
from openracer.formats.errors import FormatError
from openracer.formats.graph_def import read_graph
from openracer.formats.graph_writing import OUTPUT
from openracer.formats.model_metadata import ActionRanges, parse_model_metadata
from openracer.language import gettext as _
from openracer.models.exporting import check_archive_name
from openracer.models.incoming import receive

STOCK, OPENVINO, TFLITE = "stock", "OpenVINO 2024", "TFLite"
SOFTWARE = (STOCK, OPENVINO, TFLITE)
"""What cars run; the first is AWS's own, the others the community's on the old computer and on a Raspberry Pi."""

_SENSORS = ("observation", "FRONT_FACING_CAMERA", "STEREO_CAMERAS", "LEFT_CAMERA", "LIDAR", "SECTOR_LIDAR")
_FULL_LOCK_DEG = 30.0


@dataclass(frozen=True)
class Finding:
    """One thing to know before an upload.

    Attributes:
        prevents: software that cannot drive the model because of it; empty is a warning.
        sentence: what it is, and what to do.
    """

    prevents: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class CarCheck:
    """What came of a check."""

    findings: tuple[Finding, ...]

    def loads(self, software: str) -> bool:
        """Whether a car with this software drives the model."""
        return not any(software in finding.prevents for finding in self.findings)

    @property
    def loads_everywhere(self) -> bool:
        """Whether every car drives it."""
        return all(map(self.loads, SOFTWARE))


def check_archive(path: Path, name: str | None = None) -> CarCheck:
    """Look at an archive as each car would.

    Args:
        path: of the archive.
        name: its name, where ``path`` has another.

    Raises:
        FileNotFoundError: there is no such file.
    """
    findings = []
    try:
        check_archive_name(name or path.name)
    except ValueError as error:
        everywhere = SOFTWARE if not (name or path.name).endswith(".tar.gz") else ()
        findings.append(Finding(everywhere, str(error)))
    try:
        with receive(path) as incoming:
            graphs = incoming.ending(".pb")
            if len(graphs) != 1:
                raise FormatError(
                    _(
                        "the archive holds {count} .pb files and the car wants exactly one: its page says "
                        '"uploaded successfully", but nothing is installed'
                    ).format(count=len(graphs))
                )
            if "model_metadata.json" not in incoming.files:
                raise FormatError(
                    _(
                        "model_metadata.json is not at the archive's top: the model installs but cannot be selected"
                    )
                )
            text = incoming.files["model_metadata.json"].read_text(encoding="utf-8", errors="replace")
            content = json.loads(text)
            nodes = read_graph(incoming.files[graphs[0]].read_bytes())
        findings += _of_metadata(content)
        findings += _of_model(car_model_of(path.name, nodes, parse_model_metadata(content)))
    except FileNotFoundError:
        raise
    except json.JSONDecodeError as error:
        findings.append(Finding(SOFTWARE, _("model_metadata.json is not JSON ({error})").format(error=error)))
    except (ValueError, RecursionError, AttributeError) as error:
        findings.append(Finding(SOFTWARE, str(error)))
    return CarCheck(tuple(findings))


def _of_metadata(content: dict[str, Any]) -> list[Finding]:
    findings = []
    algorithm = content.get("training_algorithm", "clipped_ppo")
    if algorithm not in ("clipped_ppo", "sac"):
        findings.append(
            Finding(
                SOFTWARE,
                _(
                    "training_algorithm is {value!r}; the car knows clipped_ppo and sac, in small letters"
                ).format(value=algorithm),
            )
        )
    for sensor in content.get("sensor", ()):
        if sensor not in _SENSORS:
            findings.append(
                Finding(SOFTWARE, _("the car does not know the sensor {sensor}").format(sensor=sensor))
            )
    space, kind = content.get("action_space"), content.get("action_space_type", "discrete")
    if (kind == "continuous") == isinstance(space, list):
        findings.append(
            Finding(
                SOFTWARE,
                _(
                    "action_space_type says {kind}, but action_space is of the other kind: the car makes a range up"
                ).format(kind=kind),
            )
        )
    return findings


def _of_model(model: CarModel) -> list[Finding]:
    findings, metadata = [], model.metadata
    sensors = [name.rsplit("/", 1)[-1] for name in model.input_names]
    if not all(sensor in _SENSORS for sensor in sensors):
        findings.append(
            Finding(
                SOFTWARE,
                _("the graph's input {name} is not called after a sensor, by which the car finds it").format(
                    name=model.input_names[0]
                ),
            )
        )
    if model.output_name != OUTPUT:
        findings.append(
            Finding(
                (TFLITE,),
                _(
                    "the graph's output is called {name}; cars with TFLite convert only clipped PPO's name"
                ).format(name=model.output_name.rsplit("/", 2)[-2]),
            )
        )
    if metadata.training_algorithm == "sac" and model.network.ending == "linear":
        findings.append(
            Finding(
                (),
                _(
                    "a model trained with SAC: the car leaves out the tanh at its end and steers up to a quarter more"
                ),
            )
        )
    if "STEREO_CAMERAS" in sensors:
        findings.append(
            Finding(
                (OPENVINO, TFLITE),
                _(
                    "the community's software mixes up the pictures of two cameras; only the stock software drives this"
                ),
            )
        )
    if len(sensors) > 1:
        findings.append(
            Finding(
                (),
                _(
                    "several sensors: the community's OpenVINO software pairs their inputs by order, maybe wrongly"
                ),
            )
        )
    findings += _of_steering(metadata.action_space)
    return findings


def _of_steering(space: Any) -> list[Finding]:
    if isinstance(space, ActionRanges):
        low, high = space.steering_low_deg, space.steering_high_deg
        if high <= 0:
            return [Finding(SOFTWARE, _("the steering never goes to the left, which the car divides by"))]
        if -low > high:
            return [
                Finding(
                    SOFTWARE,
                    _(
                        "steering from {low:g} to {high:g} degrees: the car drops commands beyond {drop:g} degrees to "
                        "the right and keeps the wheels where they were. Import it and export it with --to car"
                    ).format(low=low, high=high, drop=high),
                )
            ]
        if -low < high:
            return [
                Finding(
                    (),
                    _(
                        "steering from {low:g} to {high:g} degrees: the car never reaches full lock to the right"
                    ).format(low=low, high=high),
                )
            ]
        widest = high
    else:
        widest = max(abs(action.steering_angle_deg) for action in space)
        if widest == 0:
            return [
                Finding(SOFTWARE, _("no action steers, and the car divides by the largest steering angle"))
            ]
    if widest < _FULL_LOCK_DEG:
        return [
            Finding(
                (),
                _(
                    "the largest steering angle, {widest:g} degrees, becomes full lock on the car, as any largest does"
                ).format(widest=widest),
            )
        ]
    return []
