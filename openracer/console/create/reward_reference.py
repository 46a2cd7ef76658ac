"""The reference of reward parameters: what each key of ``params`` means, with pictures of the user's own track."""

from nicegui import ui

from openracer.console.create import reference_pictures as pictures
from openracer.language import gettext as _
from openracer.tracks.track import Track


def build(track: Track) -> None:
    """Show the reference."""
    ui.label(
        _("params is a dictionary. Lengths are in metres, angles in degrees, counter-clockwise.")
    ).classes("or-muted or-small")
    with ui.element("div").classes("rr-list"):
        for title, picture, entries in _groups(track):
            with ui.element("section").classes("rr-group"):
                ui.label(title).classes("rr-title")
                if picture:
                    ui.html(picture, sanitize=False)
                with ui.element("dl"):
                    for key, kind, meaning in entries:
                        with ui.element("dt"):
                            ui.label(key).classes("rr-key")
                            ui.label(kind).classes("rr-kind")
                        with ui.element("dd"):
                            ui.label(meaning)
    ui.link(_("More in the reference of the reward parameters"), "/resources/reward_parameters").classes(
        "or-small"
    )


Entry = tuple[str, str, str]


def _groups(track: Track) -> list[tuple[str, str, list[Entry]]]:
    return [
        (_("Where the car is"), pictures.position(track), _position()),
        (_("Waypoints"), pictures.waypoints(track), _waypoints()),
        (_("Distances"), pictures.distances(track), _distances()),
        (_("On the track or off it"), pictures.wheels(track), _wheels()),
        (_("What the car is told to do"), pictures.steering(track), _commands()),
        (_("The lap"), pictures.lap(track), _lap()),
        (_("Objects on the track"), "", _objects()),
    ]


def _position() -> list[Entry]:
    return [
        ("x, y", "float", _("Where the car's front point is, near its nose.")),
        ("heading", "float", _("Where it points, -180 to 180: 0 along +x, 90 along +y.")),
    ]


def _waypoints() -> list[Entry]:
    return [
        ("waypoints", "list", _("The points (x, y) of the centre line in driving direction.")),
        (
            "closest_waypoints",
            "[int, int]",
            _("Indices of the waypoint behind the car and of the one ahead."),
        ),
    ]


def _distances() -> list[Entry]:
    return [
        ("distance_from_center", "float", _("From the front point to the nearest point of the centre line.")),
        ("track_width", "float", _("Between the two borders next to the car.")),
        (
            "is_left_of_center",
            "bool",
            _("The front point is left of the centre line, seen in driving direction."),
        ),
    ]


def _wheels() -> list[Entry]:
    return [
        ("all_wheels_on_track", "bool", _("All four wheels are between the borders.")),
        ("is_offtrack", "bool", _("All four wheels are outside: the episode ends.")),
        ("is_crashed", "bool", _("The car has hit an object.")),
    ]


def _commands() -> list[Entry]:
    return [
        ("steering_angle", "float", _("The steering that this step commands; positive is left.")),
        ("speed", "float", _("The speed that this step commands, not how fast the car is.")),
    ]


def _lap() -> list[Entry]:
    return [
        ("progress", "float", _("Percent of the lap since the episode's start; 100 ends it.")),
        ("track_length", "float", _("Length of the whole centre line.")),
        (
            "projection_distance",
            "float",
            _("Distance along the centre line from the first waypoint to the car."),
        ),
        ("steps", "float", _("Number of this step in the episode, 15 a second; the first one you see is 2.")),
        ("sim_time", "float", _("The simulator's clock in seconds; it runs on between episodes.")),
        ("is_reversed", "bool", _("The track is driven against the order of its file.")),
    ]


def _objects() -> list[Entry]:
    return [
        (
            "objects_location, objects_distance, objects_distance_from_center, objects_left_of_center, "
            "objects_heading, objects_speed",
            "list",
            _("One entry for each object. In a time trial the car is alone and the lists are empty."),
        ),
        (
            "closest_objects",
            "[int, int]",
            _("Indices of the object behind and of the one ahead; [0, 0] when alone."),
        ),
        ("object_in_camera", "bool", _("The object ahead is in the camera's picture; False when alone.")),
    ]
