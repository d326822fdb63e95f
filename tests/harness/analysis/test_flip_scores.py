"""Scores of minimal pairs: intervals and marks by pairs, the table, the figure and `compare`."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_records import TWO, made_record, stored

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.evidence.effects import Clusters, effect
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs import comparison
from harness.outputs.figures import flips, style
from harness.outputs.tables import content
from harness.outputs.tables.columns import flip_metrics, pair_columns
from harness.store.base64_arrays import pack_bits, pack_codes, unpack_bits
from harness.store.draws import EvaluationDraw, draw_key
from harness.store.records import PairRows, Record

N = 240
FLIPPED = np.arange(N) % 3 == 0
"""Every third pair flips the second aspect, so that the two metrics have unequal numbers."""
GROUPS = np.arange(N) // 6


def with_pairs(record: Record, share: float, *, factors: tuple[int, ...] = (0, 1)) -> Record:
    """A record whose probes do as they should on a share of the pairs, whole groups alike."""
    rng = np.random.default_rng([record.trial.seed, round(100 * share)])
    flipped = FLIPPED.astype(np.int64) if len(factors) == 2 else np.full(N, factors[0])
    held, scores = {}, []
    for place, aspect in enumerate(TWO):
        told = rng.random(GROUPS.max() + 1)[GROUPS] * 0.5 + rng.random(N) * 0.5 < share
        held[aspect] = pack_bits(told)
        means = {}
        for code in factors:
            means[code] = float(told[flipped == code].mean())
            metric = "cause" if code == place else "isolate"
            scores.append(Score(metric, means[code], aspect, [*TWO][code], "linear"))
        if len(means) == 2:
            scores.append(Score("disentangle", sum(means.values()) / 2, aspect, probe="linear"))
            scores.append(Score("movement", 1 - share, aspect, [*TWO][1 - place]))
    return replace(
        record,
        scores=(*record.scores, *scores),
        pairs=PairRows(pack_codes(flipped), held),
    )


def records(seeds: int, **factors: tuple[int, ...]) -> list[Record]:
    levels = {"untuned": 0.4, "leace": 0.55, "masked-weights": 0.8}
    return [
        with_pairs(made_record(method, seed=seed), level, **factors)
        for method, level in levels.items()
        for seed in range(seeds)
    ]


def scores_of(folder: Path, some: list[Record], *, draws: bool = True) -> ConditionScores:
    measured = ProfileScores.read(stored(folder, some), "quick")
    if draws:
        kept = {
            draw_key(r.inputs): EvaluationDraw(np.arange(400), np.arange(400) // 2, GROUPS)
            for r in some
        }
        measured = replace(measured, draws=kept)
    return measured.at(Condition("movies", 0.85, "minilm"))


CAUSE = Metric.mean([MetricKey("cause", "genre", "genre", "linear")])
MASKS = MethodVariant("masked-weights")


@pytest.mark.parametrize("draws", [True, False])
def test_with_one_seed_intervals_are_of_pairs_by_group(tmp_path: Path, draws: bool) -> None:
    some = records(1)
    found = scores_of(tmp_path, some, draws=draws).interval(MASKS, CAUSE)
    record = next(r for r in some if r.trial.method == "masked-weights")
    assert record.pairs is not None
    told = unpack_bits(record.pairs.held["genre"], N).astype(float)
    asked = ~FLIPPED
    groups = GROUPS[asked] if draws else np.arange(asked.sum())
    # The pairs that are asked alone, which is what the zeros of the others must amount to.
    alone = Clusters.of([np.zeros(asked.sum(), dtype=np.int64)], [groups])
    expected = effect(CONDITION, {0: told[asked].mean()}, alone.sums(told[asked])).interval
    assert found is not None
    assert found.mean == pytest.approx(expected.mean)
    assert found.half_width == pytest.approx(expected.half_width, rel=0.02)
    assert found.half_width > 0


CONDITION = Condition("movies", 0.85, "minilm")


def test_disentangle_is_made_of_pairs_and_equals_its_score(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(3))
    for aspect, metric in flip_metrics(scores, "disentangle").items():
        assert metric.of_pairs
        scored = Metric.mean([MetricKey("disentangle", aspect, "", "linear")])
        for seed, value in scores.by_seed(MASKS, metric).items():
            assert value == pytest.approx(scores.by_seed(MASKS, scored)[seed])
    assert not Metric.mean([MetricKey("movement", "genre", "sentiment")]).of_pairs


def test_pairs_that_seeds_share_count_as_shared(tmp_path: Path) -> None:
    some = records(3)
    sides = [
        [Side(scores, MASKS), Side(scores, MethodVariant("untuned"))]
        for scores in (
            scores_of(tmp_path / "a", some),
            scores_of(tmp_path / "b", some, draws=False),
        )
    ]
    known, unknown = (paired(CAUSE, *each) for each in sides)
    assert known is not None
    assert unknown is not None
    assert known.rows == unknown.rows == 3 * N
    assert known.mean == unknown.mean
    # Groups of all seeds are the same ones, and take part in the error.
    assert known.error != unknown.error
    assert known.p_value < 0.05


def test_chance_is_that_of_two_guesses(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(1))
    level = {m: scores.chance(flip_metrics(scores, m)["genre"]) for m in ("cause", "isolate")}
    assert level == {"cause": 0.25, "isolate": 0.5}
    assert scores.chance(flip_metrics(scores, "movement")["genre"]) == 1


def test_the_table_has_a_column_for_each_representation(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(3))
    heads = [each.column.full_name for each in pair_columns(scores)]
    assert heads[:6] == [
        "cause, mean ↑", "cause, genre ↑", "cause, sentiment ↑",
        "isolate, mean ↑", "isolate, genre ↑", "isolate, sentiment ↑",
    ]  # fmt: skip
    assert heads[-3:] == [f"movement, {of} ↓" for of in ("mean", "genre", "sentiment")]
    table = next(t for t in content.further(scores) if t.title == content.COMPANION)
    masks = next(row for row in table.rows if row.keys == ("masked-weights",))
    assert masks.cells[1].best
    assert "±" in masks.cells[1].text
    said = content.remarks([table], several=False)
    assert any("Movement" in remark for remark in said)


def test_one_factor_has_cause_for_one_and_isolate_for_the_other(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(2, factors=(1,)))
    heads = [each.column.full_name for each in pair_columns(scores)]
    assert heads == ["cause, sentiment ↑", "isolate, genre ↑"]
    assert flips.draw(scores, looks=style.looks(scores.method_variants)) is not None


def test_without_pairs_there_is_no_table_and_no_figure(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, [made_record("untuned"), made_record("leace")], draws=False)
    assert pair_columns(scores) == ()
    assert content.COMPANION not in [table.title for table in content.further(scores)]
    assert flips.draw(scores, looks=style.looks(scores.method_variants)) is None


def test_points_stand_where_the_scores_say(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(2))
    figure = flips.draw(scores, looks=style.looks(scores.method_variants))
    assert figure is not None
    drawn = [tuple(c.lines[0].get_xydata()[0]) for c in figure.axes[0].containers]
    parts = [Metric.mean_of(list(flip_metrics(scores, m).values())) for m in ("isolate", "cause")]
    assert drawn == [
        tuple(scores.interval(each, metric).mean for metric in parts)  # type: ignore[union-attr]
        for each in scores.method_variants
    ]


def test_compare_has_a_line_for_each_column(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records(3))
    made = comparison.methods(scores.profile, "untuned", "masked-weights")
    lines = {row.keys[0]: row for row in made.tables[0].rows}
    difference = lines["cause, mean ↑"].cells[2]
    assert difference.number is not None
    assert difference.number.mean > 0.3
    assert lines["disentangle, genre ↑"].cells[4].text == f"{3 * N}"
