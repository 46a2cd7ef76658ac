"""What each update of the policy did, whichever file tells: the learner's log of AWS, or its CSV, ours included."""

import pandas as pd

from openracer.analysis.loading import Recording

FROM_LEARNER = {
    "entropy": "Entropy/Mean",
    "kl_divergence": "KL Divergence/Mean",
    "policy_loss": "Policy Loss/Mean",
    "value_loss": "Value Loss/Mean",
}
"""Columns of :func:`updates_of` by those of the learner's CSV (IntelLabs/coach, ``clipped_ppo_agent.py``)."""
_FROM_EPOCHS = {"surrogate_loss": "policy_loss"}


def updates_of(recording: Recording) -> pd.DataFrame:
    """One row an update.

    Args:
        recording: see :func:`openracer.analysis.load`; its learner's log counts before the CSV, which repeats it.

    Returns:
        ``iteration``, ``entropy``, ``kl_divergence``, ``policy_loss`` and ``value_loss``, means of the update's
        epochs; NaN where nothing tells. No rows where there is neither log nor CSV.
    """
    names = ["iteration", *FROM_LEARNER]
    if len(recording.epochs):
        means = recording.epochs.groupby("iteration").mean().reset_index()
        return means.rename(columns=_FROM_EPOCHS).reindex(columns=names)
    learner = recording.learner.rename(
        columns={"Training Iter": "iteration", **{theirs: ours for ours, theirs in FROM_LEARNER.items()}}
    ).reindex(columns=names)
    # An update is told in the row of the last episode before it.
    return learner.dropna(subset=list(FROM_LEARNER), how="all").reset_index(drop=True)
