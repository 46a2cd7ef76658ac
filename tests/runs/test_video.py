"""Videos: what is written can be played, and what fails leaves nothing behind."""

import errno

import av
import numpy as np
import pytest

from openracer.runs.video import VideoWriter


def frames(count=20, width=64, height=48):
    """A white square that moves right over blue."""
    for k in range(count):
        frame = np.zeros((height, width, 3), np.uint8)
        frame[..., 2] = 200
        frame[16:32, k : k + 16] = 255
        yield frame


def write(path, **changes):
    settings = {"width": 64, "height": 48, "frames_per_second": 15} | changes
    with VideoWriter(path, **settings) as video:
        for frame in frames():
            video.write(frame)


def test_frames_come_back_when_decoded(tmp_path):
    path = tmp_path / "lap.mp4"
    write(path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 15
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(decoded) == 20
    for seen, meant in zip(decoded, frames(), strict=True):
        assert np.abs(seen.astype(int) - meant).mean() < 12
    assert [p.name for p in tmp_path.iterdir()] == ["lap.mp4"]


def test_the_index_comes_first_so_that_browsers_can_start_early(tmp_path):
    write(tmp_path / "lap.mp4")
    content = (tmp_path / "lap.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_another_codec_serves_where_h264_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libx264"})
    write(tmp_path / "lap.mp4")
    with av.open(str(tmp_path / "lap.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"
        assert sum(1 for _ in container.decode(video=0)) == 20


def test_an_exception_leaves_nothing_and_keeps_the_old_video(tmp_path):
    path = tmp_path / "lap.mp4"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), VideoWriter(path, 64, 48, 15) as video:
        video.write(next(frames()))
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["lap.mp4"]


def test_a_full_disk_is_said_in_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "lap.mp4"
    video = VideoWriter(path, 64, 48, 15)

    class FullDisk:
        def __init__(self, container):
            self._container = container

        def mux(self, _packet):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            self._container.close()

    video._container = FullDisk(video._container)
    with (
        pytest.raises(
            OSError, match=r"^video .*lap.mp4 cannot be written: No space left on device$"
        ) as raised,
        video,
    ):
        for frame in frames(200):
            video.write(frame)
    assert raised.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot be written"):
        VideoWriter(tmp_path / "file" / "lap.mp4", 64, 48, 15)


@pytest.mark.parametrize("changes", [{"width": 63}, {"height": 0}, {"frames_per_second": 0}])
def test_impossible_settings_are_refused(tmp_path, changes):
    with pytest.raises(ValueError, match="must be positive"):
        write(tmp_path / "lap.mp4", **changes)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_of_another_size_is_refused(tmp_path):
    with (
        pytest.raises(ValueError, match="must be uint8 of shape"),
        VideoWriter(tmp_path / "lap.mp4", 64, 48, 15) as video,
    ):
        video.write(np.zeros((48, 60, 3), np.uint8))
    assert list(tmp_path.iterdir()) == []
