"""Track files as they are in the wild, good and bad."""

from pathlib import Path

import numpy as np
import pytest

from openracer.tracks import npy
from openracer.tracks.npy import TrackFileError


def load(path: Path) -> npy.Track:
    return npy.load(path, "t", "T", "")


@pytest.fixture
def write(tmp_path: Path):
    def write(rows: object, name: str = "track.npy", **options: object) -> Path:
        path = tmp_path / name
        np.save(path, np.asarray(rows), **options)
        return path

    return write


def test_a_loop_without_its_closing_row_is_closed(write, circle_rows: np.ndarray) -> None:
    track = load(write(circle_rows[:-1]))
    assert track.closed
    assert len(track.centre) == len(circle_rows)
    assert np.array_equal(track.centre, circle_rows[:, :2])


def test_a_closing_row_that_nearly_repeats_the_first_is_made_equal(write, circle_rows: np.ndarray) -> None:
    rows = circle_rows.copy()
    rows[-1] += 1e-5
    track = load(write(rows))
    assert len(track.centre) == len(rows)
    assert np.array_equal(track.inner[-1], track.inner[0])


def test_an_open_road_stays_open(write) -> None:
    x = np.linspace(0.0, 5.0, 20)
    rows = np.stack([x, 0 * x, x, 0 * x + 0.3, x, 0 * x - 0.3], axis=1)
    track = load(write(rows))
    assert not track.closed
    assert track.length == pytest.approx(5.0)


def test_single_precision_whole_numbers_and_more_columns_are_read(write, circle_rows: np.ndarray) -> None:
    single = load(write(circle_rows.astype(np.float32)))
    assert single.centre.dtype == np.float64
    assert single.length == pytest.approx(4.0 * np.pi, rel=1e-3)
    wider = load(write(np.concatenate([circle_rows, np.full((len(circle_rows), 2), np.nan)], axis=1)))
    assert np.array_equal(wider.outer, circle_rows[:, 4:6])
    diamond = [
        [2, 0, 1, 0, 3, 0],
        [0, 2, 0, 1, 0, 3],
        [-2, 0, -1, 0, -3, 0],
        [0, -2, 0, -1, 0, -3],
        [2, 0, 1, 0, 3, 0],
    ]
    assert load(write(diamond)).length == pytest.approx(8.0 * np.sqrt(2.0))


def test_a_plain_list_of_rows_makes_a_track(circle_rows: np.ndarray) -> None:
    assert npy.from_rows(circle_rows.tolist(), "t", "T", "").closed


def test_repeated_points_keep_their_rows(write, circle_rows: np.ndarray) -> None:
    rows = np.insert(circle_rows, 50, circle_rows[50], axis=0)
    track = load(write(rows))
    assert np.array_equal(track.centre, rows[:, :2])
    assert track.arc_length[50] == track.arc_length[51]


def test_a_clockwise_track_keeps_its_direction_and_inner_border(write, circle_rows: np.ndarray) -> None:
    track = load(write(circle_rows[::-1]))
    assert not track.is_counter_clockwise
    assert not track.is_reversed
    assert np.hypot(*track.inner.T) == pytest.approx(1.5)


def test_swapped_borders_are_swapped_back(write, circle_rows: np.ndarray) -> None:
    track = load(write(circle_rows[:, [0, 1, 4, 5, 2, 3]]))
    assert np.hypot(*track.inner.T) == pytest.approx(1.5)
    assert np.hypot(*track.outer.T) == pytest.approx(2.5)


def test_swapped_borders_of_an_open_road_are_swapped_back(write) -> None:
    x = np.linspace(0.0, 5.0, 20)
    track = load(write(np.stack([x, 0 * x, x, 0 * x - 0.3, x, 0 * x + 0.3], axis=1)))
    assert (track.inner[:, 1] > 0.0).all()


def test_unusable_arrays_are_refused_in_one_sentence(write, circle_rows: np.ndarray) -> None:
    holed = circle_rows.copy()
    holed[7, 3] = np.nan
    crossed = circle_rows.copy()
    crossed[100:120, 2:4] *= 1.5
    bad = {
        "row 7 has a value that is not a finite number": holed,
        "its shape is \\(361, 4\\)": circle_rows[:, :4],
        "its shape is \\(6,\\)": circle_rows[0],
        "it has 2 different points": circle_rows[[0, 0, 1]],
        "it has 0 different points": circle_rows[:0],
        "fewer than 3 points": circle_rows[[0, 90, 0]],
        "must be real numbers": circle_rows.astype(complex),
        "crosses a border at row": crossed,
    }
    for message, rows in bad.items():
        path = write(rows)
        with pytest.raises(TrackFileError, match=message) as error:
            load(path)
        assert str(error.value).startswith(f"{path}: ")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "header",
    [
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({10**12}, 6)}}",
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**62}, 6)}}",
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**70}, 6)}}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 6)}",
        "{'descr': '|S999999999', 'fortran_order': False, 'shape': (10, 6)}",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (10, 6)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ((((((",
        "(" * 4000,
        "{1: 2}",
    ],
)
def test_a_header_that_lies_is_refused(header: str, tmp_path: Path) -> None:
    path = tmp_path / "liar.npy"
    text = header.encode() + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(480))
    with pytest.raises(TrackFileError, match=r"liar\.npy: it"):
        load(path)


@pytest.mark.parametrize(
    ("scale", "message"), [(1e-3, "must be at least 1 m"), (1e3, "at most 1500 square"), (1e300, "at most")]
)
def test_a_track_in_other_units_is_refused(
    scale: float, message: str, write, circle_rows: np.ndarray
) -> None:
    with pytest.raises(TrackFileError, match=message):
        load(write(circle_rows * scale))


def test_more_rows_than_any_road_has_are_refused_before_anything_is_computed(write) -> None:
    with pytest.raises(TrackFileError, match="at most 10000"):
        load(write(np.zeros((200_000, 6))))


def test_pickled_objects_are_never_loaded(write) -> None:
    path = write(np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(TrackFileError, match="never loaded"):
        load(path)


def test_other_files_are_refused(tmp_path: Path, circle_rows: np.ndarray) -> None:
    for name, content in {"text.npy": b"hello", "empty.npy": b"", "cut.npy": b"\x93NUMPY\x01\x00"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(TrackFileError, match=r"not a NumPy \.npy file|damaged"):
            load(tmp_path / name)
    np.savez(tmp_path / "archive.npz", circle_rows)
    with pytest.raises(TrackFileError, match="archive"):
        load(tmp_path / "archive.npz")
    with pytest.raises(FileNotFoundError, match="no such track file"):
        load(tmp_path / "absent.npy")
    with pytest.raises(FileNotFoundError, match="no such track file"):
        load(tmp_path)


def test_a_file_cut_short_is_refused(write, circle_rows: np.ndarray) -> None:
    path = write(circle_rows)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(TrackFileError, match="damaged or cut short"):
        load(path)


def test_saving_and_loading_gives_the_same_rows(tmp_path: Path, circle_rows: np.ndarray) -> None:
    track = npy.from_rows(circle_rows, "t", "T", "")
    npy.save(track, tmp_path / "t.npy")
    again = load(tmp_path / "t.npy")
    assert np.array_equal(again.outer, track.outer)
