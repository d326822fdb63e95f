"""An audit of a method's vectors gives the numbers of its trial."""

from typing import ClassVar

import numpy as np
import pytest

from baselines.untuned import Untuned
from harness.contract.method import Representation
from harness.evaluation.aspects import evaluate
from harness.outputs.audit.measure import audit
from harness.runs.request import Request, plan_request
from harness.system.progress import silent


class Leaking(Untuned):
    """The frozen encoder with the genre of evaluation rows planted in one coordinate."""

    name = "leaking"
    genres: ClassVar[dict[str, int]] = {}

    def represent(self, texts: tuple[str, ...], aspect: str) -> Representation:
        vectors = self.vectors(texts).copy()
        vectors[:, 0] += [5.0 * self.genres.get(text, 0) for text in texts]
        return vectors


@pytest.mark.parametrize("method_class", [Untuned, Leaking])
def test_an_audit_of_a_method_gives_the_numbers_of_its_trial(method_class: type[Untuned]) -> None:
    trials, trial_inputs = plan_request(Request(profile="smoke", methods=("untuned",)))
    prepared = trial_inputs.prepare(trials[0])
    splits, reference = trial_inputs.splits(trials[0]), trial_inputs.beside(prepared)["reference"]
    assert reference is not None
    backbone = trial_inputs.backbone(trials[0].backbone)
    fitted = {
        each: each().fit(splits.training, backbone, seed=0, progress=silent)
        for each in (Untuned, method_class)
    }
    genres = splits.evaluation.labels["genre"].tolist()
    Leaking.genres = dict(zip(splits.evaluation.texts, genres, strict=True))
    measured = evaluate(
        fitted[method_class],
        splits,
        seed=prepared.split_seed,
        pictures=False,
        progress=silent,
        reference=reference,
    )
    expected = {
        (score.metric, score.representation, score.factor, score.probe): score.value
        for score in measured.scores
    }
    rows = splits.evaluation
    labels = {
        # Classes sort by name as they stand in the task, and groups by number.
        aspect.name: [f"{code} {aspect.classes[code]}" for code in rows.labels[aspect.name]]
        for aspect in rows.aspects
    }
    found = audit(
        {name: fitted[method_class].encode(rows.texts, name) for name in labels},
        labels,
        groups=[f"{group:06}" for group in rows.groups],
        against=fitted[Untuned].encode(rows.texts, rows.aspects[0].name),
        seed=prepared.split_seed,
    )
    assert found.used == len(rows)
    assert len(found.readings) == 2 * 2 * 6
    for reading in found.readings:
        what = (reading.representation, reading.aspect, reading.probe)
        metric = "target_accuracy" if reading.role == "target" else "leakage"
        assert reading.accuracy.mean == expected[metric, *what]
        assert reading.usable_bits.mean == expected["usable_bits", *what]
        if reading.description_length is not None:
            assert reading.description_length == expected["description_length", *what]
    leaks = expected["leakage", "sentiment", "genre", "linear"]
    assert leaks == 1 if method_class is Leaking else leaks < 0.95
    for representation in found.representations:
        kept = representation.kept
        assert kept is not None
        told = {
            "effective_rank": representation.effective_rank,
            "neighbours_kept": kept.neighbours.mean,
            "recovered": kept.recovered,
            "linear_cka": kept.linear_cka,
        }
        for metric, value in told.items():
            stored = expected[metric, representation.name, "", ""]
            np.testing.assert_allclose(value, stored, rtol=1e-6, err_msg=metric)
