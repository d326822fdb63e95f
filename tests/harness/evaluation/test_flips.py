"""What flips say of representations that are known by construction."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from test_aspects import Oracle, measured, value

from data.minimal_pairs import pairs_of
from data.rows import Pairs, Rows, Splits, TrainingTask
from harness.contract.method import Representation
from harness.contract.scores import Score
from harness.evaluation.minimal_pairs import answered
from harness.evaluation.probes import fit_linear
from harness.store.base64_arrays import unpack_bits, unpack_codes

WIDTH = 24


def flipped_rows(rows: Rows, aspects: Sequence[str] = ("colour", "animal")) -> Pairs:
    """Each row with every aspect flipped in turn, under numbers of its own."""
    texts, labels, names = [], {a.name: [] for a in rows.aspects}, []
    for place, text in enumerate(rows.texts):
        for changed in ("", *aspects):
            for aspect in rows.aspects:
                code = int(rows.labels[aspect.name][place])
                if aspect.name == changed:
                    text_now = text.replace(aspect.classes[code], aspect.classes[1 - code])
                    code = 1 - code
                labels[aspect.name].append(code)
            texts.append(text_now if changed else text)
            names.append(str(place))
    made = Rows(
        tuple(map(str, range(len(texts)))),
        tuple(texts),
        {name: np.array(codes, dtype=np.int64) for name, codes in labels.items()},
        -1 - np.array([int(name) for name in names]),
        rows.aspects,
    )
    return pairs_of(made, names)


@pytest.fixture
def pairs(toy_rows: Callable[..., Rows]) -> Pairs:
    return flipped_rows(toy_rows(150, offset=90_000))


Represent = Callable[[Rows, int], np.ndarray]


def encoder(rows: Rows, seed: int) -> np.ndarray:
    """Standard normal, shifted by both aspects in one unit; texts of a group share most."""
    of_group = {g: np.random.default_rng([7, abs(g)]).normal(size=WIDTH) for g in set(rows.groups)}
    shared = np.array([of_group[group] for group in rows.groups])
    found = shared + 0.3 * np.random.default_rng(seed).normal(size=shared.shape)
    # What an encoder entangles: one direction tells both.
    found[:, 0] += 2.5 * rows.labels["colour"] + 1.5 * rows.labels["animal"]
    found[:, 1] += 1.5 * rows.labels["animal"]
    return found


def planted(rows: Rows, seed: int) -> np.ndarray:
    """The same without the other aspect in the unit that tells the own."""
    found = encoder(rows, seed)
    found[:, 0] += 4 * rows.labels["colour"] - 1.5 * rows.labels["animal"]
    found[:, 1] -= 1.5 * rows.labels["animal"]
    return found


REPRESENTED: dict[str, Represent] = {
    "logit": lambda rows, seed: 6.0 * rows.labels["colour"][:, None] - 3.0,
    "random": lambda rows, seed: np.random.default_rng(seed).normal(size=(len(rows), WIDTH)),
    "constant": lambda rows, seed: np.full((len(rows), 3), 0.5),
    "encoder": encoder,
    "planted": planted,
    "other": lambda rows, seed: 6.0 * rows.labels["animal"][:, None] - 3.0,
}


def answers(name: str, rows: Rows, pairs: Pairs) -> tuple[list[Score], NDArray[np.bool_]]:
    """The representation for `colour`, read by a probe of rows of other groups."""
    made = REPRESENTED[name]
    fitted = fit_linear(made(rows, 1).astype(np.float32), rows.labels["colour"], c=0.1)
    return answered(fitted, made(pairs.rows, 2).astype(np.float32), pairs, "colour")


def of(found: tuple[list[Score], NDArray[np.bool_]]) -> dict[str, float]:
    return {score.metric: score.value for score in found[0]}


def test_a_representation_that_is_its_label_has_one_and_one(
    toy_rows: Callable[..., Rows], pairs: Pairs
) -> None:
    scores, held = answers("logit", toy_rows(100), pairs)
    assert scores == [
        Score("cause", 1.0, "colour", "colour", "linear"),
        Score("isolate", 1.0, "colour", "animal", "linear"),
        Score("movement", 0.0, "colour", "animal"),
        Score("disentangle", 1.0, "colour", probe="linear"),
    ]
    assert held.all()
    # Before: what is the other label follows the wrong flips, and the own never.
    other = of(answers("other", toy_rows(100), pairs))
    assert other["cause"] == 0
    assert "movement" not in other


def test_what_tells_nothing_has_what_two_guesses_have(
    toy_rows: Callable[..., Rows], pairs: Pairs
) -> None:
    found = of(answers("random", toy_rows(100), pairs))
    assert found["cause"] == pytest.approx(0.25, abs=0.06)
    assert found["isolate"] == pytest.approx(0.5, abs=0.06)
    assert found["movement"] == pytest.approx(1, abs=0.05)
    constant = of(answers("constant", toy_rows(100), pairs))
    assert constant == {"cause": 0.0, "isolate": 1.0, "disentangle": 0.5}


def test_the_encoder_lies_below_what_is_planted(
    toy_rows: Callable[..., Rows], pairs: Pairs
) -> None:
    before, after = (of(answers(name, toy_rows(100), pairs)) for name in ("encoder", "planted"))
    assert before["disentangle"] + 0.05 < after["disentangle"] < 1
    assert before["movement"] > 2 * after["movement"]


def test_one_factor_alone_gives_cause_or_isolate(
    toy_rows: Callable[..., Rows], pairs: Pairs
) -> None:
    for aspect, metrics in ((0, {"cause"}), (1, {"isolate"})):
        some = pairs.take(np.flatnonzero(pairs.flipped == aspect))
        assert len(some.rows) == 2 * len(some.flipped)
        assert set(of(answers("planted", toy_rows(100), some))) == metrics


@pytest.fixture
def splits(toy_rows: Callable[..., Rows], monkeypatch: pytest.MonkeyPatch) -> Splits:
    from harness.evaluation import aspects

    monkeypatch.setattr(aspects, "PROBES", {"linear": aspects.PROBES["linear"]})
    train = toy_rows(30, offset=50_000)
    pairs = flipped_rows(toy_rows(20, offset=90_000))
    return Splits(TrainingTask("toy", train.aspects, 0.5, train, train), toy_rows(30), pairs=pairs)


class Paired(Oracle):
    """Without noise, so that flips are all that moves it."""

    def encode(self, texts: Sequence[str], aspect: str) -> Representation:
        self.encoded.append((len(texts), aspect))
        colour = np.array(["blue" in text for text in texts], dtype=float)
        animal = np.array(["dog" in text for text in texts], dtype=float)
        own, other = (colour, animal) if aspect == "colour" else (animal, colour)
        return (8 * own + self.leak * other)[:, None].astype(np.float32)


def test_an_evaluation_keeps_what_the_scores_are_made_of(splits: Splits) -> None:
    found = measured(Paired(leak=8), splits)
    assert found.pairs is not None
    flips = unpack_codes(found.pairs.flipped)
    assert splits.pairs is not None
    assert np.array_equal(flips, splits.pairs.flipped)
    for place, (own, other) in enumerate((("colour", "animal"), ("animal", "colour"))):
        held = unpack_bits(found.pairs.held[own], len(flips))
        cause = value(found, "cause", own, own, "linear")
        isolate = value(found, "isolate", own, other, "linear")
        assert held[flips == place].mean() == cause
        assert held[flips != place].mean() == isolate
        assert value(found, "disentangle", own, "", "linear") == pytest.approx(
            (cause + isolate) / 2
        )
    # The leak is as large as the class: half of the flips of either carry over a threshold.
    assert value(found, "disentangle", "colour", "", "linear") < 0.9
    clean = measured(Paired(), splits)
    assert value(clean, "cause", "colour", "colour", "linear") == 1
    assert value(clean, "isolate", "animal", "colour", "linear") == 1


def test_a_task_without_pairs_has_no_such_scores(splits: Splits) -> None:
    found = measured(Paired(), replace(splits, pairs=None))
    assert found.pairs is None
    told = {score.metric for score in found.scores}
    assert not told & {"cause", "isolate", "disentangle", "movement"}


def test_texts_of_pairs_are_encoded_once(splits: Splits) -> None:
    method = Paired()
    measured(method, splits)
    assert splits.pairs is not None
    assert [n for n, _ in method.encoded].count(len(splits.pairs.rows)) == 2
