"""The catalogue: built-in tracks against the reference files, names, and imports."""

from pathlib import Path

import numpy as np
import pytest

from openracer import locations
from openracer.tracks import catalogue, drawn, npy
from openracer.tracks.catalogue import UnknownTrackError

TITLES = {
    "reinvent_base": "re:Invent 2018",
    "Straight_track": "Straight",
    "Oval_track": "Oval",
    "Bowtie_track": "Bowtie",
    "Virtual_May19_Train_track": "London Loop Training",
    "Tokyo_Training_track": "Kumo Torakku Training",
    "reInvent2019_wide": "A to Z Speedway",
    "reInvent2019_track": "Smile Speedway",
    "Vegas_track": "AWS Summit Raceway",
    "2022_summit_speedway": "RL Speedway",
    "dubai_open": "Baja Turnpike",
    "dubai_pro": "Baja Highway",
    "hamption_open": "Kuei Raceway",
    "hamption_pro": "Kuei Super Raceway",
    "jyllandsringen_open": "Cosmic Loop",
    "jyllandsringen_pro": "Cosmic Circuit",
}


def test_every_console_track_is_built_in_under_both_names() -> None:
    assert set(catalogue.names()) == set(TITLES)
    for name, title in TITLES.items():
        assert catalogue.find(name).title == title
        assert catalogue.find(title).name == name
        assert catalogue.find(title.upper()).name == name


@pytest.mark.parametrize("name", TITLES)
def test_a_built_in_track_lies_within_5_cm_of_its_reference_row_by_row(name: str, track_files: Path) -> None:
    track = catalogue.find(name)
    rows = np.load(track_files / f"{name}.npy")
    assert len(track.centre) == len(rows)
    for part, columns in (
        (track.centre, rows[:, 0:2]),
        (track.inner, rows[:, 2:4]),
        (track.outer, rows[:, 4:6]),
    ):
        assert np.hypot(*(part - columns).T).max() < 0.05
    steps = np.hypot(*np.diff(rows[:, :2], axis=0).T)
    assert track.length == pytest.approx(steps.sum(), abs=0.01)
    assert np.array_equal(np.diff(track.arc_length) == 0.0, steps == 0.0)
    assert track.closed == bool((rows[0] == rows[-1]).all())


@pytest.mark.parametrize("name", TITLES)
def test_a_built_in_track_is_a_sound_road_in_both_directions(name: str) -> None:
    track = catalogue.find(name)
    back = catalogue.find(name, reverse=True)
    assert back.is_reversed
    assert np.array_equal(back.centre, track.centre[::-1])
    assert back.is_counter_clockwise != track.is_counter_clockwise
    assert track.on_road(track.centre[1:-1]).all()
    assert len(track.description) > 40
    again = npy.from_rows(np.concatenate([track.centre, track.inner, track.outer], axis=1), name, "", "")
    assert np.array_equal(again.inner, track.inner)


def test_difficulty_rises_from_the_straight_to_the_longest_circuits() -> None:
    difficulty = {track.name: track.difficulty for track in catalogue.all_tracks()}
    assert difficulty["Straight_track"] == 0.0
    assert difficulty["Oval_track"] < difficulty["reinvent_base"] < difficulty["dubai_pro"] < 100.0


def test_an_unknown_name_is_answered_with_similar_ones() -> None:
    with pytest.raises(UnknownTrackError, match="did you mean Smile Speedway"):
        catalogue.find("Smile Speedwy")
    with pytest.raises(UnknownTrackError, match="no track 'reinvent_bose'; did you mean reinvent_base"):
        catalogue.find("reinvent_bose")
    with pytest.raises(UnknownTrackError, match="openracer track list"):
        catalogue.find("qqqqqqqq")
    with pytest.raises(UnknownTrackError):
        catalogue.find("../reinvent_base")


