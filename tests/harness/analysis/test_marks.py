"""Scores and records asked together: intervals, tests, ties, faults and gaps."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_records import THREE, made_record, stored, usual_records

from data.errors import UserError
from harness.analysis.marks import below_chance, p_value, ties
from harness.analysis.metrics import Condition, Distance, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval, seeds_p_value, wilson_interval
from harness.outputs.tables.columns import mean_columns

MOVIES = Condition("movies", 0.85, "minilm")


def read(tmp_path, records):
    return ProfileScores.read(stored(tmp_path, records), "quick")


def test_intervals_over_seeds_and_over_rows(tmp_path):
    several = read(tmp_path / "several", usual_records(3))
    linear = several.mean_leakage(MOVIES, "linear")
    values = list(several.by_seed(MOVIES, MethodVariant("untuned"), linear).values())
    assert several.interval(MOVIES, MethodVariant("untuned"), linear) == mean_interval(values)

    single = read(tmp_path / "single", usual_records(1))
    target = single.target("genre", "linear")
    (share,) = single.by_seed(MOVIES, MethodVariant("untuned"), target).values()
    interval = single.interval(MOVIES, MethodVariant("untuned"), target)
    assert interval == wilson_interval(round(share * 400), 400)
    mean = single.interval(MOVIES, MethodVariant("untuned"), single.mean_leakage(MOVIES, "linear"))
    assert mean.known
    worst = single.interval(MOVIES, MethodVariant("untuned"), single.mean_worst_group(MOVIES))
    assert not worst.known


def test_rows_reproduce_the_stored_scores(tmp_path):
    measured = read(tmp_path, usual_records(2))
    for method_variant in measured.method_variants(MOVIES):
        gap = measured.mean_target(MOVIES, "linear").minus(measured.mean_leakage(MOVIES, "linear"))
        for seed, value in measured.by_seed(MOVIES, method_variant, gap).items():
            rows = measured.rows(MOVIES, method_variant, gap, seed)
            assert rows.mean() == pytest.approx(value)


def test_a_clear_winner_is_alone_and_equals_are_tied(tmp_path):
    measured = read(
        tmp_path,
        [
            made_record(method, seed=seed, leakage=leakage, rows=2000)
            for method, leakage in (("untuned", 0.8), ("first", 0.6), ("second", 0.6))
            for seed in range(4)
        ],
    )
    leakages = ties(measured, MOVIES, measured.mean_leakage(MOVIES, "linear"))
    assert leakages == {MethodVariant("first"), MethodVariant("second")}
    targets = ties(measured, MOVIES, measured.mean_target(MOVIES, "linear"))
    assert len(targets) == 3


def test_rows_are_paired_only_where_they_are_the_same(tmp_path):
    first = [made_record("first", seed=s, leakage=0.6, rows=400) for s in range(2)]
    second = [made_record("second", seed=s, leakage=0.7, rows=404) for s in range(2)]
    measured = read(tmp_path, [*first, *second])
    metric = measured.leakage(MOVIES, "genre", "linear")
    a, b = MethodVariant("first"), MethodVariant("second")
    differences = np.subtract(*(list(measured.by_seed(MOVIES, c, metric).values()) for c in (a, b)))
    assert p_value(measured, MOVIES, metric, a, b) == seeds_p_value(differences)
    assert isnan(p_value(measured, MOVIES, metric, a, MethodVariant("absent")))


def test_leakage_below_chance_is_a_fault_and_never_best(tmp_path):
    records = [*usual_records(3), *(made_record("seen", seed=s, leakage=0.3) for s in range(3))]
    measured = read(tmp_path, records)
    metric = measured.mean_leakage(MOVIES, "linear")
    assert below_chance(measured, MOVIES, metric) == {MethodVariant("seen")}
    assert MethodVariant("seen") not in ties(measured, MOVIES, metric)
    assert MethodVariant("masked-weights") in ties(measured, MOVIES, metric)
    assert below_chance(measured, MOVIES, measured.mean_target(MOVIES, "linear")) == frozenset()


@pytest.mark.parametrize("seeds", [1, 3, 6])
def test_limits_change_no_mark(tmp_path, seeds):
    rng = np.random.default_rng(seeds)
    records = [
        made_record(
            f"method-{number}",
            seed=seed,
            target=0.7 + 0.05 * rng.standard_normal(),
            leakage=0.55 + 0.05 * rng.standard_normal(),
        )
        for number in range(8)
        for seed in range(seeds if number else 1)
    ]
    marked = read(tmp_path, records)
    drawn = read(tmp_path, records)
    object.__setattr__(drawn, "row_bits", lambda *_: [])
    for column in mean_columns(marked, MOVIES):
        asked = MOVIES, column.metric
        assert ties(marked, *asked) == ties(drawn, *asked)
        assert below_chance(marked, *asked) == below_chance(drawn, *asked)


def test_leakage_at_chance_is_no_fault(tmp_path):
    records = [
        made_record(name, seed=s, leakage=0.5) for name in ("untuned", "b", "c") for s in range(3)
    ]
    measured = read(tmp_path, records)
    assert not below_chance(measured, MOVIES, measured.mean_leakage(MOVIES, "linear"))


def test_chance_of_any_number_of_classes(tmp_path):
    measured = read(tmp_path, [made_record("untuned", aspects=THREE, rows=480)])
    assert measured.aspects(MOVIES) == ("animal", "colour", "size")
    size = measured.leakage(MOVIES, "size", "linear")
    assert measured.chance(MOVIES, size) == pytest.approx((1 / 3 + 1 / 4) / 2)
    bits = Metric.mean([MetricKey("description_length", "size", "animal", "linear")])
    assert measured.chance(MOVIES, bits) == 2.0
    assert isnan(measured.chance(MOVIES, Metric.mean([MetricKey("fit_seconds")])))


def test_problems_name_seeds_and_reasons(tmp_path):
    records = [
        *usual_records(3),
        made_record("broken", seed=0),
        made_record("broken", seed=1, status="failed", reason="ValueError: nan"),
        made_record("other", seed=2, status="skipped", reason="needs triplets"),
    ]
    measured = read(tmp_path, records)
    found = [
        (p.status, p.reason, p.seeds) for p in measured.problems(MOVIES, MethodVariant("broken"))
    ]
    assert found == [("failed", "ValueError: nan", (1,)), ("missing", "not run", (2,))]
    found = [(p.status, p.seeds) for p in measured.problems(MOVIES, MethodVariant("other"))]
    assert found == [("missing", (0, 1)), ("skipped", (2,))]
    assert measured.problems(MOVIES, MethodVariant("untuned")) == ()


def test_order_reference_first_then_leakage_then_missing(tmp_path):
    records = [
        *usual_records(2),
        made_record("untuned", variant="first-layer", leakage=0.55),
        made_record("absent", seed=0, status="failed", reason="no"),
        made_record("elsewhere", task="tweets"),
    ]
    measured = read(tmp_path, records)
    labels = [c.label for c in measured.method_variants(MOVIES)]
    assert labels == [
        "untuned",
        "masked-weights",
        "adversarial",
        "absent",
    ]
    assert measured.absent(MOVIES) == ("elsewhere",)
    assert measured.absent(Condition("tweets", 0.85, "minilm")) == (
        "absent",
        "adversarial",
        "masked-weights",
        "untuned",
    )


def test_upper_bounds_come_last_and_are_compared_with_nobody(tmp_path):
    oracle = [made_record("oracle", seed=s, leakage=0.52, balanced=True) for s in range(3)]
    measured = read(tmp_path, [*usual_records(3), *oracle])
    assert measured.upper_bounds == {"oracle"}
    assert [c.label for c in measured.method_variants(MOVIES)][-1] == "oracle"
    assert MethodVariant("oracle") not in measured.competitors(MOVIES)
    assert len(measured.competitors(MOVIES)) == 3
    metric = measured.mean_leakage(MOVIES, "linear")
    assert ties(measured, MOVIES, metric) == {MethodVariant("masked-weights")}
    everyone = measured.method_variants(MOVIES)
    assert ties(measured, MOVIES, metric, everyone) == {MethodVariant("oracle")}


def test_a_distance_speaks_of_seeds_alone(tmp_path):
    measured = read(tmp_path, usual_records(3))
    target, leakage = (f(MOVIES, "linear") for f in (measured.mean_target, measured.mean_leakage))
    distance = Distance(target, leakage, measured.chance(MOVIES, leakage))
    assert distance.metric_keys == (*target.metric_keys, *leakage.metric_keys)
    a, b = MethodVariant("untuned"), MethodVariant("masked-weights")
    by_seed = [measured.by_seed(MOVIES, c, distance) for c in (a, b)]
    differences = [by_seed[0][seed] - by_seed[1][seed] for seed in range(3)]
    assert p_value(measured, MOVIES, distance, a, b) == seeds_p_value(differences)
    assert measured.rows(MOVIES, a, distance, 0) is None
    # Where the parts speak of rows, which the distance is no mean of.
    assert measured.rows(MOVIES, a, target, 0) is not None
    assert below_chance(measured, MOVIES, distance) == frozenset()
    single = read(tmp_path / "single", usual_records(1))
    assert not single.interval(MOVIES, a, distance).known


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2))
def test_a_distance_falls_with_more_target_and_with_leakage_nearer_chance(target, leakage, step):
    reads, leaks = MetricKey("target_accuracy", "a", "a"), MetricKey("leakage", "a", "b")
    distance = Distance(Metric.mean([reads]), Metric.mean([leaks]), 0.5)
    here = distance.value([target, leakage])
    assert here >= distance.value([min(target + step, 1.0), leakage])
    nearer = 0.5 + max(abs(leakage - 0.5) - step, 0.0)
    assert here >= distance.value([target, nearer]) - 1e-12
    assert distance.value([1.0, 0.5]) == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(6)))
def test_the_order_of_records_does_not_matter(order):
    records = usual_records(2)
    with tempfile.TemporaryDirectory() as scratch:
        measured = read(Path(scratch), [records[i] for i in order])
    metric = measured.mean_leakage(MOVIES, "linear")
    assert measured.method_variants(MOVIES)[0] == MethodVariant("untuned")
    assert MethodVariant("masked-weights") in ties(measured, MOVIES, metric)


def test_bad_score_files_say_what_to_do(tmp_path):
    with pytest.raises(UserError, match="run `python -m harness run --profile quick` first"):
        ProfileScores.read(tmp_path, "quick")
    path = stored(tmp_path, usual_records(1)) / "quick" / "scores.csv"
    text = path.read_text()
    for broken, complaint in (
        (text.replace("metric,value", "metric,number", 1), "columns"),
        (text.splitlines()[0] + "\nmovies,.85,minilm,untuned\n", "line 2"),
        (text.rsplit(",", 1)[0] + ",many\n", "many"),
        ("", "columns"),
    ):
        path.write_text(broken)
        with pytest.raises(UserError, match=complaint):
            ProfileScores.read(tmp_path, "quick")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        ProfileScores.read(tmp_path, "quick")


def test_scores_alone_are_enough_for_means(tmp_path):
    shutil.rmtree(stored(tmp_path, usual_records(2)) / "quick" / "records")
    measured = ProfileScores.read(tmp_path, "quick")
    metric = measured.mean_leakage(MOVIES, "linear")
    assert measured.interval(MOVIES, MethodVariant("untuned"), metric).known
    assert isnan(measured.chance(MOVIES, metric))
    assert MethodVariant("masked-weights") in ties(measured, MOVIES, metric)


def test_tables_and_figures_need_neither_torch_nor_scikit_learn(tmp_path):
    stored(tmp_path, usual_records(2, pictures=True))
    program = (
        "import sys; from pathlib import Path; "
        "from harness.outputs.tables import write_tables, render_summary; "
        "from harness.outputs.figures import write_figures; "
        "assert 'matplotlib' not in sys.modules; "
        f"root = Path({str(tmp_path)!r}); "
        "write_tables(root, 'quick'); render_summary(root, 'quick'); "
        "assert 'matplotlib' not in sys.modules; "
        "write_figures(root, 'quick'); "
        "print([m for m in ('torch', 'sklearn', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
