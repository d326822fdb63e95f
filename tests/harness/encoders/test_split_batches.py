"""Memory that runs out costs time, never another result."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from data.rows import TrainingTask
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import encode_batches, tokenise
from harness.encoders.split_batches import SplitBatches
from harness.encoders.split_encoder import PrefixBatch, SplitEncoder
from harness.runs import discovery
from harness.system.progress import silent

FITS = 5
"""Rows that fit into the memory of these tests."""


def full() -> torch.OutOfMemoryError:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 TiB")


def nothing() -> None:
    pass


@given(rows=st.integers(1, 17), fits=st.integers(1, 17), seed=st.integers(0, 99))
def test_pieces_give_the_gradients_of_the_whole_batch(rows: int, fits: int, seed: int) -> None:
    """For a loss that compares all rows, with noise that each attempt draws again."""
    torch.manual_seed(seed)
    encoder = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    batch = torch.randn(rows, 3, dtype=torch.float64)

    def gradients(fits: int) -> list[Tensor]:
        torch.manual_seed(seed + 1)
        split_batches = SplitBatches()
        encoder.zero_grad()

        def forward(part: slice) -> Tensor:
            if part.stop - part.start > fits:
                raise full()
            vectors: Tensor = encoder(batch[part])
            return vectors

        def step() -> float:
            noise = torch.rand(rows, rows, dtype=torch.float64)
            vectors = split_batches.rows(rows, forward)
            loss = ((vectors @ vectors.T) * noise).square().mean()
            loss.backward()  # type: ignore[no-untyped-call]
            return float(loss.detach())

        split_batches.attempt(step, encoder.zero_grad)
        return [p.grad.clone() for p in encoder.parameters() if p.grad is not None]

    for whole, pieces in zip(gradients(rows), gradients(fits), strict=True):
        torch.testing.assert_close(pieces, whole, rtol=1e-10, atol=1e-12)


def test_a_single_row_that_does_not_fit_is_an_error() -> None:
    split_batches, tries = SplitBatches(), []

    def forward(part: slice) -> Tensor:
        tries.append(part.stop - part.start)
        raise full()

    with pytest.raises(torch.OutOfMemoryError):
        split_batches.attempt(lambda: split_batches.rows(8, forward), nothing)
    assert tries == [8, 4, 2, 1]


def test_other_errors_pass_at_once() -> None:
    split_batches, tries = SplitBatches(), []

    def step() -> None:
        tries.append(1)
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="multiplied"):
        split_batches.attempt(step, nothing)
    assert len(tries) == 1


def test_texts_are_encoded_in_smaller_batches(
    backbone: Backbone, caplog: pytest.LogCaptureFixture, heard: None
) -> None:
    tokens = tokenise(backbone, [f"text {'and more ' * (i % 7)}{i}" for i in range(23)], 40)
    sizes = []

    def forward(index: np.ndarray[Any, Any]) -> Tensor:
        sizes.append(len(index))
        if len(index) > FITS:
            raise full()
        return torch.from_numpy(index)[:, None].float()

    found = encode_batches(tokens, 1, forward)
    assert found[:, 0].tolist() == list(range(23))
    assert max(sizes) == 23
    assert "encoded in smaller batches" in caplog.text


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The harness's warnings, whatever was set up before."""
    logger = logging.getLogger("harness")
    before, logger.propagate = logger.propagate, True
    yield
    logger.propagate = before


def _tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no more than FITS texts go through an encoder with gradients at once."""
    pooled = SplitEncoder._pooled

    def tight_pooled(self: SplitEncoder, batch: PrefixBatch) -> Tensor:
        if torch.is_grad_enabled() and len(batch.ids) > FITS:
            raise full()
        return pooled(self, batch)

    monkeypatch.setattr(SplitEncoder, "_pooled", tight_pooled)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize(
    "name", ["masked-weights", "adapters", "diff-pruning", "finetuned", "group-dro"]
)
def test_methods_learn_the_same_with_less_memory(
    name: str,
    backbone: Backbone,
    toy_task: Callable[..., TrainingTask],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    heard: None,
) -> None:
    task = toy_task()
    method = discovery.load(name)

    def encoded() -> Any:
        fitted = method(method.settings_for(profile="smoke"))
        fitted.fit(task, backbone, seed=3, progress=silent)
        return fitted.encode(task.valid.texts, "colour")  # type: ignore[attr-defined]

    whole = encoded()
    _tight(monkeypatch)
    np.testing.assert_allclose(encoded(), whole, rtol=1e-3, atol=1e-4)
    assert "out of memory, batches go through in pieces" in caplog.text
