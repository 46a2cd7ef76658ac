"""A model's folder: where everything lies in it. The layout is DeepRacer's, what is only ours is under ``openracer``.

::

    reward_function.py  training_params.yaml
    ip/hyperparameters.json
    model/{iteration}_Step-{steps}.safetensors  deepracer_checkpoints.json  .coach_checkpoint
    model_metadata.json
          worker_0.simple_rl_graph.main_level.main_level.agent_0.csv
    metrics/TrainingMetrics.json  evaluation/evaluation-{14 digits}.json
    training-simtrace/{n}-iteration.csv
    evaluation-{14 digits}/evaluation-simtrace/0-iteration.csv  evaluation.json
    openracer/description.yaml  events.jsonl  run_state.json  state-{n}.safetensors
"""

from dataclasses import dataclass
from pathlib import Path

from openracer.formats import coach_csv
from openracer.models.checkpoints import Checkpoints
from openracer.models.description import TrainingDescription
from openracer.models.description_files import (
    REWARD_FILE,
    read_own_description,
    save_description,
    write_deepracer_files,
)

OWN = "openracer"
DESCRIPTION_FILE = Path(OWN) / "description.yaml"


def trace_path(folder: Path, number: int) -> Path:
    """Where the trace file of a number lies in a folder of traces."""
    return folder / f"{number}-iteration.csv"


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The paths of a model; whether the files are there is another question."""

    path: Path

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.path.name

    @property
    def description_file(self) -> Path:
        """Our description of the training."""
        return self.path / DESCRIPTION_FILE

    @property
    def reward_file(self) -> Path:
        """The reward function."""
        return self.path / REWARD_FILE

    @property
    def events_file(self) -> Path:
        """Events of its runs."""
        return self.path / OWN / "events.jsonl"

    @property
    def own_folder(self) -> Path:
        """What DeepRacer's tools need not see."""
        return self.path / OWN

    @property
    def checkpoints_folder(self) -> Path:
        """Checkpoints and metadata."""
        return self.path / "model"

    @property
    def checkpoints(self) -> Checkpoints:
        """The model's checkpoints."""
        return Checkpoints(self.checkpoints_folder)

    @property
    def coach_file(self) -> Path:
        """The learner's CSV."""
        return self.checkpoints_folder / coach_csv.FILE_NAME

    @property
    def metrics_file(self) -> Path:
        """Metrics of the training."""
        return self.path / "metrics" / "TrainingMetrics.json"

    @property
    def traces_folder(self) -> Path:
        """Traces of the training."""
        return self.path / "training-simtrace"

    def description(self) -> TrainingDescription:
        """The description of the training.

        Raises:
            FileNotFoundError: a file is missing.
            ValueError: a file is broken, or a value is wrong; one sentence.
        """
        return read_own_description(self.description_file, self.reward_file)

    def write_description(self, description: TrainingDescription) -> None:
        """Write the description and the DeepRacer files that follow from it.

        Raises:
            openracer.atomic.WriteError: a file cannot be written.
        """
        write_deepracer_files(self.path, description)
        save_description(self.description_file, description)
