"""What every method that learns texts with known factors must do, beside the other checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.texts import FactorTask
from harness.conformance import checks
from harness.conformance.checks import require
from harness.contract.learner import Learner
from harness.evaluation.factors import code_of, untrained
from harness.evaluation.factors.codes import FloatArray


@dataclass(frozen=True)
class FactorBench(checks.Bench):
    """What the checks run on."""

    kind = "factors"
    training: FactorTask

    def answers(self, fitted: Any) -> Sequence[FloatArray]:
        return [code_of(fitted, self.training, self.texts)[0]]


def check_code(method: type[Learner], bench: FactorBench) -> None:
    """A finite code whose variables fill its columns; untrained it has the same."""
    if bench.new(method).supports(bench.training) is not None:
        return
    fitted = bench.fitted(method)
    code, blocks = code_of(fitted, bench.training, bench.texts)
    require(code.shape == (len(bench.texts), sum(blocks)), "the variables do not fill the code")
    require(bool(np.isfinite(code).all()), "the code is not finite")
    start = untrained(fitted, bench.training, seed=checks.SEED)
    same = code_of(start, bench.training, bench.texts)[1] == blocks
    require(same, "an untrained code has other variables")
