"""Fitting the method of a trial, once for all trials that only use the fit."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from data.errors import UserError
from harness.contract.learner import Learner
from harness.contract.stored import StoredLearner
from harness.encoders.backbones import Backbone
from harness.encoders.precision import compute_dtype
from harness.runs.trial_inputs import PreparedTrial
from harness.store.provenance import provenance
from harness.store.records import key_of
from harness.system.cache import cache_root, checkpoint_folder
from harness.system.logs import warn
from harness.system.progress import Progress

KEPT_SECONDS = 30 * 24 * 3600.0
"""A fit that no trial has made or taken for so long is dropped."""


def fitted(
    prepared: PreparedTrial, training: Any, backbone: Backbone, *, progress: Progress
) -> Learner:
    """The method of a trial, as it is evaluated.

    A fit that other trials use is kept in the suite's cache: the default's of a dial that is turned
    at use, and that of a method from which others are made. These take it from there. Where it is
    missing or damaged they make it, as its own trial does.

    Parameters
    ----------
    training : the task that the method learns.

    Raises
    ------
    TypeError : the fit of something else than a `StoredLearner` is to be used so.
    """
    if prepared.shares is not None:
        fit = _stored(kept(prepared.shares, training, backbone, progress=progress))
        if prepared.shares.method_class is prepared.method_class:
            return fit.used_as(prepared.settings)
        control = _stored(prepared.method_class(prepared.settings))
        return control.made_of(fit, training, seed=prepared.training_seed)
    method = _fit(prepared, training, backbone, progress)
    if prepared.lends:
        _keep(method, _folder(prepared, backbone))
    return method


def kept(own: PreparedTrial, training: Any, backbone: Backbone, *, progress: Progress) -> Learner:
    """The fit of a trial from the suite's cache; where it is missing or damaged, made and kept."""
    folder = _folder(own, backbone)
    with contextlib.suppress(UserError, OSError):
        method = own.method_class(own.settings).load(folder, backbone)
        os.utime(folder)
        return method
    method = _fit(own, training, backbone, progress)
    _keep(method, folder)
    return method


def _fit(own: PreparedTrial, training: Any, backbone: Backbone, progress: Progress) -> Learner:
    method = own.method_class(own.settings)
    method.checkpoint = checkpoint_folder(own.key)
    return method.fit(training, backbone, seed=own.training_seed, progress=progress)


def _folder(own: PreparedTrial, backbone: Backbone) -> Path:
    """Where the fit of a trial lies: another one for other code, and on another device or type."""
    about = provenance()
    # Code that is no commit may change while its name stays: nobody else takes what it fits.
    code = about["git_revision"] if about["git_dirty"] is False else os.getpid()
    made_on = [backbone.device.type, str(compute_dtype()), about["packages"]["torch"]]
    return cache_root() / "fits" / key_of({"trial": own.key, "code": code, "made on": made_on})


def _stored(method: Learner) -> StoredLearner:
    if not isinstance(method, StoredLearner):
        raise TypeError(f"{method.name}: a fit that other trials use needs a StoredLearner")
    return method


def _keep(method: Learner, folder: Path) -> None:
    """Write it whole or not at all; what cannot be kept is fitted again."""
    scratch: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for old in folder.parent.iterdir():
            if old.stat().st_mtime < time.time() - KEPT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        method.save(scratch)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(scratch, folder)
    except (OSError, SafetensorError) as error:
        warn("fit is not kept", folder=str(folder), error=str(error))
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
