"""The two ends of each dial: the untuned encoder at nothing, the method itself at its default."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from baselines.adapters import Adapters
from baselines.adversarial import Adversarial
from baselines.alf_qleace import AlfQleace
from baselines.diff_pruning import DiffPruning
from baselines.finetuned import Finetuned
from baselines.inlp import Inlp
from baselines.leace import Leace
from baselines.projected_leace import LeaceRandom
from baselines.untuned import Untuned
from harness.contract.dial import Dial
from harness.encoders.encoding import mean_vectors
from harness.runs import discovery
from harness.system.progress import silent
from masking.units import MaskedUnits
from masking.weights import MaskedWeights

FROM_UNTUNED = (Leace, Inlp, MaskedWeights, MaskedUnits, Adapters, DiffPruning)
SMALL = {"max_tokens": 24}
TRAINED = {"steps": 4, "batch_texts": 8, "layers": 1}
QUICKLY = {
    MaskedWeights: {"start_mean": 0.002},
    MaskedUnits: {"start_mean": 0.01},
    Adapters: {"adapter_rate": 0.02},
    DiffPruning: {"difference_rate": 0.02, "reversal": 0.3},
}
"""What makes a few steps change something."""


def fitted(method: type[Any], task: Any, backbone: Any, **changes: float) -> Any:
    small = {**SMALL, **(TRAINED if hasattr(method.Settings(), "steps") else {})}
    settings = replace(method.Settings(), **small, **QUICKLY.get(method, {}), **changes)
    return method(settings).fit(task, backbone, seed=0, progress=silent)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("method", FROM_UNTUNED, ids=lambda method: method.name)
def test_at_nothing_it_is_untuned_and_on_the_way_between(method, toy_task, backbone) -> None:
    task, setting = toy_task(16), method.dial.setting
    plain = fitted(Untuned, task, backbone).encode(task.valid.texts, "colour")
    # INLP turns classifiers, of which one is already all of a short way.
    positions = (0, 1, 4) if method is Inlp else (0.0, 0.5, 1.0)
    turned = [fitted(method, task, backbone, **{setting: value}) for value in positions]
    moved = [np.abs(each.encode(task.valid.texts, "colour") - plain).max() for each in turned]
    assert moved[0] < 1e-5 < 1e-3 < moved[1] <= moved[2] + 1e-6
    full = fitted(method, task, backbone).encode(task.valid.texts, "colour")
    if method is not Inlp:
        np.testing.assert_array_equal(full, turned[-1].encode(task.valid.texts, "colour"))


AT_USE = [each for each in FROM_UNTUNED if each.dial.at_use]


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("method", AT_USE, ids=lambda method: method.name)
def test_what_is_turned_at_use_needs_no_other_fit(method, toy_task, backbone) -> None:
    task, setting = toy_task(16), method.dial.setting
    plain = fitted(Untuned, task, backbone).encode(task.valid.texts, "colour")
    whole = fitted(method, task, backbone)
    full = whole.encode(task.valid.texts, "colour")
    turned = [
        whole.used_as(replace(whole.settings, **{setting: value})) for value in (0.0, 0.5, 1.0)
    ]
    none, half, same = (each.encode(task.valid.texts, "colour") for each in turned)
    assert np.abs(none - plain).max() < 1e-5 < 1e-3 < np.abs(half - plain).max()
    assert np.abs(half - full).max() > 1e-4
    np.testing.assert_array_equal(same, full)
    np.testing.assert_array_equal(whole.encode(task.valid.texts, "colour"), full)


def test_a_strength_moves_each_text_that_share_of_its_way(toy_task, backbone) -> None:
    task = toy_task()
    plain, half, whole = (
        fitted(method, task, backbone, **changes).encode(task.valid.texts, "colour")
        for method, changes in ((Untuned, {}), (Leace, {"strength": 0.5}), (Leace, {}))
    )
    np.testing.assert_allclose(half, (plain + whole) / 2, atol=1e-6)


def test_without_a_rank_quadratic_erasure_is_leace(toy_task, backbone) -> None:
    task = toy_task()
    linear, none, five = (
        fitted(method, task, backbone, **changes).encode(task.valid.texts, "colour")
        for method, changes in ((Leace, {}), (AlfQleace, {"rank": 0}), (AlfQleace, {"rank": 5}))
    )
    np.testing.assert_allclose(none, linear, atol=1e-6)
    assert np.abs(five - linear).max() > 1e-3


@pytest.mark.usefixtures("in_float32")
def test_without_reversal_the_adversaries_change_nothing(toy_task, backbone) -> None:
    task = toy_task()
    alone = fitted(Finetuned, task, backbone, triplet=0.0).encode(task.valid.texts, "colour")
    none, some = (
        fitted(Adversarial, task, backbone, reversal=value, adversary_steps=1).encode(
            task.valid.texts, "colour"
        )
        for value in (0.0, 10.0)
    )
    assert np.abs(none - alone).max() < np.abs(some - alone).max()


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("method", [Adapters, DiffPruning], ids=lambda method: method.name)
def test_a_scaled_method_is_stored_and_exported_scaled(
    method, toy_task, backbone, tmp_path
) -> None:
    task = toy_task()
    half = fitted(method, task, backbone, scale=0.5)
    told = half.encode(task.valid.texts, "colour")
    half.save(tmp_path)
    loaded = method().load(tmp_path, backbone)
    np.testing.assert_array_equal(loaded.encode(task.valid.texts, "colour"), told)
    plain = replace(backbone, model=half.plain_encoder("colour").model)
    exported = mean_vectors(plain, task.valid.texts, SMALL["max_tokens"])
    np.testing.assert_allclose(exported, told, atol=1e-4)


def test_positions_are_variants_of_whoever_declares_or_inherits_them() -> None:
    assert Leace.variants["strength=0.5"] == {"strength": 0.5}
    assert Leace.settings_for("strength=0.5") == Leace.Settings(strength=0.5)
    assert "as-drawn" in Leace.variants
    assert set(AlfQleace.variants) == {"rank=0", "rank=5", "rank=20", "rank=60"}
    assert set(LeaceRandom.variants) == {"rank=1", "rank=5", "rank=50"}
    for name in discovery.methods():
        method = discovery.load(name)
        turned = {each for each in method.variants if "=" in each}
        assert turned == set(method.dial.variants if method.dial else ())
    assert Dial("walk", (0.25, 1)).variants == {"walk=0.25": {"walk": 0.25}, "walk=1": {"walk": 1}}
