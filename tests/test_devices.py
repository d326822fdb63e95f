"""Every method computes on the backbone's device, whichever that is, and to the same result."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pretend_device import MOVED, PRETENDED, MixedDevicesError, on_pretended, pretended
from torch import Tensor, nn
from toys import make_task

from data import tasks
from data.quotas import Sizes
from data.rows import Aspect, Rows, TrainingTask
from data.texts import LabelledTextTask
from harness.contract.clusterer import Clusterer
from harness.contract.learner import Learner
from harness.encoders import split_encoder
from harness.encoders.backbones import Backbone
from harness.encoders.device import device
from harness.encoders.encoding import Tokens
from harness.encoders.hidden_state_cache import without_cache
from harness.encoders.precision import compute_dtype
from harness.encoders.split_batches import SplitBatches
from harness.encoders.split_encoder import SplitEncoder
from harness.evaluation.text.model import LanguageModel
from harness.evaluation.text.responses import ResponseModel
from harness.evaluation.text.tagger import Tagger
from harness.runs import discovery
from harness.system.progress import silent

pytestmark = [
    pytest.mark.filterwarnings("ignore:for .* copying from a non-meta parameter"),
    pytest.mark.usefixtures("in_float32"),
]

HAS_GPU = torch.cuda.is_available()
"""Asked before the tests are told that there is none."""

CASES = [
    (name, kind)
    for name in discovery.methods()
    for kind in discovery.load(name).kinds
    # Most learn these as they learn texts alone, or labelled rows.
    if kind != "factors" or len(discovery.load(name).kinds) == 1
]
SEED = 5
TEXTS = ("a red cat", "row 3 blue owl", "dog", "the green dog 12")

VARIANTS = [
    ("masked-weights", "hard-concrete"),
    ("masked-weights", "sparsity-0.5"),
    ("masked-weights", "openness"),
    ("text-vae", "injection-cross"),
    ("text-vae", "unmasked-pooling"),
    ("text-vae", "decoder-reset"),
]
"""Beside the methods' own settings, those that take other ways through the code."""


TASKS = {
    "triplets": "syntax",
    "responses": "dialogue",
    "clusters": "relations-generated",
    "tagging": "profner",
}
"""Kind to a task of it whose corpus is generated."""


def learned_from(kind: str) -> Any:
    """A small task of a kind."""
    if kind == "aspects":
        return make_task(4)
    if kind in ("language", "factors"):
        aspects = (Aspect("colour", ("red", "other")),)
        rows = [
            Rows(tuple(map(str, range(n))), (TEXTS * n)[:n], {"colour": np.arange(n) % 2},
                 np.arange(n), aspects)
            for n in (24, 4)
        ]  # fmt: skip
        labelled = TrainingTask("texts", aspects, 0.0, *rows)
        return LabelledTextTask("texts", rows[0].texts, rows[1].texts, labelled)
    task = tasks.find(TASKS[kind])
    return task.draw(task.load(None), seed=3, sizes=Sizes(24, 8, 8)).training


def answers(learner: Any, task: Any) -> list[NDArray[np.floating]]:
    """Everything that is asked of a fitted learner."""
    if isinstance(learner, Clusterer):
        return [learner.clusters(task.valid)]
    if isinstance(learner, Tagger):
        found = learner.read(TEXTS)
        ends = [(i, s.begin, s.end) for i, own in enumerate(found.spans or ()) for s in own]
        return [np.array(found.labels, dtype=float), np.array(ends, dtype=float)]
    if isinstance(learner, ResponseModel):
        replies = task.valid.firsts()
        means = learner.posterior(replies).mean
        assert len(learner.respond(task.valid.texts, means)) == len(means)
        return [means, learner.log_likelihood(replies, means[None])]
    if not isinstance(learner, LanguageModel):
        return [learner.encode(TEXTS, aspect.name) for aspect in task.aspects]
    if not learner.latent_size:
        return [learner.log_likelihood(TEXTS, None)]
    posterior = learner.posterior(TEXTS)
    assert len(learner.decode(posterior.mean)) == len(learner.normalised(TEXTS)) == len(TEXTS)
    return [
        posterior.mean,
        posterior.kl(learner.prior),
        learner.log_likelihood(TEXTS, np.stack([posterior.mean])),
    ]


