"""The language model that reads decoded texts: fitted once, kept, and made again where damaged."""

from pathlib import Path

import numpy as np
import pytest

from baselines.text_vae.lstm import LstmLm
from data import tasks
from harness.runs import fitting
from harness.runs.profiles import find
from harness.runs.trial_inputs import READER, TrialInputs
from harness.store.trial import Trial
from harness.system.cache import CACHE_VARIABLE
from harness.system.progress import silent

TRIAL = Trial("captions-lm", 0.0, "random-bert", "text-vae", "default", 0)


@pytest.fixture
def fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The seeds of the fits since."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    seeds: list[int] = []
    learn = LstmLm.learn

    def counted(self: LstmLm, *args: object, seed: int, **how: object) -> None:
        seeds.append(seed)
        learn(self, *args, seed=seed, **how)

    monkeypatch.setattr(LstmLm, "learn", counted)
    return seeds


def likelihoods() -> np.ndarray:
    """Under the model as a run that has just begun gets it."""
    task = tasks.find("captions-lm")
    inputs = TrialInputs(find("smoke"), {task.name: task})
    given = inputs.beside(inputs.prepare(TRIAL))["fluency"]
    model = given(silent)
    assert given(silent) is model
    return model.log_likelihood(inputs.splits(TRIAL).evaluation[:20], None)


def test_it_is_fitted_once_and_read_by_later_runs(fits: list[int], tmp_path: Path) -> None:
    first = likelihoods()
    np.testing.assert_array_equal(likelihoods(), first)
    assert len(fits) == 1
    (folder,) = (tmp_path / "fits").iterdir()
    # Damaged, it is made again, and is what it was.
    next(folder.glob("*.safetensors")).write_bytes(b"no tensors")
    np.testing.assert_array_equal(likelihoods(), first)
    assert fits == [fits[0]] * 2


def test_a_cache_that_cannot_be_written_is_done_without(
    fits: list[int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "fits").write_text("a file")
    likelihoods()
    likelihoods()
    assert len(fits) == 2
    assert "fit is not kept" in caplog.text
    assert LstmLm.name == READER


def test_other_code_or_another_type_has_a_model_of_its_own(
    fits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"git_revision": "a", "git_dirty": False, "packages": {"torch": "2"}}
    monkeypatch.setattr(fitting, "provenance", lambda: about)
    likelihoods()
    likelihoods()
    assert len(fits) == 1
    about["git_revision"] = "b"
    likelihoods()
    assert len(fits) == 2
    monkeypatch.setattr(fitting, "compute_dtype", lambda: "another type")
    likelihoods()
    assert len(fits) == 3
