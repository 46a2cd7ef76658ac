"""What requests carry: descriptions of trainings, and numbers and names with their limits."""

from typing import Annotated, Any

from pydantic import WithJsonSchema

from openracer.models.description import TrainingDescription


def _optional(schema: Any, definitions: dict[str, Any]) -> Any:
    """A JSON schema with its references written out, in which nothing is required: the preset has the rest."""
    if isinstance(schema, list):
        return [_optional(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _optional(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {
        key: _optional(part, definitions) for key, part in schema.items() if key not in ("required", "$defs")
    }


_SCHEMA = TrainingDescription.model_json_schema()

TrainingValues = Annotated[
    dict[str, Any],
    WithJsonSchema(
        {
            **_optional(_SCHEMA, _SCHEMA["$defs"]),
            "title": "TrainingValues",
            "description": "Values of a training's description; what is not given is the preset's. "
            "reward names an example, or, with reward_source, is what to call that code.",
        }
    ),
]
"""Values of a description, checked by :meth:`openracer.models.description.TrainingDescription.from_values`."""