def fitted(
    name: str, variant: str, kind: str, task: Any, backbone: Backbone
) -> tuple[Learner, list[NDArray[np.floating]]]:
    """A learner with its answers, which what is loaded from its artifact has to repeat."""
    method = discovery.load(name)
    learner = method(method.settings_for(variant, "smoke", kind=kind))
    learner.fit(task, backbone, seed=SEED, progress=silent)
    found = answers(learner, task)
    with tempfile.TemporaryDirectory() as folder:
        learner.save(Path(folder))
        loaded = method().load(Path(folder), backbone)
    for ours, stored in zip(found, answers(loaded, task), strict=True):
        np.testing.assert_allclose(stored, ours, rtol=1e-4, atol=1e-5)
    return learner, found


def assert_alike(
    name: str,
    variant: str,
    kind: str,
    backbone: Backbone,
    there: Callable[[], AbstractContextManager[None]],
    moved: Callable[[Backbone], Backbone],
    *,
    rtol: float,
) -> None:
    """Answers, scores and grids from the processor and from another device agree."""
    task = learned_from(kind)
    expected, ours = fitted(name, variant, kind, task, backbone)
    with there():
        found, theirs = fitted(name, variant, kind, task, moved(backbone))
        scores, grids = found.scores(), found.heatmaps()
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(other, one, rtol=rtol, atol=rtol * float(np.abs(one).max()))
    assert [s.metric for s in scores] == [s.metric for s in expected.scores()]
    for score, wanted in zip(scores, expected.scores(), strict=True):
        assert score.value == pytest.approx(wanted.value, rel=100 * rtol, abs=1e-3), score
    assert [grid.name for grid in grids] == [grid.name for grid in expected.heatmaps()]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_every_method_computes_where_its_backbone_lies(
    name: str, kind: str, backbone: Backbone
) -> None:
    assert_alike(name, "default", kind, backbone, pretended, on_pretended, rtol=1e-4)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_so_do_the_ways_that_variants_take(name: str, variant: str, backbone: Backbone) -> None:
    kind = discovery.load(name).kinds[0]
    assert_alike(name, variant, kind, backbone, pretended, on_pretended, rtol=1e-4)


