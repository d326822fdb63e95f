"""Two methods or two folders of results against each other."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner
from made_records import made_record, stored, usual_records
from scipy import stats

from data.errors import UserError
from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.cli import main
from harness.contract.scores import Score
from harness.outputs.comparison import folders, methods
from harness.outputs.tables.cells import MISSING
from harness.store.records import key_of

LEAKAGE = "leakage, linear ↓"


def read(folder, records, profile="quick"):
    return ProfileScores.read(stored(folder, records, profile), profile)


def lines(document, title):
    (table,) = (table for table in document.tables if table.title == title)
    heads = [column.name for column in table.columns]
    return {row.keys[0]: dict(zip(heads, row.cells, strict=True)) for row in table.rows}


def test_the_better_method_is_named_whichever_stands_first(tmp_path):
    records = usual_records(4, rows=2000)
    measured = read(tmp_path, records)
    for pair in (("untuned", "masked-weights"), ("masked-weights", "untuned")):
        found = lines(methods(measured, *pair), "movies, ρ = .85, minilm")
        assert found[LEAKAGE]["better"].text == "masked-weights"
        assert found["gap, linear ↑"]["better"].text == "masked-weights"
        sign = -1 if pair[0] == "untuned" else 1
        assert found[LEAKAGE]["difference"].number.mean * sign == pytest.approx(0.15, abs=0.02)


def test_differences_are_paired_over_seeds(tmp_path):
    measured = read(tmp_path, usual_records(3))
    found = lines(methods(measured, "untuned", "adversarial"), "movies, ρ = .85, minilm")
    (scores,) = map(measured.at, measured.conditions)
    metric = scores.mean_leakage("linear")
    first, second = (
        list(scores.by_seed(MethodVariant(name), metric).values())
        for name in ("untuned", "adversarial")
    )
    paired = stats.ttest_rel(second, first).confidence_interval()
    interval = found[LEAKAGE]["difference"].number
    assert (interval.low, interval.high) == pytest.approx((paired.low, paired.high))
    assert found[LEAKAGE]["seeds"].text == "3"
    assert found[LEAKAGE]["rows"].text == "1,200"


def test_equals_and_single_seeds_are_not_told_apart(tmp_path):
    twins = [made_record(name, seed=s, leakage=0.6) for name in ("a", "b") for s in range(3)]
    found = lines(methods(read(tmp_path / "a", twins), "a", "b"), "movies, ρ = .85, minilm")
    assert {cells["better"].text for cells in found.values()} == {"not told apart"}
    single = read(tmp_path / "b", usual_records(1))
    found = lines(methods(single, "untuned", "masked-weights"), "movies, ρ = .85, minilm")
    assert {cells["better"].text for cells in found.values()} == {"one seed"}
    assert found[LEAKAGE]["difference"].number.known


def test_variants_are_methods_too(tmp_path):
    records = [*usual_records(2), made_record("masked-weights", variant="sparse", leakage=0.7)]
    made = methods(read(tmp_path, records), "masked-weights", "masked-weights:sparse")
    found = lines(made, "movies, ρ = .85, minilm")
    assert found[LEAKAGE]["seeds"].text == "1"


def test_metrics_without_aspects_are_compared_as_they_are(tmp_path):
    def spoken(method, seed, kl):
        record = made_record(method, seed=seed, task="captions-lm", correlation=0.0)
        scores = (Score("kl", kl + kl * seed / 10), Score("fit_seconds", 10.0))
        return replace(record, scores=scores, right={}, chance={}, classes={})

    records = [spoken(m, s, kl) for m, kl in (("vae", 5.0), ("lstm", 2.0)) for s in range(3)]
    found = lines(methods(read(tmp_path, records), "vae", "lstm"), "captions-lm, minilm")
    assert list(found) == ["kl"]
    assert found["kl"]["difference"].number.mean == pytest.approx(-3.3)
    assert found["kl"]["better"].text == "different"


def test_main_metrics_of_other_tasks_are_compared_and_what_bounds_them_is_not(tmp_path):
    def copied(method, seed, level):
        record = made_record(method, seed=seed, task="syntax", correlation=0.0)
        names = ("pearson", "completeness", "bracket_f1", "mig")
        beside = ("bracket_f1_bound", "mig_ceiling", "mig_permuted", "mig_above_floors")
        scores = [Score(name, level + seed / 50) for name in (*names, *beside)]
        scores += [Score("fit_seconds", 10.0), Score("peak_memory_bytes", 1.0)]
        return replace(record, scores=tuple(scores), right={}, chance={}, classes={})

    records = [copied(m, s, level) for m, level in (("a", 0.5), ("b", 0.4)) for s in range(3)]
    found = lines(methods(read(tmp_path, records), "a", "b"), "syntax, minilm")
    assert sorted(found) == ["bracket f1", "completeness", "mig", "pearson"]


def test_where_nothing_varies_a_comparison_is_at_its_ceiling(tmp_path):
    def full(method, seed, units):
        record = made_record(method, seed=seed, task="captions-lm", correlation=0.0)
        scores = (Score("active_units_01", units),)
        return replace(record, scores=scores, right={}, chance={}, classes={})

    records = [full(m, s, units) for m, units in (("vae", 32.0), ("lstm", 31.0)) for s in range(3)]
    found = lines(methods(read(tmp_path, records), "vae", "lstm"), "captions-lm, minilm")
    assert found["active units 01"]["better"].text == "ceiling"
    assert found["active units 01"]["detectable"].text == MISSING


def test_folders_are_compared_trial_by_trial(tmp_path):
    older = usual_records(3, rows=2000)
    newer = []
    for record in usual_records(3, rows=2000):
        level = 0.9 if record.trial.method == "untuned" else None
        changed = made_record(
            record.trial.method, seed=record.trial.seed, rows=2000, leakage=level or 0.6
        )
        inputs = {**changed.inputs, "settings": {"steps": 2}}
        newer.append(replace(changed, key=key_of(inputs), inputs=inputs))
    first, second = read(tmp_path / "old", older), read(tmp_path / "new", newer)
    document = folders(first, second, ("old", "new"))
    worse = lines(document, "movies, ρ = .85, minilm: untuned")
    assert worse[LEAKAGE]["better"].text == "old"
    same = lines(folders(first, first, ("a", "b")), "movies, ρ = .85, minilm: untuned")
    assert same[LEAKAGE]["difference"].number.mean == 0
    assert same[LEAKAGE]["better"].text == "not told apart"


def test_the_command_takes_methods_and_folders(tmp_path):
    stored(tmp_path, usual_records(3))
    asked = ["compare", "untuned", "masked-weights", "--results", str(tmp_path)]
    answer = CliRunner().invoke(main, asked)
    assert answer.exit_code == 0, answer.output
    assert re.search(r"leakage, linear ↓ .* masked-weights\*", answer.output)
    folder = str(tmp_path / "quick")
    answer = CliRunner().invoke(main, ["compare", folder, folder])
    assert answer.exit_code == 0, answer.output
    assert "movies, ρ = .85, minilm: masked-weights" in answer.output


def test_what_cannot_be_compared_is_said(tmp_path):
    measured = read(tmp_path, [*usual_records(2), made_record("late", seed=7)])
    with pytest.raises(UserError, match=r"did you mean 'masked-weights'"):
        methods(measured, "untuned", "maskd-weights")
    with pytest.raises(UserError, match="share no task and seed"):
        methods(measured, "untuned", "late")
    other = read(tmp_path / "other", usual_records(1, task="tweets"))
    with pytest.raises(UserError, match="share no trial"):
        folders(measured, other, ("a", "b"))
