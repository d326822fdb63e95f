"""Upper bounds are the methods that they bound, but for the rows they learn from."""

import numpy as np
import pytest

from baselines.finetuned import Finetuned, OracleFinetuned
from harness.system.progress import silent
from masking.weights import MaskedWeights, OracleMaskedWeights

PAIRS = [(OracleFinetuned, Finetuned), (OracleMaskedWeights, MaskedWeights)]


@pytest.mark.parametrize(("oracle", "method"), PAIRS)
def test_nothing_but_the_rows_is_theirs(oracle, method) -> None:
    assert oracle.balanced_training
    assert not method.balanced_training
    for profile in ("smoke", "quick", "standard", "paper"):
        assert oracle.settings_for("default", profile) == method.settings_for("default", profile)
    assert not oracle.variants
    assert not oracle.studies


@pytest.mark.parametrize(("oracle", "method"), PAIRS)
def test_on_the_same_rows_they_are_the_same(oracle, method, toy_task, backbone) -> None:
    task = toy_task(4, (2, 3, 4))
    fitted, bound, other = (
        made(made.settings_for("default", "smoke")).fit(task, backbone, seed=seed, progress=silent)
        for made, seed in ((method, 3), (oracle, 3), (method, 4))
    )
    texts = task.valid.texts
    for aspect in ("colour", "animal", "size"):
        expected = fitted.encode(texts, aspect)
        assert np.array_equal(expected, bound.encode(texts, aspect))
        assert not np.array_equal(expected, other.encode(texts, aspect))
