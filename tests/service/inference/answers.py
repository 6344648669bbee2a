"""Answers of a model to whole windows, to compare with what the service says."""

from __future__ import annotations

from collections.abc import Sequence

from models.adaptation.user_reference import UserReference
from service.inference.engine import Model, Window
from service.inference.predictor import Answer, Knowledge, to_answers
from service.inference.profile import Profile


def answer_windows(
    model: Model, windows: Sequence[Window], top_k: int, reference: UserReference | None = None
) -> list[Answer]:
    """Return answers for windows float32[n_i, 8], by the reference of a user; None: by the model's own."""
    profile = None if reference is None else Profile("", 1, reference, None)
    ready = [window for window in windows if len(window) >= model.contract.min_frames]
    return to_answers(model, windows, model.run_windows(ready) if ready else None, top_k, Knowledge(profile))
