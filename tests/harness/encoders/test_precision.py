"""In which type encoders compute."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from data.errors import UserError
from harness.encoders import precision
from harness.encoders.device import device
from harness.encoders.precision import autocast, compute_dtype


@pytest.fixture(autouse=True)
def asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))
    monkeypatch.delenv("DISENTANGLE_PRECISION", raising=False)
    for rule in (device, compute_dtype):
        rule.cache_clear()
    yield
    for rule in (device, compute_dtype):
        rule.cache_clear()


def timed(monkeypatch: pytest.MonkeyPatch, bfloat16: float) -> list[torch.dtype]:
    """Let products in float32 take a second, and say which were timed."""
    seen: list[torch.dtype] = []

    def seconds(dtype: torch.dtype) -> float:
        seen.append(dtype)
        return bfloat16 if dtype == torch.bfloat16 else 1.0

    monkeypatch.setattr(precision, "product_seconds", seconds)
    return seen


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, torch.bfloat16), (1.4, torch.float32)])
def test_the_faster_type_is_chosen_once_a_machine(
    seconds: float, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = timed(monkeypatch, seconds)
    assert compute_dtype() == expected
    linear, vectors = torch.nn.Linear(4, 4), torch.ones(2, 4)
    assert linear(vectors).dtype == torch.float32
    with autocast():
        assert linear(vectors).dtype == expected
    # In another process of this machine nothing is timed, and the answer is the same.
    timed(monkeypatch, 2 - seconds)
    compute_dtype.cache_clear()
    assert compute_dtype() == expected
    assert len(seen) == 2
    # On another processor it is.
    monkeypatch.setattr(precision, "cpu_name", lambda: "another")
    compute_dtype.cache_clear()
    assert compute_dtype() != expected
    monkeypatch.undo()


@pytest.mark.parametrize("damaged", ["{", "[]", '{"another": 3}'])
def test_a_damaged_cache_is_written_again(
    damaged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed(monkeypatch, 0.4)
    (tmp_path / "precision.json").write_text(damaged)
    assert compute_dtype() == torch.bfloat16
    assert "bfloat16" in json.loads((tmp_path / "precision.json").read_text()).values()


def test_a_named_type_is_taken_and_an_unknown_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = timed(monkeypatch, 0.4)
    monkeypatch.setenv("DISENTANGLE_PRECISION", "float32")
    assert compute_dtype() == torch.float32
    assert not seen
    compute_dtype.cache_clear()
    monkeypatch.setenv("DISENTANGLE_PRECISION", "half")
    with pytest.raises(UserError, match="is 'half'; use auto, float32, bfloat16"):
        compute_dtype()


def test_products_are_timed_in_moments() -> None:
    assert 0 < precision.product_seconds(torch.float32) < 1


@pytest.mark.parametrize(("fast", "expected"), [(True, torch.bfloat16), (False, torch.float32)])
@pytest.mark.filterwarnings("ignore:CUDA is not available")
def test_on_a_gpu_its_own_products_decide(
    fast: bool, expected: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emulated products are slower than those in float32, so they do not count."""

    def supported(including_emulation: bool = True) -> bool:
        return fast or including_emulation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert compute_dtype() == expected
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert autocast().device == "cuda"
