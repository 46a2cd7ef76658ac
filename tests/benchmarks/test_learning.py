"""``benchmarks.learning``: what counts as clean, the summary, and the picture of the curves."""

import numpy as np

from benchmarks import learning_picture
from benchmarks.learning import is_clean, summary
from openracer.tracks.drawing import ACCENT


def evaluation(*laps):
    return {"evaluation": [{"lap_time": lap} for lap in laps]}


def test_clean_is_five_whole_laps_that_do_not_crawl():
    assert is_clean(evaluation(17.0, 18.0, 18.0, 18.0, 18.5), 17.71)
    assert not is_clean(evaluation(17.0, 18.0, 18.0, 18.0, 19.5), 17.71)
    assert is_clean(evaluation(19.0, 19.0, 19.0, 19.0, 19.0), 20.0)
    assert not is_clean(evaluation(9.0, 9.0, None, 9.0, 9.0), 17.71)
    assert not is_clean(evaluation(9.0, 9.0, 9.0, 9.0), 17.71)


def training(seconds, steps, rate=1.0):
    curve = [
        {
            "seconds": rate * n,
            "steps": 2048 * n,
            "progress": None if n == 1 else 8.0 * n,
            "reward_per_step": n / 10,
        }
        for n in range(1, 12)
    ]
    return {"first_clean_eval_s": seconds, "first_clean_eval_steps": steps, "curve": curve}


def test_the_summary_counts_a_training_without_a_clean_evaluation_as_one_that_takes_for_ever():
    three = [training(2.0, 4096), training(3.0, 8192), training(9.0, 20480)]
    assert summary(three) == {
        "trainings": 3, "clean": 3, "median_s": 3.0, "max_s": 9.0, "median_steps": 8192, "max_steps": 20480,
    }  # fmt: skip
    with_one_that_never = summary([*three[:2], training(None, None)])
    assert (with_one_that_never["clean"], with_one_that_never["median_s"]) == (2, 3.0)
    assert with_one_that_never["max_s"] is None


def test_the_picture_marks_every_first_clean_evaluation():
    picture = learning_picture.draw(
        "title", [training(4.0, 8192), training(6.0, 12288, 0.9), training(None, None)]
    )
    assert picture.size == (learning_picture.WIDTH, learning_picture.HEIGHT)
    accent = np.array([int(ACCENT[i : i + 2], 16) for i in (1, 3, 5)])
    marked = (np.abs(np.asarray(picture, int) - accent).max(axis=2) < 8).sum()
    one_mark = np.pi * 4**2
    assert (
        8 * one_mark * 0.7 < marked < 10 * one_mark * 1.3
    )  # two in each of four panels, and one in the legend
