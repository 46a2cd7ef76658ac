"""What a model's page tells of the model and its jobs, read anew about once a second."""

from dataclasses import dataclass

from openracer.analysis.outlook import Outlook, outlook
from openracer.models.description import TrainingDescription
from openracer.models.folder import ModelFolder
from openracer.models.run_state import Progress, read_progress
from openracer.service.jobs import Job, JobKind, JobQueue, JobState


@dataclass(frozen=True)
class WatchedModel:
    """A model and its jobs at one moment.

    Attributes:
        training: the newest training job, None if the console never trained it.
        evaluation: the newest evaluation job, None likewise.
        training_place: place of the training in the queue; 0 if it does not wait.
        evaluation_place: place of the evaluation in the queue; 0 if it does not wait.
        has_weights: whether there is a checkpoint to evaluate or to clone, of a training or from elsewhere.
        progress: of the training.
        outlook: of the training.
    """

    training: Job | None
    evaluation: Job | None
    training_place: int
    evaluation_place: int
    has_weights: bool
    progress: Progress
    outlook: Outlook

    @property
    def is_training(self) -> bool:
        """Whether a training waits or runs."""
        return self.training is not None and self.training.state.is_active

    @property
    def is_evaluating(self) -> bool:
        """Whether an evaluation waits or runs."""
        return self.evaluation is not None and self.evaluation.state.is_active

    @property
    def word(self) -> str:
        """What is happening to the model, else whether it can drive: a word for ``state_chip``."""
        for job, running in ((self.training, "training"), (self.evaluation, "evaluating")):
            if job is not None and job.state.is_active:
                return running if job.state is JobState.RUNNING else str(job.state)
        if self.training is not None and self.training.state is JobState.FAILED:
            return "failed"
        return "ready" if self.has_weights else "new"


def watch_model(queue: JobQueue, folder: ModelFolder, description: TrainingDescription) -> WatchedModel:
    """The state now.

    Raises:
        FileNotFoundError: the model has been deleted.
        ValueError: its run state is damaged.
    """
    if not folder.description_file.is_file():
        raise FileNotFoundError(folder.path)
    jobs = queue.jobs(folder.name)
    newest = {kind: next((job for job in jobs if job.kind is kind), None) for kind in JobKind}
    training, evaluation = newest[JobKind.TRAINING], newest[JobKind.EVALUATION]
    progress = read_progress(folder)

    def place(job: Job | None) -> int:
        return queue.place(job.id) if job is not None and job.state is JobState.QUEUED else 0

    return WatchedModel(
        training,
        evaluation,
        place(training),
        place(evaluation),
        bool(folder.checkpoints.names()),
        progress,
        outlook(description.stop, progress.seconds, progress.iteration),
    )