@pytest.fixture
def file(tmp_path: Path, circle_rows: np.ndarray) -> Path:
    path = tmp_path / "my_circle.npy"
    np.save(path, circle_rows[:-1].astype(np.float32))
    return path


def test_an_imported_track_joins_the_catalogue(file: Path) -> None:
    imported = catalogue.import_npy(file, title="My Circle")
    assert catalogue.names()[-1] == "my_circle"
    found = catalogue.find("my circle")
    assert (found.name, found.title, found.closed) == ("my_circle", "My Circle", True)
    assert np.array_equal(found.centre, imported.centre)
    assert catalogue.is_imported("my_circle")
    assert np.load(locations.tracks_folder() / "my_circle.npy").shape == (361, 6)


def test_an_imported_track_wins_over_a_built_in_of_the_same_name(file: Path) -> None:
    catalogue.import_npy(file, name="Oval_track")
    assert catalogue.find("oval_track").length == pytest.approx(4.0 * np.pi, rel=1e-3)
    assert catalogue.find("Oval").length == pytest.approx(4.0 * np.pi, rel=1e-3)
    assert catalogue.names().count("Oval_track") == 1


def test_importing_again_replaces_the_track(file: Path, circle_rows: np.ndarray) -> None:
    catalogue.import_npy(file, title="First")
    np.save(file, circle_rows * 2.0)
    catalogue.import_npy(file)
    assert catalogue.find("my_circle").length == pytest.approx(8.0 * np.pi, rel=1e-3)
    assert catalogue.find("my_circle").title == "my circle"


@pytest.mark.parametrize("name", ["my track", "a/b", "..", "a\\b", "", "x" * 101, ".hidden", "a:b"])
def test_names_that_are_no_file_names_are_refused(file: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a track"):
        catalogue.import_npy(file, name=name)
    assert not locations.tracks_folder().exists()


def test_a_broken_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "broken.npy"
    path.write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"broken\.npy: it is not a NumPy"):
        catalogue.import_npy(path)
    assert not locations.tracks_folder().exists()


def test_a_full_disk_leaves_the_catalogue_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="the disk is full"):
        catalogue.import_npy(file)
    assert list(locations.tracks_folder().iterdir()) == []
    assert "my_circle" not in catalogue.names()


def test_every_real_file_can_be_imported(track_files: Path) -> None:
    for path in sorted(track_files.glob("*.npy")):
        track = catalogue.import_npy(path)
        assert np.array_equal(catalogue.find(path.stem).centre, np.load(path)[:, :2])
        assert track.length > 5.0


def test_a_drawn_track_is_found_like_any_other_and_can_be_drawn_on(data_folder):
    drawing = drawn.example()
    made = catalogue.add_drawn(drawing, "my_bean", "콩 모양")
    found = catalogue.find("콩 모양")
    assert found.name == "my_bean"
    assert (found.centre == made.centre).all()
    assert catalogue.is_imported("my_bean")
    again = catalogue.drawing_of("my_bean")
    assert again.points == pytest.approx(drawing.points)
    assert again.width == drawing.width
    assert catalogue.drawing_of("reinvent_base") is None
    catalogue.delete_imported("my_bean")
    assert "my_bean" not in catalogue.names()


def test_a_drawing_that_is_no_track_leaves_the_catalogue_as_it_was(data_folder):
    for name, drawing in (("bad", drawn.Drawing(drawn.example().points, 9.0)), ("a b", drawn.example())):
        with pytest.raises(ValueError):
            catalogue.add_drawn(drawing, name, "x")
        assert not catalogue.is_imported(name)


@pytest.mark.parametrize("card", ["drawing: 3", "drawing: {points: 5}", "[]", "{", "\x00"])
def test_a_damaged_card_has_no_drawing(data_folder, card):
    catalogue.add_drawn(drawn.example(), "my_bean", "Bean")
    (data_folder / "tracks" / "my_bean.yaml").write_text(card)
    assert catalogue.drawing_of("my_bean") is None
    assert catalogue.find("my_bean").closed
