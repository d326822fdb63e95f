"""Scores and records asked together: intervals, tests, ties, faults and gaps."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_records import THREE, made_record, stored, usual_records
from scipy import stats

from data.errors import UserError
from harness.analysis.evidence.pairing import Side, paired
from harness.analysis.marks import below_chance, p_value, ties
from harness.analysis.metrics import Condition, Distance, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.row_correctness import keeps_rows, key_rows
from harness.analysis.statistics import mean_interval
from harness.store.base64_arrays import pack_bits
from harness.store.draws import EvaluationDraw, draw_key, write_draw
from harness.store.records import key_of

MOVIES = Condition("movies", 0.85, "minilm")


def read(tmp_path, records):
    return ProfileScores.read(stored(tmp_path, records), "quick")


def test_intervals_over_seeds_and_over_rows(tmp_path):
    several = read(tmp_path / "several", usual_records(3)).at(MOVIES)
    linear = several.mean_leakage("linear")
    values = list(several.by_seed(MethodVariant("untuned"), linear).values())
    assert several.interval(MethodVariant("untuned"), linear) == mean_interval(values)

    single = read(tmp_path / "single", usual_records(1)).at(MOVIES)
    target = single.target("genre", "linear")
    (share,) = single.by_seed(MethodVariant("untuned"), target).values()
    interval = single.interval(MethodVariant("untuned"), target)
    binomial = (share * (1 - share) / 400) ** 0.5
    assert interval.half_width == pytest.approx(1.966 * binomial, rel=0.02)
    mean = single.interval(MethodVariant("untuned"), single.mean_leakage("linear"))
    assert mean.known
    worst = single.interval(MethodVariant("untuned"), single.mean_worst_group())
    assert not worst.known


def test_rows_of_a_group_count_together_with_one_seed_too(tmp_path):
    """Were each row ten times there, its interval would be as wide as that of one of them."""
    record = made_record("untuned")
    told = np.repeat(record.correct_rows("genre", "genre", "linear")[:40], 10)
    right = {**record.right, "genre/genre/linear": pack_bits(told)}
    measured = read(tmp_path, [replace(record, right=right)])
    groups = np.arange(400) // 10
    drawn = EvaluationDraw(np.arange(400), groups, np.array([], dtype=np.int64))
    clustered = replace(measured, draws={draw_key(record.inputs): drawn})
    target = measured.at(MOVIES).target("genre", "linear")
    alone, together = (
        each.at(MOVIES).interval(MethodVariant("untuned"), target) for each in (measured, clustered)
    )
    assert together.mean == alone.mean
    assert together.half_width == pytest.approx(10**0.5 * alone.half_width, rel=0.1)


def test_where_all_rows_are_right_one_seed_has_no_limits(tmp_path):
    single = read(tmp_path, [made_record("untuned", target=1.0)]).at(MOVIES)
    found = single.interval(MethodVariant("untuned"), single.target("genre", "linear"))
    assert (found.mean, found.known) == (1.0, False)


def test_rows_reproduce_the_stored_scores(tmp_path):
    scores = read(tmp_path, usual_records(2)).at(MOVIES)
    for method_variant in scores.method_variants:
        gap = scores.mean_target("linear").minus(scores.mean_leakage("linear"))
        for seed, value in scores.by_seed(method_variant, gap).items():
            record = scores.trials[method_variant][seed]
            rows = gap.value([key_rows(record, key) for key in gap.metric_keys])
            assert rows.mean() == pytest.approx(value)


def test_a_clear_winner_is_alone_and_equals_are_tied(tmp_path):
    records = [
        made_record(method, seed=seed, leakage=leakage, rows=2000)
        for method, leakage in (("untuned", 0.8), ("first", 0.6), ("second", 0.6))
        for seed in range(4)
    ]
    scores = read(tmp_path, records).at(MOVIES)
    leakages = ties(scores, scores.mean_leakage("linear"))
    assert leakages == {MethodVariant("first"), MethodVariant("second")}
    targets = ties(scores, scores.mean_target("linear"))
    assert len(targets) == 3


def test_rows_are_paired_only_where_they_are_the_same(tmp_path):
    first = [made_record("first", seed=s, leakage=0.6, rows=400) for s in range(2)]
    second = [made_record("second", seed=s, leakage=0.7, rows=404) for s in range(2)]
    scores = read(tmp_path, [*first, *second]).at(MOVIES)
    metric = scores.leakage("genre", "linear")
    a, b = MethodVariant("first"), MethodVariant("second")
    assert paired(metric, Side(scores, a), Side(scores, b)).rows == 0
    by_seed = [list(scores.by_seed(c, metric).values()) for c in (a, b)]
    expected = stats.ttest_rel(*by_seed)
    assert p_value(scores, metric, a, b) == pytest.approx(expected.pvalue)
    assert isnan(p_value(scores, metric, a, MethodVariant("absent")))


def test_leakage_below_chance_is_a_fault_and_never_best(tmp_path):
    records = [*usual_records(3), *(made_record("seen", seed=s, leakage=0.3) for s in range(3))]
    scores = read(tmp_path, records).at(MOVIES)
    metric = scores.mean_leakage("linear")
    assert below_chance(scores, metric) == {MethodVariant("seen")}
    assert MethodVariant("seen") not in ties(scores, metric)
    assert MethodVariant("masked-weights") in ties(scores, metric)
    assert below_chance(scores, scores.mean_target("linear")) == frozenset()


def test_one_seed_marks_nothing(tmp_path):
    scores = read(tmp_path, usual_records(1)).at(MOVIES)
    metric = scores.mean_leakage("linear")
    assert ties(scores, metric) == frozenset()
    assert below_chance(scores, metric) == frozenset()
    beside = read(tmp_path / "beside", [*usual_records(3), made_record("one", leakage=0.5)])
    assert MethodVariant("one") not in ties(beside.at(MOVIES), metric)


def with_films(records, groups_of):
    """Records on a stored draw whose films are given for each seed, and the draws to write."""
    made = []
    for record in records:
        named = {"task": {"name": "movies"}, "corpus": {}, "correlation": 0.85}
        inputs = {**record.inputs, **named, "seed": record.trial.seed}
        made.append(replace(record, inputs=inputs, key=key_of(inputs)))
    return made, {r.trial.seed: (r.inputs, groups_of(r.trial.seed)) for r in made}


@pytest.mark.parametrize("shared", [True, False])
def test_films_that_seeds_share_widen_the_test(tmp_path, shared):
    """The same correct rows in all seeds: three looks at one set of films are one look."""
    names = (("first", 0.60), ("second", 0.65))
    levels = [made_record(m, seed=0, leakage=level, rows=400) for m, level in names]
    noise = [made_record(m, seed=s, leakage=0.5, rows=400) for m, _ in names for s in range(3)]
    right = {r.trial.method: r.right for r in levels}
    same = [replace(r, right=right[r.trial.method]) for r in noise]
    films = np.arange(400) // 4
    made, draws = with_films(same, lambda seed: films + (0 if shared else 100 * seed))
    for inputs, groups in draws.values():
        write_draw(tmp_path, "quick", inputs, [f"row-{n}" for n in range(400)], groups)
    measured = read(tmp_path, made)
    scores = measured.at(MOVIES)
    metric = scores.leakage("genre", "linear")
    sides = [Side(scores, MethodVariant(name)) for name in ("first", "second")]
    found = paired(metric, *sides)
    # Scores differ from seed to seed here, so both have the seeds' own variance.
    over_seeds = stats.sem(found.values)
    assert found.rows == 1200
    if shared:
        assert found.error > over_seeds * 1.0001
    else:
        assert found.error == pytest.approx(over_seeds)
    without = replace(measured, draws={}).at(MOVIES)
    blind = paired(metric, *[replace(side, scores=without) for side in sides])
    assert blind.error == pytest.approx(over_seeds)


def test_a_draw_of_other_rows_is_refused(tmp_path):
    made, draws = with_films(usual_records(2, rows=40), lambda seed: np.arange(39))
    for inputs, groups in draws.values():
        write_draw(tmp_path, "quick", inputs, [f"row-{n}" for n in range(39)], groups)
    scores = read(tmp_path, made).at(MOVIES)
    with pytest.raises(UserError, match="39 rows and 0 pairs, its record 40 and 0"):
        ties(scores, scores.mean_leakage("linear"))


def test_leakage_at_chance_is_no_fault(tmp_path):
    records = [
        made_record(name, seed=s, leakage=0.5) for name in ("untuned", "b", "c") for s in range(3)
    ]
    scores = read(tmp_path, records).at(MOVIES)
    assert not below_chance(scores, scores.mean_leakage("linear"))


def test_chance_of_any_number_of_classes(tmp_path):
    scores = read(tmp_path, [made_record("untuned", aspects=THREE, rows=480)]).at(MOVIES)
    assert scores.aspects == ("animal", "colour", "size")
    size = scores.leakage("size", "linear")
    assert scores.chance(size) == pytest.approx((1 / 3 + 1 / 4) / 2)
    bits = Metric.mean([MetricKey("description_length", "size", "animal", "linear")])
    assert scores.chance(bits) == 2.0
    assert isnan(scores.chance(Metric.mean([MetricKey("fit_seconds")])))


def test_problems_name_seeds_and_reasons(tmp_path):
    records = [
        *usual_records(3),
        made_record("broken", seed=0),
        made_record("broken", seed=1, status="failed", reason="ValueError: nan"),
        made_record("other", seed=2, status="skipped", reason="needs triplets"),
    ]
    scores = read(tmp_path, records).at(MOVIES)
    found = [(p.status, p.reason, p.seeds) for p in scores.problems(MethodVariant("broken"))]
    assert found == [("failed", "ValueError: nan", (1,)), ("missing", "not run", (2,))]
    found = [(p.status, p.seeds) for p in scores.problems(MethodVariant("other"))]
    assert found == [("missing", (0, 1)), ("skipped", (2,))]
    assert scores.problems(MethodVariant("untuned")) == ()


def test_a_seed_that_only_others_were_to_have_is_not_missing(tmp_path):
    folder = stored(tmp_path, [*usual_records(3), made_record("eraser", seed=0)])

    def missing(**planned):
        by_method = None if not planned else lambda task, method: planned.get(method, 3)
        scores = ProfileScores.read(folder, "quick", by_method).at(MOVIES)
        return [problem.seeds for problem in scores.problems(MethodVariant("eraser"))]

    assert missing() == missing(eraser=3) == [(1, 2)]
    assert missing(eraser=1) == []
    # A method has them that was to have as few.
    assert missing(eraser=1, untuned=1) == [(1, 2)]


def test_order_reference_first_then_leakage_then_missing(tmp_path):
    records = [
        *usual_records(2),
        made_record("untuned", variant="first-layer", leakage=0.55),
        made_record("absent", seed=0, status="failed", reason="no"),
        made_record("elsewhere", task="tweets"),
    ]
    measured = read(tmp_path, records)
    scores = measured.at(MOVIES)
    labels = [c.label for c in scores.method_variants]
    assert labels == [
        "untuned",
        "masked-weights",
        "adversarial",
        "absent",
    ]
    assert scores.absent == ("elsewhere",)
    assert measured.at(Condition("tweets", 0.85, "minilm")).absent == (
        "absent",
        "adversarial",
        "masked-weights",
        "untuned",
    )


def test_controls_and_upper_bounds_come_last_and_are_compared_with_nobody(tmp_path):
    oracle = [made_record("oracle", seed=s, leakage=0.52, balanced=True) for s in range(3)]
    number = [made_record("number", seed=s, leakage=0.7, control=True) for s in range(3)]
    measured = read(tmp_path, [*usual_records(3), *oracle, *number])
    scores = measured.at(MOVIES)
    assert measured.apart == {"oracle": "upper bound", "number": "control"}
    assert measured.part([MOVIES]).apart == measured.apart
    assert [c.label for c in scores.method_variants][-2:] == ["number", "oracle"]
    assert not set(measured.apart) & {c.method for c in scores.competitors}
    assert len(scores.competitors) == 3
    metric = scores.mean_leakage("linear")
    assert ties(scores, metric) == {MethodVariant("masked-weights")}
    everyone = scores.method_variants
    assert ties(scores, metric, everyone) == {MethodVariant("oracle")}


def test_a_distance_speaks_of_seeds_alone(tmp_path):
    scores = read(tmp_path, usual_records(3)).at(MOVIES)
    target, leakage = (f("linear") for f in (scores.mean_target, scores.mean_leakage))
    distance = Distance(target, leakage, scores.chance(leakage))
    assert distance.metric_keys == (*target.metric_keys, *leakage.metric_keys)
    a, b = MethodVariant("untuned"), MethodVariant("masked-weights")
    by_seed = [scores.by_seed(c, distance) for c in (a, b)]
    expected = stats.ttest_rel(*(list(values.values()) for values in by_seed))
    assert p_value(scores, distance, a, b) == pytest.approx(expected.pvalue)
    record = scores.trials[a][0]
    assert not keeps_rows(record, distance)
    # Where the parts speak of rows, which the distance is no mean of.
    assert keeps_rows(record, target)
    assert below_chance(scores, distance) == frozenset()
    single = read(tmp_path / "single", usual_records(1)).at(MOVIES)
    assert not single.interval(a, distance).known


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
        scores = read(Path(scratch), [records[i] for i in order]).at(MOVIES)
    metric = scores.mean_leakage("linear")
    assert scores.method_variants[0] == MethodVariant("untuned")
    assert MethodVariant("masked-weights") in ties(scores, metric)


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
    scores = ProfileScores.read(tmp_path, "quick").at(MOVIES)
    metric = scores.mean_leakage("linear")
    assert scores.interval(MethodVariant("untuned"), metric).known
    assert isnan(scores.chance(metric))
    assert MethodVariant("masked-weights") in ties(scores, metric)


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
