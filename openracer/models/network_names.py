"""Names of the neural networks, as in ``model_metadata.json``: our small one, and AWS's."""

from typing import Literal, get_args

NeuralNetwork = Literal[
    "FAST_CONVOLUTIONAL_NETWORK",
    "DEEP_CONVOLUTIONAL_NETWORK_SHALLOW",
    "DEEP_CONVOLUTIONAL_NETWORK",
    "DEEP_CONVOLUTIONAL_NETWORK_DEEP",
]

NETWORKS: tuple[str, ...] = get_args(NeuralNetwork)
AWS_NETWORKS = NETWORKS[1:]