@pytest.mark.parametrize("name", ["masked-weights", "text-vae"])
def test_an_interrupted_training_goes_on_there(
    name: str, backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("harness.training.steps", "baselines.text_vae.training"):
        monkeypatch.setattr(f"{module}.CHECKPOINT_STEPS", 1)
    method = discovery.load(name)
    kind = method.kinds[0]
    task = learned_from(kind)
    _, whole = fitted(name, "default", kind, task, backbone)

    def interrupt(done: int, total: int, **_: float) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pretended():
        there = on_pretended(backbone)
        for progress in (interrupt, silent):
            learner = method(method.settings_for("default", "smoke", kind=kind))
            learner.checkpoint = tmp_path
            try:
                learner.fit(task, there, seed=SEED, progress=progress)
            except KeyboardInterrupt:
                assert list(tmp_path.iterdir())
        found = answers(learner, task)
    for one, other in zip(whole, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["finetuned", "masked-units", "adapters"])
def test_batches_go_through_in_pieces_there(
    name: str, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = learned_from("aspects")
    _, whole = fitted(name, "default", "aspects", task, backbone)
    begin = SplitBatches.__init__

    def in_pieces(self: SplitBatches) -> None:
        begin(self)
        self._pieces = 2

    monkeypatch.setattr(SplitBatches, "__init__", in_pieces)
    with pretended():
        _, pieces = fitted(name, "default", "aspects", task, on_pretended(backbone))
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-4)


def test_a_batch_that_is_left_behind_is_noticed(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Tokens.batch
    monkeypatch.setattr(
        Tokens, "batch", lambda self, index: batch(replace(self, device=torch.device("cpu")), index)
    )
    with pretended(), pytest.raises(MixedDevicesError, match="embedding"):
        fitted("untuned", "default", "aspects", learned_from("aspects"), on_pretended(backbone))


@pytest.mark.parametrize(
    "name", ["masked-weights", "masked-units", "finetuned", "adversarial", "adapters"]
)
def test_nothing_moves_within_a_step(name: str, backbone: Backbone) -> None:
    """From the end of the first step, which makes the optimiser's state, to that of the last."""
    method = discovery.load(name)
    settings = replace(method.settings_for("default", "smoke"), patience=0)
    moved: list[list[str]] = []

    def watch(done: int, total: int, **_: Any) -> None:
        moved.append(MOVED[:])
        MOVED.clear()

    with pretended():
        method(settings).fit(
            learned_from("aspects"), on_pretended(backbone), seed=SEED, progress=watch
        )
    assert len(moved) == settings.steps
    assert moved[0]
    assert moved[1:] == [[]] * (settings.steps - 1)


def test_states_stay_on_the_device_for_the_next_trial(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    made_of = SplitEncoder._made
    monkeypatch.setattr(
        SplitEncoder, "_made", lambda self, *of: (made.append(1), made_of(self, *of))[1]
    )
    with pretended():
        there = on_pretended(backbone)
        first = SplitEncoder(there, 1).prefixes(TEXTS, 20)
        assert SplitEncoder(there, 1).prefixes(TEXTS, 20) is first
        assert first.states.device == first.ids.device == PRETENDED
        SplitEncoder(there, 0).prefixes(TEXTS, 20)
        assert len(made) == len(there.prefixes) == 2
        monkeypatch.setattr(split_encoder, "KEPT_BYTES", 0)
        SplitEncoder(there, 1).prefixes(TEXTS, 20)
        assert list(there.prefixes.values()) == [first]
        with without_cache():
            assert SplitEncoder(there, 1).prefixes(TEXTS, 20) is not first
    SplitEncoder(backbone, 1).prefixes(TEXTS, 20)
    assert not backbone.prefixes


def on_device(*shape: int) -> Tensor:
    return torch.ones(shape).to(PRETENDED)


@pytest.mark.parametrize(
    "mixed",
    [
        lambda: on_device(2, 3) + torch.ones(3),
        lambda: on_device(2, 3) @ torch.ones(3, 2),
        lambda: nn.Linear(3, 2)(on_device(2, 3)),
        lambda: torch.stack([on_device(), torch.zeros(())]),
        lambda: torch.ones(3)[torch.tensor([0, 1]).to(PRETENDED)],
        lambda: nn.functional.cross_entropy(on_device(2, 3), torch.tensor([0, 1])),
        lambda: nn.utils.rnn.pack_padded_sequence(
            on_device(2, 3, 1), torch.tensor([3, 2]).to(PRETENDED), batch_first=True
        ),
        lambda: on_device(2).numpy(),
        lambda: on_device(2).normal_(),
        lambda: torch.rand(2, device=PRETENDED),
    ],
)
def test_the_pretended_device_refuses_what_a_gpu_refuses(mixed: Callable[[], object]) -> None:
    with pretended(), pytest.raises((RuntimeError, TypeError)):
        mixed()


@pytest.mark.parametrize(
    "allowed",
    [
        lambda: on_device(3) + torch.tensor(1.0),
        lambda: on_device(3)[torch.tensor([0, 1])],
        lambda: on_device(3).copy_(torch.zeros(3)),
        lambda: torch.tensor([1.0, 2.0], device=PRETENDED) * 2,
        lambda: nn.functional.dropout(on_device(3), 0.5),
    ],
)
def test_the_pretended_device_allows_what_a_gpu_allows(allowed: Callable[[], Tensor]) -> None:
    with pretended():
        assert allowed().device == PRETENDED


@pytest.mark.skipif(not HAS_GPU, reason="this machine has no GPU that torch can use")
@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_gpu_finds_what_the_processor_finds(
    name: str, kind: str, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_gpu(backbone: Backbone) -> Backbone:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        device.cache_clear()
        compute_dtype.cache_clear()
        return replace(backbone, model=backbone.copy_model().to(device()))

    try:
        assert_alike(name, "default", kind, backbone, nullcontext, on_gpu, rtol=1e-2)
    finally:
        monkeypatch.undo()
        device.cache_clear()
