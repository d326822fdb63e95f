"""Every discovered method keeps the contract, and a method that cheats is caught."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Self

import numpy as np
import pytest
from families import FAMILIES, of_family

from data.errors import UnknownNameError, UserError
from data.rows import Splits, TrainingTask
from harness.conformance import benches
from harness.conformance.checks import (
    Check,
    ConformanceError,
    check_backbone_untouched,
    check_declarations,
    check_deterministic,
    check_dial,
    check_refusals,
    check_saved,
)
from harness.conformance.representations import (
    Bench,
    check_honest,
    check_representation,
    check_unknown_aspect,
)
from harness.contract.dial import Dial
from harness.contract.method import Method, Representation
from harness.contract.seeds import seed_from
from harness.encoders.backbones import Backbone
from harness.runs import discovery
from harness.system.progress import Progress

CHECKS = benches.BY_KIND["aspects"][1]


@pytest.fixture(scope="session")
def bench(backbone: Backbone) -> Bench:
    return benches.labelled(backbone)


@pytest.fixture(scope="session")
def triplet_bench(backbone: Backbone) -> Bench:
    return benches.triplets(backbone)


def learning(kind: str) -> list[str]:
    """Names of the methods that learn from tasks of a kind."""
    return [name for name in discovery.methods() if kind in discovery.load(name).kinds]


LABELLED = learning("aspects")
"""Models of texts have a suite of their own."""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", LABELLED)
def test_every_method_keeps_the_contract(name: str, check: Check, bench: Bench) -> None:
    check(discovery.load(name), bench)


@pytest.mark.parametrize("check", benches.BY_KIND["triplets"][1], ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", learning("triplets"))
def test_every_method_of_triplets_keeps_the_contract(
    name: str, check: Check, triplet_bench: Bench
) -> None:
    check(discovery.load(name), triplet_bench)


# What a method learned of evaluation rows does not depend on the backbone.
FAMILY_CHECKS = [check for check in CHECKS if check is not check_honest]
MASKS = [name for name, found in discovery.methods().items() if found.module.startswith("masking.")]


@pytest.mark.parametrize("check", FAMILY_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_masks_keep_the_contract_on_every_family(
    family: str, name: str, check: Check, bench: Bench
) -> None:
    check(discovery.load(name), replace(bench, backbone=of_family(family, bench.backbone)))


class Letters(Method):
    """An honest method without any learning: counts of letters."""

    name = "letters"

    @dataclass(frozen=True)
    class Settings:
        """Nothing to set."""

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        self.aspects = [aspect.name for aspect in task.aspects]
        return self

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        if not hasattr(self, "aspects"):
            raise UserError("letters must be fitted before it can encode")
        if aspect not in self.aspects:
            raise UnknownNameError("aspect", aspect, self.aspects)
        counts = [[text.count(letter) for letter in "aeiourstlnmd"] for text in texts]
        return np.array(counts, dtype=np.float32).reshape(len(texts), 12)

    def save(self, folder: Path) -> None:
        (folder / "aspects.json").write_text(json.dumps(self.aspects))

    def load(self, folder: Path, backbone: Backbone) -> Self:
        self.aspects = json.loads((folder / "aspects.json").read_text())
        return self

    @property
    def trainable_parameters(self) -> int:
        return 0


class Cheater(Letters):
    """Looks for the evaluation rows in the frames of its callers, and learns them by heart."""

    name = "cheater"

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        super().fit(task, backbone, seed=seed, progress=progress)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            for value in frame.f_locals.values():
                held = getattr(value, "placebo", value)
                if isinstance(held, Splits) and held.training is task:
                    rows = held.evaluation
                    self.answers = {
                        aspect.name: dict(
                            zip(rows.texts, rows.labels[aspect.name].tolist(), strict=True)
                        )
                        for aspect in task.aspects
                    }
            frame = frame.f_back
        return self

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        honest = super().encode(texts, aspect)
        answers = self.answers[aspect]
        told = np.array([[answers.get(text, 0.0)] for text in texts], dtype=np.float32)
        return np.hstack([honest, told])


def test_an_honest_method_passes_all_checks(bench: Bench) -> None:
    for check in CHECKS:
        check(Letters, bench)


def test_a_method_with_a_dial_passes_all_checks(bench: Bench) -> None:
    for check in CHECKS:
        check(Scaled, bench)


def test_a_method_that_saw_evaluation_labels_is_caught(bench: Bench) -> None:
    with pytest.raises(ConformanceError, match="has seen evaluation labels"):
        check_honest(Cheater, bench)


def test_a_cheater_that_inverts_what_it_saw_is_caught_too(bench: Bench) -> None:
    """Below chance is as telling as above: the fitted half of each fold contradicts the other."""

    class Contrarian(Cheater):
        def encode(self, texts: Sequence[str], aspect: str) -> Representation:
            told = super().encode(texts, aspect)
            fold = np.array([seed_from(text) % 2 for text in texts])
            told[:, -1] = np.where(fold == 1, 1 - told[:, -1], told[:, -1])
            told[:, :-1] = fold[:, None]
            return told

    with pytest.raises(ConformanceError, match="has seen evaluation labels"):
        check_honest(Contrarian, bench)


class Absolute(Letters):
    name = "absolute"

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        counts = super().encode(texts, aspect)
        return counts - counts.mean(axis=0, keepdims=True) if len(counts) else counts


class Doubled(Letters):
    name = "doubled"

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        return super().encode(texts, aspect).astype(np.float64)  # type: ignore[return-value]


class Dice(Letters):
    name = "dice"

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        self.noise = np.random.default_rng().normal(size=12).astype(np.float32)
        return super().fit(task, backbone, seed=seed, progress=progress)

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        return super().encode(texts, aspect) + self.noise


class Forgetful(Letters):
    name = "forgetful"

    def load(self, folder: Path, backbone: Backbone) -> Self:
        self.extra = 1.0
        return super().load(folder, backbone)

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        return super().encode(texts, aspect) + np.float32(getattr(self, "extra", 0.0))


class Pickler(Letters):
    name = "pickler"

    def save(self, folder: Path) -> None:
        super().save(folder)
        (folder / "weights.json").write_bytes(b"\x80\x04N.")


class Obliging(Letters):
    name = "obliging"

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        self.aspects = [aspect]
        return super().encode(texts, aspect)


class Meddler(Letters):
    name = "meddler"

    def fit(self, task: TrainingTask, backbone: Backbone, *, seed: int, progress: Progress) -> Self:
        backbone.model.train()
        return super().fit(task, backbone, seed=seed, progress=progress)


class Scholar(Letters):
    name = "scholar"
    studies = {"aspects": {"deep": 0}}


@dataclass(frozen=True)
class Weighed:
    weight: float = 1.0


class Scaled(Letters):
    """Counts of letters, all times a weight."""

    name = "scaled"
    Settings = Weighed
    dial = Dial("weight", (0.0, 0.5))

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        return super().encode(texts, aspect) * np.float32(self.settings.weight)


class Stuck(Letters):
    name = "stuck"
    Settings = Weighed
    dial = Dial("weight", (0.0, 0.5))
    trainable_parameters = 1


class Twice(Scaled):
    name = "twice"
    dial = Dial("weight", (0.5, 1.0))


@pytest.mark.parametrize(
    ("broken", "check", "complaint"),
    [
        (Absolute, check_representation, "depends on the other texts"),
        (Doubled, check_representation, "float64 instead of float32"),
        (Dice, check_deterministic, "under one seed differ"),
        (Forgetful, check_saved, "otherwise than the saved one"),
        (Pickler, check_saved, "pickle"),
        (Obliging, check_refusals, "before fit is not refused"),
        (Obliging, check_unknown_aspect, "an unknown aspect is not refused"),
        (Meddler, check_backbone_untouched, "changes the shared backbone"),
        (Scholar, check_declarations, "a study of aspects asks for no seeds"),
        (Stuck, check_dial, "to turn the dial weight changes nothing"),
        (Twice, check_dial, "weight=1.0 of the dial is the default"),
    ],
)
def test_each_check_catches_its_fault(
    broken: type[Method], check: Check, complaint: str, bench: Bench
) -> None:
    try:
        with pytest.raises(ConformanceError, match=complaint):
            check(broken, bench)
    finally:
        bench.backbone.model.eval()
