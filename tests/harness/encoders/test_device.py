"""Where methods compute, what records call it, and draws that are the same everywhere."""

from collections.abc import Iterator

import pytest
import torch
from pretend_device import PRETENDED, pretended

from harness.encoders.backbones import resolve
from harness.encoders.device import device, device_name, normal_like, seeded, torch_generators


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    device.cache_clear()
    yield
    device.cache_clear()


@pytest.mark.parametrize(("found", "expected"), [(True, "cuda"), (False, "cpu")])
def test_a_gpu_is_taken_where_torch_finds_one(
    found: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: found)
    assert device() == torch.device(expected)


def test_backbones_are_loaded_onto_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.encoders.device.device", lambda: PRETENDED)
    loaded = resolve.__wrapped__("random-bert")
    assert loaded.device == PRETENDED
    assert {p.device for p in loaded.model.parameters()} == {PRETENDED}


def test_records_name_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda where: f"Some GPU {where.index}")
    assert device_name(torch.device("cpu")) == "cpu"
    assert device_name(torch.device("cuda", 1)) == "Some GPU 1"


def test_seeded_draws_are_the_same_and_leave_the_generators_as_they_were() -> None:
    torch.manual_seed(3)
    before = [generator.get_state() for generator in torch_generators()]
    drawn = []
    for _ in range(2):
        with seeded(7):
            drawn.append(torch.rand(5))
    assert torch.equal(*drawn)
    with pytest.raises(KeyError), seeded(8):
        raise KeyError
    after = [generator.get_state() for generator in torch_generators()]
    assert all(map(torch.equal, before, after))


def test_normal_numbers_are_the_same_on_every_device() -> None:
    like = torch.zeros(6, 4, dtype=torch.float64)[:, ::2]
    with seeded(1):
        here = normal_like(like)
    with seeded(1):
        assert torch.equal(here, torch.randn_like(like))
    with pretended(), seeded(1):
        there = normal_like(like.to(PRETENDED))
        assert there.device == PRETENDED
        assert torch.equal(there.cpu(), here)


@pytest.fixture
def gpu_state(monkeypatch: pytest.MonkeyPatch) -> torch.Generator:
    """A generator that stands for that of a GPU."""
    generator = torch.Generator()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "init", lambda: None)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "default_generators", (generator,))
    return generator


def test_the_generator_of_a_gpu_is_put_back_too(gpu_state: torch.Generator) -> None:
    assert torch_generators() == (torch.default_generator, gpu_state)
    before = gpu_state.get_state()
    with seeded(2):
        torch.rand(3, generator=gpu_state)
    assert torch.equal(gpu_state.get_state(), before)
