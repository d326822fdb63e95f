"""One fit for all positions of a dial that is turned at use, and for what is made of a fit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import SafetensorError

from baselines.finetuned import Finetuned
from baselines.readout_finetuned import ReadoutFinetuned
from harness.contract.learner import Learner
from harness.runs import fitting
from harness.runs.fitting import fitted
from harness.runs.request import Request, plan_request
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import PreparedTrial, TrialInputs
from harness.store.trial import Trial
from harness.system.progress import silent
from masking.units import MaskedUnits

TEXTS = ("a dull and lifeless film", "what a joy to watch")


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrialInputs:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)
    _, inputs = plan_request(Request(profile="smoke", tasks=("movies",), methods=("masked-units",)))
    return inputs


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The settings of each training, as they happen."""
    seen: list[Any] = []
    learn = MaskedUnits.learn

    def counted(self: MaskedUnits, *words: Any, **named: Any) -> None:
        seen.append(self.settings)
        learn(self, *words, **named)

    monkeypatch.setattr(MaskedUnits, "learn", counted)
    monkeypatch.setattr(
        fitting, "provenance", lambda: {"git_revision": "a", "git_dirty": False, **VERSIONS}
    )
    return seen


VERSIONS = {"packages": {"torch": "2"}}


@pytest.fixture
def fit(inputs: TrialInputs) -> Callable[[str], Any]:
    def fit(variant: str) -> Any:
        prepared = inputs.prepare(trial(variant))
        training = inputs.splits(prepared.trial).training
        return fitted(prepared, training, inputs.backbone("random-bert"), progress=silent)

    return fit


def trial(variant: str) -> Trial:
    return Trial("movies", 0.85, "random-bert", "masked-units", variant, 0)


def test_a_position_uses_the_defaults_fit_otherwise(
    fit: Callable[[str], Any], fits: list[Any]
) -> None:
    default, half = fit("default"), fit("walk=0.5")
    assert [each.walk for each in fits] == [1.0]
    assert half.settings == replace(default.settings, walk=0.5)
    whole = default.encode(TEXTS, "genre")
    with default.walked(0.5):
        np.testing.assert_array_equal(half.encode(TEXTS, "genre"), default.encode(TEXTS, "genre"))
    assert np.abs(half.encode(TEXTS, "genre") - whole).max() > 1e-6
    # A variant that changes what is learned has a fit of its own.
    fit("overlap-0")
    assert [each.overlap for each in fits] == [default.settings.overlap, 0.0]
    assert default.settings.overlap > 0


@pytest.mark.parametrize("fault", ["gone", "damaged", "other code", "uncommitted"])
def test_without_the_defaults_fit_a_position_fits_as_the_default_does(
    fault: str,
    fit: Callable[[str], Any],
    fits: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fit("default")
    before = fit("walk=0.5").encode(TEXTS, "genre")
    assert len(fits) == 1
    (kept,) = (tmp_path / "cache" / "fits").iterdir()
    if fault == "gone":
        shutil.rmtree(kept)
    elif fault == "damaged":
        (kept / "model.safetensors").write_bytes(b"nothing")
    else:
        changed = {"git_revision": "b"} if fault == "other code" else {"git_dirty": None}
        about = {"git_revision": "a", "git_dirty": False, **VERSIONS, **changed}
        monkeypatch.setattr(fitting, "provenance", lambda: about)
    np.testing.assert_array_equal(fit("walk=0.5").encode(TEXTS, "genre"), before)
    assert [each.walk for each in fits] == [1.0, 1.0]
    fit("walk=0.25")
    assert len(fits) == 2


@pytest.mark.parametrize("error", [OSError("disk full"), SafetensorError("disk full")])
def test_a_fit_that_cannot_be_kept_is_not_lost(
    error: Exception,
    fit: Callable[[str], Any],
    fits: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> None:
        raise error

    monkeypatch.setattr(MaskedUnits, "save", full)
    assert np.isfinite(fit("default").encode(TEXTS, "genre")).all()
    assert np.isfinite(fit("walk=0.5").encode(TEXTS, "genre")).all()
    assert len(fits) == 2
    assert list((tmp_path / "cache" / "fits").iterdir()) == []


def test_what_was_not_used_for_a_month_is_dropped(
    fit: Callable[[str], Any], fits: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit("default")
    (kept,) = (tmp_path / "cache" / "fits").iterdir()
    monkeypatch.setattr(fitting, "KEPT_SECONDS", -1.0)
    about = {"git_revision": "b", "git_dirty": False, **VERSIONS}
    monkeypatch.setattr(fitting, "provenance", lambda: about)
    fit("default")
    assert not kept.exists()
    assert len(list(kept.parent.iterdir())) == 1


def test_a_position_has_no_training_to_report(inputs: TrialInputs, fits: list[Any]) -> None:
    prepared = [inputs.prepare(trial(variant)) for variant in ("default", "walk=0.5", "overlap-0")]
    assert prepared[0].training_seed == prepared[1].training_seed != prepared[2].training_seed
    assert len({each.key for each in prepared}) == 3
    told = [{s.metric for s in run_trial(each, inputs).scores} for each in prepared[:2]]
    assert told[0] - told[1] == {"fit_seconds", "last_step"}


def test_a_control_takes_the_fit_that_it_changes(
    inputs: TrialInputs, monkeypatch: pytest.MonkeyPatch, fits: list[Any]
) -> None:
    def prepared(method: str) -> PreparedTrial:
        return inputs.prepare(replace(trial("default"), method=method))

    def made(method: str) -> Any:
        training = inputs.splits(trial("default")).training
        return fitted(prepared(method), training, inputs.backbone("random-bert"), progress=silent)

    alone, learn = prepared("finetuned"), Finetuned.learn
    control = prepared("readout-finetuned")
    source = prepared("finetuned")
    assert (alone.lends, source.lends, control.lends) == (False, True, False)
    assert control.shares is not None
    assert control.shares.key == source.key != control.key
    monkeypatch.setattr(ReadoutFinetuned, "variants", {"short": {"steps": 1}})
    short = inputs.prepare(replace(control.trial, variant="short"))
    assert (short.shares, short.settings.steps) == (None, 1)
    assert control.training_seed == source.training_seed
    learned: list[str] = []

    def counted(self: Finetuned, *words: Any, **named: Any) -> None:
        learned.append(self.name)
        learn(self, *words, **named)

    monkeypatch.setattr(Finetuned, "learn", counted)
    tuned, read = made("finetuned"), made("readout-finetuned")
    assert learned == ["finetuned"]
    for aspect in ("genre", "sentiment"):
        vectors = tuned.encode(TEXTS, aspect)
        np.testing.assert_array_equal(read.encode(TEXTS, aspect), read.readouts[aspect](vectors))


def test_a_learner_that_cannot_be_stored_is_refused(inputs: TrialInputs) -> None:
    class Loose(Learner):
        name, kinds, dial = "loose", ("aspects",), MaskedUnits.dial

        def fit(self, *_: Any, **__: Any) -> Loose:
            return self

        def save(self, folder: Path) -> None: ...
        def load(self, folder: Path, backbone: Any) -> Loose:
            return self

        trainable_parameters = 0

    position = inputs.prepare(trial("walk=0.5"))
    assert position.shares is not None
    own: PreparedTrial = replace(position.shares, method_class=Loose)
    with pytest.raises(TypeError, match="loose: a fit that other trials use needs a StoredL"):
        fitted(replace(position, shares=own), None, inputs.backbone("random-bert"), progress=silent)
