"""Training of masks: what is kept, pruning on a schedule, going on after a kill."""

import dataclasses
import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from data.errors import UserError
from data.rows import TrainingTask
from harness.encoders.encoding import frozen_vectors
from harness.encoders.split_encoder import SplitEncoder
from harness.system.progress import silent
from harness.training import checkpoint as checkpoints
from harness.training.checkpoint import Checkpoint, Saved
from harness.training.steps import Outcome
from harness.training.trained_method import TrainedMethod
from masking.attachment import MaskedLayers
from masking.masks import MaskedLinear
from masking.objectives import coding_rate
from masking.pruning import Pruner, cubic_sparsity
from masking.settings import MaskSettings
from masking.weights import MaskedWeights

ROOT = Path(__file__).parents[2]
SETTINGS = MaskSettings(steps=8, batch_texts=8, layers=1, max_tokens=24, token_share=1.0)


def test_masks_are_the_thresholded_mean_over_the_last_quarter(toy_task, backbone) -> None:
    """Scores are looked at after each step; the mask of the last one differs from that in use."""
    seen: list[list[torch.Tensor]] = []
    settings = dataclasses.replace(SETTINGS, steps=16, mask_rate=0.05, patience=0)
    method = MaskedWeights(settings)

    def look(*_, **__) -> None:
        seen.append([scores.detach().clone() for scores in method._layers.scores])

    method.fit(toy_task(), backbone, seed=0, progress=look)
    differing = 0
    for i, scores in enumerate(method._layers.scores):
        mean = torch.stack([step[i] for step in seen[-4:]]).mean(0)
        torch.testing.assert_close(scores.detach(), mean, atol=1e-6, rtol=0)
        differing += int(((mean > 0) != (seen[-1][i] > 0)).sum())
    assert differing > 0


def test_a_loss_that_rises_ends_the_training_with_its_whole_sparsity(
    toy_task, backbone, monkeypatch
) -> None:
    """Training ends before pruning would; what is evaluated, and used, is pruned to the end."""
    losses = count()

    def rising(self, valid):
        assert valid.texts == task.valid.texts
        return losses.__next__

    monkeypatch.setattr(TrainedMethod, "_validation", rising)
    task = toy_task()
    settings = dataclasses.replace(
        SETTINGS, sparsity=0.8, start_mean=1.0, start_deviation=0.0, patience=1
    )
    method = MaskedWeights(settings).fit(task, backbone, seed=0, progress=silent)
    assert method.outcome == Outcome(4, {1: 0, 2: 1})
    density = [s.value for s in method.scores() if s.metric == "mask_density"]
    assert max(density) <= 0.2 + 1e-3


def test_evaluations_change_nothing_that_is_learned(toy_task, backbone) -> None:
    """With hard concrete draws and pruning, which both have a state."""
    vectors = []
    for patience, evaluations in ((0, 8), (100, 3), (100, 8)):
        settings = dataclasses.replace(
            SETTINGS,
            estimator="hard-concrete",
            sparsity=0.3,
            patience=patience,
            evaluations=evaluations,
        )
        method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
        assert (
            len(method.outcome.losses)
            == {(0, 8): 0, (100, 3): 2, (100, 8): 5}[patience, evaluations]
        )
        vectors.append(method.encode(["some text"], "colour"))
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_the_guard_keeps_the_coding_rate(toy_task, backbone) -> None:
    """Without it the rate falls, in so many steps whatever the precision."""
    task, rates = toy_task(), {}
    for weight in (0.0, 3.0):
        settings = dataclasses.replace(
            SETTINGS, steps=60, mask_rate=0.03, coding_rate=weight, patience=0
        )
        method = MaskedWeights(settings).fit(task, backbone, seed=0, progress=silent)
        rates[weight] = coding_rate(torch.from_numpy(method.encode(task.train.texts, "colour")))
    untuned = coding_rate(torch.from_numpy(frozen_vectors(backbone, task.train.texts, 24)))
    assert rates[0.0] < untuned - 0.3
    assert (rates[3.0] - untuned).abs() < 0.6 * (rates[0.0] - untuned).abs()


