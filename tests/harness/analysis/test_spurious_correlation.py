"""SCR: zero for the untuned encoder, one for the upper bound, missing where that is."""

import csv

import pytest
from made_records import made_record, stored

from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.spurious_correlation import correlation_removed
from harness.outputs.tables import write_tables

UNTUNED, HALF, ORACLE = map(MethodVariant, ("untuned", "half", "oracle"))


def records(seeds=3, oracle=0.95):
    made = [made_record("untuned", seed=s, target=0.75, kept=1.0) for s in range(seeds)]
    made += [made_record("half", seed=s, target=0.85) for s in range(seeds)]
    return made + [made_record("oracle", seed=s, target=oracle, balanced=True) for s in range(3)]


def removed(folder, made, *methods):
    measured = ProfileScores.read(stored(folder, made), "quick")
    (scores,) = map(measured.at, measured.conditions)
    return [correlation_removed(scores, each, ORACLE) for each in methods]


def test_it_runs_from_the_untuned_encoder_to_the_upper_bound(tmp_path):
    made = records()
    base, half, best = removed(tmp_path, made, UNTUNED, HALF, ORACLE)
    assert (base.mean, base.half_width) == pytest.approx((0, 0), abs=1e-12)
    assert (best.mean, best.half_width) == pytest.approx((1, 0), abs=1e-12)
    sums = dict.fromkeys(("untuned", "half", "oracle"), 0.0)
    for record in made:
        for score in record.scores:
            if score.metric == "average_accuracy":
                sums[record.trial.method] += score.value
    expected = (sums["half"] - sums["untuned"]) / (sums["oracle"] - sums["untuned"])
    assert half.mean == pytest.approx(expected)
    assert 0.3 < expected < 0.7
    assert half.low < half.mean < half.high


def test_one_seed_has_no_interval_and_a_missing_upper_bound_no_number(tmp_path):
    (half,) = removed(tmp_path / "one", records(seeds=1), HALF)
    assert half is not None
    assert not half.known
    lonely = [r for r in records() if r.trial.method != "oracle" or r.trial.seed > 2]
    assert removed(tmp_path / "without", lonely, HALF) == [None]
    assert removed(tmp_path / "no room", records(oracle=0.74), HALF) == [None]


def test_the_table_has_a_column_for_each_upper_bound(tmp_path):
    write_tables(stored(tmp_path / "with", records()), "quick")
    folder = tmp_path / "with" / "quick" / "tables"
    with (folder / "movies-rho0.85-minilm-scr.csv").open(encoding="utf-8") as stream:
        shown = {(line["row"], line["column"]): line["shown"] for line in csv.DictReader(stream)}
    assert {column for _, column in shown} == {"group accuracy, average ↑", "SCR, oracle ↑"}
    assert shown["untuned", "SCR, oracle ↑"] == ".000 ± .000"
    assert shown["oracle", "SCR, oracle ↑"] == "1.000 ± .000"
    lonely = [record for record in records() if record.trial.method != "oracle"]
    write_tables(stored(tmp_path / "without", lonely), "quick")
    assert not list((tmp_path / "without").rglob("*scr*"))
