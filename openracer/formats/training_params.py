"""``training_params.yaml``: the settings that AWS gives to its simulator for a training.

Keys are those of aws-deepracer-community/deepracer-simapp (``markov/rollout_worker.py``). Numbers and
booleans are text there, as they come from environment variables; both spellings are read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from openracer.atomic import write_text
from openracer.formats.documents import boolean, number, read_yaml_mapping, whole_number
from openracer.formats.errors import FormatError
from openracer.language import gettext as _

MANDATORY = (
    "SAGEMAKER_SHARED_S3_BUCKET", "SAGEMAKER_SHARED_S3_PREFIX", "METRICS_S3_BUCKET", "METRICS_S3_OBJECT_KEY",
    "MODEL_METADATA_FILE_S3_KEY", "BODY_SHELL_TYPE", "CAR_COLOR",
)  # fmt: skip
"""Keys without which AWS's simulator does not start."""


class TrainingParams(Mapping[str, Any]):
    """The values of a ``training_params.yaml`` by their keys, with the file's name for errors."""

    def __init__(self, values: Mapping[str, Any], name: str = "training_params.yaml"):
        self._values = dict(values)
        self._name = name

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, key: str, default: str) -> str:
        """The value as text; of a list (several cars) the first one."""
        value = self._values.get(key, default)
        if isinstance(value, list):
            value = value[0] if value else default
        return str(value)

    def boolean(self, key: str, default: bool) -> bool:
        """The value as true or false.

        Raises:
            FormatError: it is neither.
        """
        return boolean(self._values.get(key, default), f"{self._name}: {key}")

    def number(self, key: str, default: float) -> float:
        """The value as a number.

        Raises:
            FormatError: it is none.
        """
        return number(self._values.get(key, default), f"{self._name}: {key}")

    def whole_number(self, key: str, default: int) -> int:
        """The value as a whole number.

        Raises:
            FormatError: it is none.
        """
        return whole_number(self._values.get(key, default), f"{self._name}: {key}")


def read_training_params(path: Path) -> TrainingParams:
    """Read a ``training_params.yaml``.

    Raises:
        FileNotFoundError: there is no such file.
        FormatError: it is not a YAML mapping.
    """
    return TrainingParams(read_yaml_mapping(path), path.name)


def write_training_params(path: Path, values: Mapping[str, str | float | bool]) -> None:
    """Write a ``training_params.yaml`` atomically, every value as text.

    Args:
        path: file to write.
        values: all of :data:`MANDATORY` must be among them.

    Raises:
        FormatError: a mandatory key is missing.
        openracer.atomic.WriteError: the file cannot be written.
    """
    for key in MANDATORY:
        if key not in values:
            raise FormatError(_("{file} needs a value for {key}").format(file=path.name, key=key))
    write_text(
        path,
        yaml.safe_dump(
            {key: str(value) for key, value in values.items()}, sort_keys=False, allow_unicode=True
        ),
    )