@pytest.mark.usefixtures("in_float32")
def test_packing_changes_no_step_of_a_training(toy_task, backbone, monkeypatch) -> None:
    task = toy_task()
    longer = tuple(f"{text} " * (1 + i % 5) for i, text in enumerate(task.train.texts))
    task = dataclasses.replace(task, train=dataclasses.replace(task.train, texts=longer))
    settings = dataclasses.replace(SETTINGS, batch_texts=40, max_tokens=100, patience=0)
    ran: list[torch.Size] = []
    run = SplitEncoder.run
    monkeypatch.setattr(
        SplitEncoder, "run", lambda self, part: (ran.append(part.ids.shape), run(self, part))[1]
    )

    def trained() -> tuple[list[float], list[torch.Tensor]]:
        ran.clear()
        losses: list[float] = []
        method = MaskedWeights(settings).fit(
            task, backbone, seed=0, progress=lambda *_, loss: losses.append(float(loss))
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
    pruner = Pruner(layers.maps, originals, "magnitude")
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


def test_pruning_by_score_by_hand() -> None:
    """Largest scores .9, .2, -1 and .05: worth .9, .4, -3 and .2, against all magnitudes."""
    linear = torch.nn.Linear(4, 1, bias=False).requires_grad_(False)
    linear.weight.copy_(torch.tensor([[1.0, -2.0, 3.0, 4.0]]))
    scores = torch.tensor([[[0.9, 0.1, -1.0, 0.05]], [[-2.0, 0.2, -2.0, 0.05]]])
    masked = MaskedLinear(linear, (1, 4), scores, role="key")
    pruner = Pruner([masked], [linear.weight.detach().clone()], "score")
    for sparsity, left in ((0.5, [1, -2, 0, 0]), (0.25, [1, -2, 0, 4]), (0.0, [1, -2, 3, 4])):
        pruner.prune(sparsity)
        assert masked.weight.tolist() == [left]
    Pruner([masked], [linear.weight.detach().clone()], "magnitude").prune(0.5)
    assert masked.weight.tolist() == [[0, 0, 3, 4]]
    pruner.prune(0.5)
    pruner.settle()
    assert [bits[0].tolist() for bits in masked.opened()] == [
        [True, True, False, False],
        [False, True, False, False],
    ]


def test_weights_pruned_by_score_are_stored_in_the_masks(toy_task, backbone, tmp_path) -> None:
    changes = {"pruning": "score", "start_mean": 0.3, "start_deviation": 1.0, "mask_rate": 0.1}
    settings = dataclasses.replace(SETTINGS, sparsity=0.6, **changes)
    method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    (tmp_path / "stored").mkdir()
    method.save(tmp_path / "stored")
    loaded = MaskedWeights().load(tmp_path / "stored", backbone)
    texts = ["some text", "another"]
    for aspect in ("colour", "animal"):
        vectors = method.encode(texts, aspect)
        np.testing.assert_array_equal(loaded.encode(texts, aspect), vectors)
    for each in (method, loaded):
        opened = [torch.stack(masked.opened()) for masked in each._layers.maps]
        # Of what is left, an aspect may close some.
        assert all(float(bits.any(0).float().mean()) <= 0.4 + 1e-3 for bits in opened)
        assert any(float(bits.any(0).float().mean()) > 0.35 for bits in opened)
    assert any(bool((bits[0] != bits[1]).any()) for bits in opened)


def test_a_loaded_encoder_walks_back_as_the_fitted_one_does(toy_task, backbone, tmp_path) -> None:
    """Also where every aspect closes more than is pruned, of which the scores had a choice."""
    changes = {"start_mean": -0.3, "start_deviation": 1.0, "sparsity": 0.2}
    settings = dataclasses.replace(SETTINGS, pruning="score", **changes)
    method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
    method.save(tmp_path)
    loaded = MaskedWeights().load(tmp_path, backbone)
    closed = [~torch.stack(masked.opened()).any(0) for masked in method._layers.maps]
    assert all(float(bits.float().mean()) > 0.3 for bits in closed)
    for strength in (0.0, 0.5, 1.0):
        with method.walked(strength), loaded.walked(strength):
            walked, again = (each.encode(["some text"], "colour") for each in (method, loaded))
        np.testing.assert_array_equal(walked, again)


def test_evaluations_change_nothing_where_scores_prune(toy_task, backbone) -> None:
    vectors = []
    for patience in (0, 100):
        settings = dataclasses.replace(SETTINGS, pruning="score", sparsity=0.5, patience=patience)
        method = MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)
        vectors.append(method.encode(["some text"], "colour"))
    np.testing.assert_array_equal(*vectors)


def test_pruning_by_another_word_or_of_coarse_masks_is_refused(toy_task, backbone) -> None:
    for changes, said in (
        ({"pruning": "scores"}, "did you mean 'score'"),
        ({"pruning": "score", "granularity": "neuron"}, "a score for every weight"),
    ):
        settings = dataclasses.replace(SETTINGS, sparsity=0.5, **changes)
        with pytest.raises(UserError, match=said):
            MaskedWeights(settings).fit(toy_task(), backbone, seed=0, progress=silent)


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
    patience=100, mask_rate=0.01,
)
method = MaskedWeights(settings)
method.checkpoint = Path(sys.argv[1])
method.fit(make_task(16), resolve("random-bert"), seed=3, progress=progress)
digest = hashlib.sha256()
for tensor in [*method._layers.scores, *method.heads.parameters()]:
    digest.update(tensor.detach().numpy().tobytes())
print("masks", digest.hexdigest(), method.outcome.last_step, method.outcome.losses)
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


def test_the_time_of_earlier_processes_counts_where_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(checkpoints.time, "perf_counter", lambda: now[0])
    assert checkpoints.seconds_spent(tmp_path) == 0
    for begun in (100.0, 500.0):
        now[0] = begun
        training = Checkpoint(tmp_path, "this")
        now[0] = begun + 30
        training.write(Saved(7, {}, {"score.0": torch.zeros(1)}))
    assert checkpoints.seconds_spent(tmp_path) == 60
    # One that does not say it makes the whole unknown.
    save_file({"a": torch.zeros(1)}, tmp_path / "training.safetensors", metadata={"about": "?"})
    assert checkpoints.seconds_spent(tmp_path) is None
    Checkpoint(tmp_path, "this").write(Saved(8, {}, {"score.0": torch.zeros(1)}))
    assert checkpoints.seconds_spent(tmp_path) is None


def test_a_folder_that_cannot_be_made_does_not_stop_the_training(
    toy_task, backbone, tmp_path
) -> None:
    (tmp_path / "file").touch()
    method = MaskedWeights(dataclasses.replace(SETTINGS, steps=51))
    method.checkpoint = tmp_path / "file" / "below"
    task: TrainingTask = toy_task()
    assert method.fit(task, backbone, seed=0, progress=silent).outcome.last_step
