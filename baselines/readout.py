"""The method `readout`."""

from collections.abc import Mapping

from torch import Tensor

from baselines.decision_values import DecisionValues
from baselines.untuned import Untuned
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.contract.stored import restored_arrays, stored_arrays
from harness.encoders.plain_encoder import Affine
from harness.system.progress import Progress


class Readout(Untuned):
    """The logits of a classifier on the untuned encoder's vectors. Source: a control of this suite.

    For each aspect a logistic regression, under weights that let cells count equally; its decision
    values are the representation: *one number* a text for two classes. It is as good at telling its
    aspect and at hiding the others as a linear map can be, and keeps nothing else of the text, so
    target accuracy and leakage that are no better than its own do not show that anything was
    disentangled.
    """

    name = "readout"
    kinds = ("aspects",)
    variants = {}
    studies = {}
    control = True

    def learn(self, task: TrainingTask, *, seed: int, progress: Progress) -> None:
        parts = [(rows, self.vectors(rows.texts)) for rows in (task.train, task.valid)]
        self.readouts: dict[str, DecisionValues] = {}
        for aspect in self.aspects:
            self.readouts[aspect] = DecisionValues.fitted(aspect, *parts, seed=seed, trained=False)
            progress(len(self.readouts), len(self.aspects))

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        return self.readouts[aspect](self.vectors(texts))

    def affine(self, aspect: str) -> Affine:
        return self.readouts[aspect].affine

    def learned(self) -> Mapping[str, Tensor]:
        return stored_arrays(self.readouts)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        self.readouts = restored_arrays(DecisionValues, tensors, self.aspects)
