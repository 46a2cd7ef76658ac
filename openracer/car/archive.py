"""An archive for the physical car as the car's own software reads it.

The rules are those of aws-deepracer/aws-deepracer-systems-pkg (loading) and aws-deepracer-webserver-pkg (selecting).
"""

from dataclasses import dataclass
from pathlib import Path

from openracer.formats.errors import FormatError
from openracer.formats.graph_def import Node, read_graph
from openracer.formats.graph_reading import layers_of, output_of
from openracer.formats.layers import LayeredNetwork
from openracer.formats.model_metadata import ModelMetadata, read_model_metadata
from openracer.language import gettext as _
from openracer.models.incoming import receive


@dataclass(frozen=True)
class CarModel:
    """What a car drives by.

    Attributes:
        title: name of the archive.
        network: from camera to actions.
        metadata: what actions mean.
        input_names: full names of the graph's inputs.
        output_name: full name of its output.
    """

    title: str
    network: LayeredNetwork
    metadata: ModelMetadata
    input_names: tuple[str, ...]
    output_name: str


def read_car_model(path: Path) -> CarModel:
    """The model in an archive for the car.

    Raises:
        FileNotFoundError: there is no such archive.
        FormatError: it holds no model that a car could drive by; one sentence.
    """
    with receive(path) as incoming:
        graphs = incoming.ending(".pb")
        if len(graphs) != 1:
            raise FormatError(
                _("{file} holds {count} .pb files; the car wants exactly one").format(
                    file=incoming.title, count=len(graphs)
                )
            )
        if "model_metadata.json" not in incoming.files:
            raise FormatError(
                _(
                    "{file} has no model_metadata.json at its top, without which the car cannot select the model"
                ).format(file=incoming.title)
            )
        nodes = read_graph(incoming.files[graphs[0]].read_bytes())
        metadata = read_model_metadata(incoming.files["model_metadata.json"])
    return car_model_of(path.name, nodes, metadata)


def car_model_of(title: str, nodes: dict[str, Node], metadata: ModelMetadata) -> CarModel:
    """A model of a graph's nodes.

    Raises:
        FormatError: the graph is no policy for these actions.
    """
    network = layers_of(nodes)
    actions = metadata.action_space
    wanted = len(actions) if isinstance(actions, tuple) else 2
    if network.outputs != wanted:
        raise FormatError(
            _("model_metadata.json has {count} actions, but the network has {outputs} outputs").format(
                count=wanted, outputs=network.outputs
            )
        )
    inputs = tuple(node.name for node in nodes.values() if node.op == "Placeholder")
    return CarModel(title, network, metadata, inputs, output_of(nodes))
