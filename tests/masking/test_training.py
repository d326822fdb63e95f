"""Training of masks: the step that is kept, pruning on a schedule, going on after a kill."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from masking.stopping import ValidationScore, check_steps

from data.rows import TrainingTask
from harness.encoders.split_encoder import SplitEncoder
from harness.evaluation.probes import cross_fit, group_folds
from harness.system.progress import silent
from harness.training.checkpoint import Checkpoint, Saved
from masking.attachment import MaskedLayers
from masking.pruning import MagnitudePruner, cubic_sparsity
from masking.settings import MaskSettings
from masking.weights import MaskedWeights

ROOT = Path(__file__).parents[2]
SETTINGS = MaskSettings(steps=8, batch_texts=8, layers=1, max_tokens=24, token_share=1.0)


def test_checks_stand_where_the_rate_falls_and_at_the_end() -> None:
    assert check_steps(200, 4) == {162, 175, 188, 200}
    assert check_steps(4, 4) == {3, 4}
    assert check_steps(5, 0) == {5}


def vectors(codes: np.ndarray, noise: float, seed: int = 0) -> np.ndarray:
    """Representations whose first number tells a label, the rest is noise."""
    random = np.random.default_rng(seed)
    made = random.standard_normal((len(codes), 6)) * 0.5
    made[:, 0] = codes + noise * random.standard_normal(len(codes))
    return made.astype(np.float32)


def test_the_score_is_target_minus_leakage_and_cells_weigh_the_same(toy_rows) -> None:
    rows = toy_rows(40)
    score = ValidationScore(rows, seed=0)
    colour, animal = rows.labels["colour"], rows.labels["animal"]
    apart = score({"colour": vectors(colour, 0.1), "animal": vectors(animal, 0.1)})
    mixed = score({"colour": vectors(animal, 0.1), "animal": vectors(colour, 0.1)})
    assert score.mean(apart) == pytest.approx(0.5, abs=0.1)
    assert score.mean(mixed) == pytest.approx(-0.5, abs=0.1)
    assert score.clearly_better(apart, mixed)
    assert not score.clearly_better(mixed, apart)
    assert not score.clearly_better(apart, apart)
    # Rows of one group count once: what a single film says is no evidence.
    films = np.zeros(len(rows), dtype=np.int64)
    for cell in np.unique(rows.cells):
        there = np.flatnonzero(rows.cells == cell)
        films[there] = 10 * cell + np.arange(len(there)) // 4
    gain = np.where(films % 2 == 0, 0.18, -0.12)
    alone = dataclasses.replace(rows, groups=np.arange(len(rows)))
    together = dataclasses.replace(rows, groups=films)
    assert ValidationScore(alone, seed=0).clearly_better(gain, 0 * gain)
    assert not ValidationScore(together, seed=0).clearly_better(gain, 0 * gain)
    # With two films a cell Student asks for far more than with ten.
    pairs = dataclasses.replace(rows, groups=films // 10 * 10 + films % 2)
    assert not ValidationScore(pairs, seed=0).clearly_better(gain + 0.1, 0 * gain)
    assert ValidationScore(together, seed=0).clearly_better(gain + 0.1, 0 * gain)
    # Nine of ten rows from two cells: a probe that follows them alone would gain nothing.
    few = np.flatnonzero(colour != animal)[:8]
    skewed = rows.take(np.concatenate([np.flatnonzero(colour == animal), few]))
    tilted = ValidationScore(skewed, seed=0)
    through = {a: vectors(skewed.labels["colour"], 0.1) for a in ("colour", "animal")}
    assert tilted.mean(tilted(through)) == pytest.approx(0.0, abs=0.15)
    plain = cross_fit(
        "linear", through["animal"], skewed.labels["animal"], group_folds(skewed, seed=0), seed=0
    )
    assert plain.accuracy > 0.8


def test_too_few_validation_rows_keep_the_last_step(toy_task, backbone) -> None:
    task = toy_task()
    tiny = dataclasses.replace(task, valid=task.valid.take([0, 1, 2]))
    method = MaskedWeights(SETTINGS).fit(tiny, backbone, seed=0, progress=silent)
    assert method._training.checked == {}
    assert method._training.kept_step == 8


def test_an_earlier_step_is_kept_where_it_is_clearly_better(
    toy_task, toy_rows, backbone, monkeypatch
) -> None:
    """The scores of the checks are set; the masks that come out must be those of that step."""
    found: list[list[torch.Tensor]] = []
    means = iter([0.2, 0.9, 0.1, 0.3])

    def scored(self, given):
        return np.full(len(self.rows), next(means))

    checked = MaskedLayers.freeze

    def frozen(self):
        found.append([scores.detach().clone() for scores in self.scores])
        checked(self)

    monkeypatch.setattr(ValidationScore, "__call__", scored)
    monkeypatch.setattr(MaskedLayers, "freeze", frozen)
    settings = dataclasses.replace(SETTINGS, steps=16, checks=4, mask_rate=0.05)
    task = dataclasses.replace(toy_task(), valid=toy_rows(10, offset=20_000))
    method = MaskedWeights(settings).fit(task, backbone, seed=0, progress=silent)
    assert method._training.kept_step == 14
    assert method._training.checked == pytest.approx({13: 0.2, 14: 0.9, 15: 0.1, 16: 0.3})
    # One settling when attached, then one for each check.
    second = found[2]
    assert all(torch.equal(a, b) for a, b in zip(second, method._layers.scores, strict=True))
    assert any((a != b).any() for a, b in zip(found[4], second, strict=True))


@pytest.mark.usefixtures("in_float32")
def test_packing_changes_no_step_of_a_training(toy_task, backbone, monkeypatch) -> None:
    task = toy_task()
    longer = tuple(f"{text} " * (1 + i % 5) for i, text in enumerate(task.train.texts))
    task = dataclasses.replace(task, train=dataclasses.replace(task.train, texts=longer))
    settings = dataclasses.replace(SETTINGS, batch_texts=40, max_tokens=100, checks=0)
    ran: list[torch.Size] = []
    run = SplitEncoder.run
    monkeypatch.setattr(
        SplitEncoder, "run", lambda self, part: (ran.append(part.ids.shape), run(self, part))[1]
    )

    def trained() -> tuple[list[float], list[torch.Tensor]]:
        ran.clear()
        losses: list[float] = []
        method = MaskedWeights(settings).fit(
            task, backbone, seed=0, progress=lambda *_, loss: losses.append(loss)
        )
        return losses, [scores.detach() for scores in method._layers.scores]

    packed = trained()
    assert len(ran) == 2 * settings.steps
    monkeypatch.setattr("harness.encoders.split_encoder.can_pack", lambda model: False)
    parted = trained()
    assert len(ran) > 2 * settings.steps
    assert packed[0] == pytest.approx(parted[0], abs=1e-4)
    assert len(set(packed[0])) == settings.steps
    for mine, other in zip(packed[1], parted[1], strict=True):
        torch.testing.assert_close(mine, other, atol=1e-4, rtol=0)


def test_cubic_schedule_by_hand() -> None:
    # Reached after half of the steps: at a quarter of all, s (1 - (1 - .5)^3) = .875 s.
    assert cubic_sparsity(0, 100, 0.8) == 0
    assert cubic_sparsity(25, 100, 0.8) == pytest.approx(0.875 * 0.8)
    assert cubic_sparsity(50, 100, 0.8) == cubic_sparsity(99, 100, 0.8) == pytest.approx(0.8)
    assert cubic_sparsity(0, 0, 0.8) == pytest.approx(0.8)


def test_pruning_takes_the_smallest_weights_and_never_gives_back(backbone) -> None:
    layers = MaskedLayers(backbone, SETTINGS, "weights", aspects=2, seed=0)
    originals = layers.originals()
    pruner = MagnitudePruner(layers.maps, originals)
    gone = [torch.zeros_like(weight, dtype=torch.bool) for weight in originals]
    for sparsity in (0.25, 0.5, 0.75):
        pruner.prune(sparsity)
        for masked, original, before in zip(layers.maps, originals, gone, strict=True):
            pruned = masked.weight == 0
            assert int(pruned.sum()) == round(sparsity * original.numel())
            assert (pruned | ~before).all()
            kept = original.abs()[~pruned].min()
            assert original.abs()[pruned].max() <= kept
            before |= pruned


def test_a_sparse_training_ends_at_its_sparsity(toy_task, backbone) -> None:
    settings = dataclasses.replace(SETTINGS, sparsity=0.8, start_mean=1.0, start_deviation=0.0)
    method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    density = [s.value for s in method.scores() if s.metric == "mask_density"]
    assert max(density) <= 0.2 + 1e-3
    assert min(density) > 0.1


TRAINING = """
import hashlib, os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path.insert(0, "tests")
from toys import make_task
from harness.encoders.backbones import resolve
from masking.settings import MaskSettings
from masking.weights import MaskedWeights

