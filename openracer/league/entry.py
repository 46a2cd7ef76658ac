"""What is taken of a model for a race: its weights and what they mean. No reward function, no training."""

import shutil
from pathlib import Path

from openracer.atomic import write_bytes
from openracer.models.checkpoints import load_arrays
from openracer.models.folder import ModelFolder

NO_REWARD = "def reward_function(params):\n    return 0.0\n"
"""In place of the submitted one: the environment asks for a reward, a race does not."""

ENTRY = "entry"


def copy_entry(model: ModelFolder, checkpoint: str, folder: Path) -> ModelFolder:
    """Copy what drives a race into a folder of its own, byte for byte.

    Args:
        model: whose.
        checkpoint: ``best``, ``last`` or the number of an iteration.
        folder: to be made; nothing is left of it if this fails.

    Returns:
        The copy, a model's folder with one checkpoint.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a file of the model is damaged.
        WriteError: the folder cannot be written.
    """
    description = model.description().with_changes({"reward": "none.py", "reward_source": NO_REWARD})
    name = model.checkpoints.find(checkpoint)
    weights = model.checkpoints.path(name).read_bytes()
    entry = ModelFolder(folder / ENTRY)
    try:
        entry.write_description(description)
        write_bytes(entry.checkpoints.path(name), weights)
        load_arrays(entry.checkpoints.path(name))  # raises if it is damaged or not finite
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return entry
