"""The method `readout-finetuned`."""

from collections.abc import Mapping

from torch import Tensor, nn

from baselines.decision_values import DecisionValues
from baselines.finetuned import Finetuned
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.contract.stored import restored_arrays, stored_arrays
from harness.encoders.plain_encoder import Affine


class ReadoutFinetuned(Finetuned):
    """The logits of a classifier on the finetuned encoder. Source: a control of this suite.

    As `readout`, for each aspect on the vectors that `finetuned` has for it.
    """

    name = "readout-finetuned"
    kinds = ("aspects",)
    control = True
    variants = {}
    studies = {}
    made_from = Finetuned.name

    def change(self, task: TrainingTask, *, seed: int) -> None:
        vectors = super().represent
        # All aspects of one set of texts in a row: they share the encoder's vectors.
        train, valid = (
            {aspect: (rows, vectors(rows.texts, aspect)) for aspect in self.aspects}
            for rows in (task.train, task.valid)
        )
        self.readouts = {
            a: DecisionValues.fitted(a, train[a], valid[a], seed=seed, trained=True)
            for a in self.aspects
        }

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        return self.readouts[aspect](super().represent(texts, aspect))

    def affine(self, aspect: str) -> Affine:
        return super().affine(aspect).then(self.readouts[aspect].affine)

    @property
    def trainable_parameters(self) -> int:
        read = sum(each.weight.size + each.offset.size for each in self.readouts.values())
        return super().trainable_parameters + read

    def learned(self) -> Mapping[str, nn.Module | Tensor]:
        return {**super().learned(), **stored_arrays(self.readouts)}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        super().restore(tensors)
        self.readouts = restored_arrays(DecisionValues, tensors, self.aspects)
