"""The watch over a job: user code cannot make a training look alive for ever, nor refuse to stop."""

from openracer.service.job import Patience


def test_a_training_without_a_sign_of_life_is_ended():
    now = [0.0]
    patience = Patience(lambda: now[0])
    for moment, pulse in ((1.0, "a"), (800.0, "a"), (801.0, "b"), (1700.0, "b")):
        now[0] = moment
        assert patience.lost(pulse) is None
    now[0] = 1702.0
    assert "no sign of life for 15 minutes" in patience.lost("b")


def test_a_training_that_does_not_stop_is_ended():
    now = [0.0]
    patience = Patience(lambda: now[0])
    assert not patience.has_asked
    patience.ask()
    now[0] = 599.0
    assert patience.has_asked and patience.lost("a") is None
    now[0] = 601.0
    assert "did not stop within 10 minutes" in patience.lost("b")
