"""The area along a dial: hand-worked curves, stored trials, the tables, the figure, `compare`."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_records import made_record, stored

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.metrics import Area, Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.outputs import comparison
from harness.outputs.figures import dials, style, write_figures
from harness.outputs.tables import content
from harness.outputs.tables.columns import area_columns
from harness.store.records import Record, key_of

LEAKAGE, MERIT = (Metric.mean([MetricKey(name)]) for name in ("leakage", "target_accuracy"))
AREA = Area(LEAKAGE, MERIT, 0.5, 0.5)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0.5, 1.0)], 1.0, id="a perfect method"),
        pytest.param([(0.9, 1.0)], 0.0, id="the untuned encoder, whatever it tells"),
        pytest.param([(0.5, 0.5)], 0.0, id="a constant"),
        # A rectangle: three quarters of the leakage gone, .8 is .6 of the way to 1.
        pytest.param([(0.6, 0.8)], 0.75 * 0.6, id="a single point"),
        pytest.param([(0.6, 0.8), (0.7, 0.9)], 0.75 * 0.6 + 0.5 * 0.2, id="two steps"),
        pytest.param([(0.7, 0.9), (0.6, 0.8)], 0.55, id="in any order"),
        pytest.param([(0.6, 0.8), (0.7, 0.7)], 0.45, id="not monotone: leaks more, tells less"),
        pytest.param([(0.6, 0.8), (0.65, 0.6), (0.7, 0.9)], 0.55, id="a dent"),
        pytest.param([(0.6, 0.8), (0.6, 0.9)], 0.75 * 0.8, id="the better of two that leak alike"),
        pytest.param([(0.45, 0.8)], 0.6, id="leakage below chance counts as chance"),
        pytest.param([(0.95, 1.0), (0.6, 0.8)], 0.45, id="leaks more than untuned"),
        pytest.param([(0.6, 0.4)], 0.0, id="tells less than guessing"),
    ],
)
def test_hand_worked_curves(points: list[tuple[float, float]], expected: float) -> None:
    numbers = [0.9, *(number for point in points for number in point)]
    assert AREA.value(numbers) == pytest.approx(expected)


TURNED = {"strength=0.5": (0.74, 0.72, 0.9), "strength=0.8": (0.72, 0.66, 0.8)}
"""Target, leakage and neighbours of positions of a dial."""

CONDITION = Condition("movies", 0.85, "minilm")
LEACE, UNTUNED = MethodVariant("leace"), MethodVariant("untuned")


def records(seeds: int = 3) -> list[Record]:
    made = []
    for seed in range(seeds):
        made += [
            made_record("untuned", seed=seed, target=0.76, leakage=0.76, kept=1.0),
            made_record("readout", seed=seed, target=0.75, leakage=0.52, kept=0.02, control=True),
            made_record("masked-weights", seed=seed, target=0.78, leakage=0.6, kept=0.05),
        ]
        for variant, (target, leakage, kept) in {**TURNED, "default": (0.7, 0.55, 0.7)}.items():
            changes = {"target": target, "leakage": leakage, "kept": kept, "variant": variant}
            record = made_record("leace", seed=seed, **changes)
            strength = {"strength": float(variant.partition("=")[2] or 1)}
            inputs = {**record.inputs, "settings": strength}
            made.append(replace(record, inputs=inputs, key=key_of(inputs)))
    return made


def scores_of(folder: Path, some: list[Record]) -> ConditionScores:
    return ProfileScores.read(stored(folder, some), "quick").at(CONDITION)


def test_the_area_of_stored_trials_is_that_of_all_positions_of_a_seed(tmp_path: Path) -> None:
    some = [r for r in records() if (r.trial.variant, r.trial.seed) != ("strength=0.5", 2)]
    scores = scores_of(tmp_path, some)
    names = [each.variant for each in scores.positions(LEACE)]
    assert names == ["strength=0.5", "strength=0.8", "default"]
    metric = area_columns(scores)[0].metric
    assert isinstance(metric, Area)
    limits = scores.by_seed(UNTUNED, metric.leakage)
    for seed, found in scores.by_seed(LEACE, metric).items():
        # A position without one of the seeds counts in none.
        points = [
            number
            for each in (MethodVariant("leace", "strength=0.8"), LEACE)
            for number in (scores.by_seed(each, part)[seed] for part in (LEAK, TARGET))
        ]
        assert found == pytest.approx(metric.value([limits[seed], *points]))
        assert 0 < found < 1
    assert set(scores.by_seed(UNTUNED, metric).values()) == {0.0}
    alone = scores.by_seed(MethodVariant("leace", "strength=0.8"), metric)
    assert all(value < scores.by_seed(LEACE, metric)[seed] for seed, value in alone.items())


def test_a_default_may_have_more_seeds_than_its_dial(tmp_path: Path) -> None:
    dial = [r for r in records(5) if r.trial.variant == "default" or r.trial.seed < 3]
    more, equal = scores_of(tmp_path / "5", dial), scores_of(tmp_path / "3", records(3))
    for metric in (column.metric for column in area_columns(more)):
        assert more.by_seed(LEACE, metric) == equal.by_seed(LEACE, metric)
        # Without a dial all seeds count.
        assert set(more.by_seed(MethodVariant("masked-weights"), metric)) == {*range(5)}


LEAK, TARGET = (
    Metric.mean([MetricKey(metric, a, b, "linear") for a, b in pairs], lower_is_better=low)
    for metric, pairs, low in (
        ("leakage", [("genre", "sentiment"), ("sentiment", "genre")], True),
        ("target_accuracy", [("genre", "genre"), ("sentiment", "sentiment")], False),
    )
)


def test_areas_are_paired_over_seeds(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records())
    metric = area_columns(scores)[1].metric
    found = paired(metric, Side(scores, LEACE), Side(scores, MethodVariant("masked-weights")))
    assert found is not None
    assert found.seeds == (0, 1, 2)
    # LEACE keeps neighbours, masks do not.
    assert found.mean > 0.3
    assert found.p_value < 0.05
    assert scores.interval(LEACE, metric).known  # type: ignore[union-attr]


def test_the_companion_table_has_them_with_intervals_for_controls_too(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records())
    table = next(t for t in content.further(scores) if t.title == content.COMPANION)
    heads = [head.name for head in table.columns]
    assert heads[1:] == [f"{m}, {p} ↑" for p in ("linear", "strongest") for m in NAMES]
    rows = {row.keys[0]: row for row in table.rows}
    assert all("±" in cell.text for cell in rows["leace"].cells[1:])
    assert rows["readout"].apart
    assert "±" in rows["readout"].cells[1].text
    assert rows["leace"].cells[2].best
    assert not rows["untuned"].cells[2].best
    said = content.remarks([table], several=False)
    assert any("Area along the dial" in remark for remark in said)


NAMES = ("target", "neighbours")


def test_compare_has_a_line_for_each_area(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records())
    made = comparison.methods(scores.profile, "masked-weights", "leace")
    lines = {row.keys[0]: row for row in made.tables[0].rows}
    assert lines["area along the dial, neighbours, linear ↑"].cells[-1].text == "leace"


def test_the_figure_has_a_curve_for_each_dial(tmp_path: Path) -> None:
    scores = scores_of(tmp_path, records())
    figure = dials.draw(scores, looks=style.looks(scores.method_variants))
    assert figure is not None
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["untuned", "leace"]
    kept = scores.mean_kept("neighbours_kept")
    for ax, merit in zip(figure.axes, (TARGET, kept), strict=False):
        expected = [
            tuple(scores.interval(each, metric).mean for metric in (LEAK, merit))  # type: ignore[union-attr]
            for each in scores.positions(LEACE)
        ]
        curves = [[tuple(p) for p in line.get_xydata()] for line in ax.lines]
        assert expected in curves
    names = [path.name for path in write_figures(tmp_path, "quick")]
    assert "movies-rho0.85-minilm-dials.png" in names


def test_without_a_dial_there_is_neither_table_nor_figure(tmp_path: Path) -> None:
    """That of a control alone shows what others have nothing to be compared with."""
    some = [r for r in records(2) if "=" not in r.trial.variant]
    some += [made_record("readout", variant="rank=1", seed=s, control=True) for s in range(2)]
    scores = scores_of(tmp_path, some)
    assert area_columns(scores) == ()
    assert content.COMPANION not in [table.title for table in content.further(scores)]
    assert dials.draw(scores, looks=style.looks(scores.method_variants)) is None
