"""A checkpoint's weights in a policy network."""

from openracer.agents.networks import Policy
from openracer.formats.checkpoints_index import CheckpointName
from openracer.formats.errors import FormatError
from openracer.language import gettext as _
from openracer.models.folder import ModelFolder


def load_policy(policy: Policy, folder: ModelFolder, checkpoint: CheckpointName) -> None:
    """Fill a policy with the weights of a checkpoint.

    Raises:
        FormatError: the file is damaged or belongs to another network.
    """
    prefix = "policy."
    tensors = folder.checkpoints.load(checkpoint)
    own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    expected = policy.state_dict()
    if {name: tensor.shape for name, tensor in own.items()} != {n: t.shape for n, t in expected.items()}:
        raise FormatError(
            _(
                "checkpoint {checkpoint} of {name} has weights of another network than the model's "
                "description says"
            ).format(checkpoint=checkpoint, name=folder.name)
        )
    policy.load_state_dict(own)
