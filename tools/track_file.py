"""A geometry as the YAML file of a built-in track, which :func:`openracer.tracks.geometry.parse` reads."""

from typing import Any

import numpy as np
import yaml

from openracer.tracks.geometry import Geometry


def track_text(geometry: Geometry, name: str, title: str, description: str) -> str:
    """The text of a built-in file."""
    document = _document(geometry, name, title, description)
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)


def _document(geometry: Geometry, name: str, title: str, description: str) -> dict[str, Any]:
    chain = geometry.chain
    segments: list[dict[str, float]] = []
    for length, curvature in zip(chain.lengths, chain.curvatures, strict=True):
        if curvature == 0.0:
            segments.append({"straight": round(float(length), 4)})
        else:
            side = "left" if curvature > 0.0 else "right"
            angle = round(float(np.degrees(abs(curvature) * length)), 3)
            segments.append({side: angle, "radius": round(1.0 / abs(float(curvature)), 4)})
    waypoints: dict[str, Any] = {"places": [[row, round(at, 3)] for row, at in geometry.places]}
    if geometry.repeated:
        waypoints["repeated"] = list(geometry.repeated)
    document: dict[str, Any] = {
        "name": name,
        "title": title,
        "description": description,
        "closed": geometry.closed,
        "width": round(geometry.width, 4),
        "start": {
            "x": round(chain.x, 4),
            "y": round(chain.y, 4),
            "heading_deg": round(float(np.degrees(chain.heading)), 3) + 0.0,
        },
        "segments": segments,
        "waypoints": waypoints,
    }
    if geometry.square_to_rows:
        document["borders"] = {"square_to": "rows"}
    if geometry.border_starts is not None:
        inner, outer = geometry.border_starts
        document["borders"] = {"inner_start": round(inner, 3), "outer_start": round(outer, 3)}
    if geometry.border_offsets is not None:
        sides = zip(("inner", "outer"), geometry.border_offsets, strict=True)
        document.setdefault("borders", {}).update(
            {side: [list(knot) for knot in profile] for side, profile in sides}
        )
    return document


class _Dumper(yaml.SafeDumper):
    """Plain YAML with one line for each segment and place."""


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    short = all(isinstance(value, int | float) for value in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=short)


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    short = all(isinstance(value, int | float) for value in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=short)


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