def progress(done, total, **metrics):
    if sys.argv[2] == "killed" and done == 115:
        os.kill(os.getpid(), signal.SIGKILL)
    print("step", done)

settings = MaskSettings(
    steps=130, batch_texts=8, layers=1, max_tokens=16, sparsity=0.3, estimator=sys.argv[3],
    checks=8, mask_rate=0.01,
)
method = MaskedWeights(settings)
method.checkpoint = Path(sys.argv[1])
method.fit(make_task(16), resolve("random-bert"), seed=3, progress=progress)
digest = hashlib.sha256()
for tensor in [*method._layers.scores, *method.heads.parameters()]:
    digest.update(tensor.detach().numpy().tobytes())
print("masks", digest.hexdigest(), method._training.kept_step, method._training.checked)
"""


def train(folder: Path, how: str, estimator: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", TRAINING, str(folder), how, estimator],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.mark.parametrize("estimator", ["straight-through", "hard-concrete"])
def test_a_killed_training_goes_on_to_equal_masks(tmp_path: Path, estimator: str) -> None:
    killed = train(tmp_path / "a", "killed", estimator)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    gone_on = train(tmp_path / "a", "whole", estimator)
    whole = train(tmp_path / "b", "whole", estimator)
    steps = [line for line in gone_on.stdout.splitlines() if line.startswith("step")]
    assert steps[0] == "step 101", gone_on.stderr
    assert gone_on.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1], whole.stderr
    assert whole.stdout.splitlines()[-1].startswith("masks")
    # Nothing is left of a training that is over.
    assert not (tmp_path / "a").exists()


def test_checkpoints_of_another_training_or_damaged_ones_are_not_used(tmp_path: Path) -> None:
    saved = Saved(7, {5: 0.25}, {"score.0": torch.arange(3.0)})
    Checkpoint(tmp_path, "this", 1).write(saved)
    found = Checkpoint(tmp_path, "this", 1).read()
    assert found is not None
    assert (found.step, found.checked) == (7, {5: 0.25})
    assert torch.equal(found.tensors["score.0"], saved.tensors["score.0"])
    assert Checkpoint(tmp_path, "this", 2).read() is None
    assert Checkpoint(None, "this", 1).read() is None
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:40])
    assert Checkpoint(tmp_path, "this", 1).read() is None


def test_a_folder_that_cannot_be_made_does_not_stop_the_training(
    toy_task, backbone, tmp_path
) -> None:
    (tmp_path / "file").touch()
    method = MaskedWeights(dataclasses.replace(SETTINGS, steps=51))
    method.checkpoint = tmp_path / "file" / "below"
    task: TrainingTask = toy_task()
    assert method.fit(task, backbone, seed=0, progress=silent)._training.kept_step
