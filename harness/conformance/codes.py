"""What every method that learns texts with known factors must do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.texts import FactorTask
from harness.conformance.checks import SEED, require
from harness.conformance.text_models import TEXT_CHECKS, TextBench
from harness.contract.learner import Learner
from harness.evaluation.factors import code_of, untrained
from harness.evaluation.factors.codes import FloatArray
from harness.evaluation.text.model import LanguageModel


@dataclass(frozen=True)
class FactorBench(TextBench):
    """What the checks run on."""

    training: FactorTask

    @property
    def kind(self) -> str:
        return "factors"

    def answers(self, fitted: Any) -> Sequence[FloatArray]:
        if isinstance(fitted, LanguageModel):
            return super().answers(fitted)
        return [code_of(fitted, self.training, self.texts)[0]]


def check_code(method: type[Learner], bench: FactorBench) -> None:
    """A finite code whose variables fill its columns; untrained it has the same."""
    if bench.new(method).supports(bench.training) is not None:
        return
    fitted = bench.fitted(method)
    code, blocks = code_of(fitted, bench.training, bench.texts)
    require(len(code) == len(bench.texts), "the code leaves texts out")
    require(code.shape[1] == sum(blocks), "the variables do not fill the columns of the code")
    require(bool(np.isfinite(code).all()), "the code is not finite")
    start = untrained(fitted, bench.training, seed=SEED)
    same = code_of(start, bench.training, bench.texts)[1] == blocks
    require(same, "an untrained code has other variables")


def check_model(method: type[Learner], bench: FactorBench) -> None:
    """A model of texts that learns nothing else is checked as one; others are elsewhere."""
    if issubclass(method, LanguageModel) and "language" not in method.kinds:
        for check in TEXT_CHECKS:
            check(method, bench)
