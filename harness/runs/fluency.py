"""The language model that says how fluent decoded texts are: fitted once for a draw, then kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from data.errors import UserError
from harness.system.cache import cache_root, checkpoint_folder
from harness.system.logs import warn
from harness.system.progress import Progress

if TYPE_CHECKING:
    from data.texts import TextTask
    from harness.encoders.backbones import Backbone
    from harness.evaluation.text.model import LanguageModel
    from harness.runs.trial_inputs import PreparedTrial

METHOD = "lstm-lm"
"""Learned from scratch, it favours none of the pretrained models."""


def language_model(
    prepared: PreparedTrial, task: TextTask, backbone: Backbone, progress: Progress
) -> LanguageModel:
    """The model of a prepared trial of `METHOD`, from the cache or else fitted on a draw's texts.

    A copy that is damaged is made again; a cache that cannot be written is done without.
    """
    folder = cache_root() / "models" / prepared.key
    if folder.is_dir():
        try:
            return _new(prepared).load(folder, backbone)
        except UserError as error:
            warn("damaged model is fitted again", folder=str(folder), error=str(error))
            shutil.rmtree(folder, ignore_errors=True)
    model = _new(prepared)
    model.checkpoint = checkpoint_folder(prepared.key)
    model.fit(task, backbone, seed=prepared.training_seed, progress=progress)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=folder.parent) as scratch:
            made = Path(scratch, "model")
            made.mkdir()
            model.save(made)
            os.replace(made, folder)
    except (OSError, SafetensorError) as error:
        warn("fitted model is not kept", folder=str(folder), error=str(error))
    return model


def _new(prepared: PreparedTrial) -> LanguageModel:
    model: LanguageModel = prepared.method_class(prepared.settings)  # type: ignore[assignment]
    return model
