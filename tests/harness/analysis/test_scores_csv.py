"""scores.csv, byte for byte."""

import csv
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from fakes import make_record
from hypothesis import given
from hypothesis import strategies as st
from made_records import made_record, stored, usual_records

from data.errors import UserError
from harness.analysis.definitions import DEFINITIONS, SHARES
from harness.analysis.metrics import Condition, MethodVariant, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.scores_csv import METRIC_COLUMNS, read_scores, score_csv, write_scores
from harness.contract.scores import COLUMNS, Score, few_neighbours
from harness.evaluation.probes import CURVE, PROBES, STRONGEST
from harness.outputs.tables import columns
from harness.outputs.tables.columns import (
    FAMILIES,
    detail_columns,
    probe_columns,
    representation_columns,
    summary_columns,
)
from harness.store.records import write_record

GOLDEN = """\
task,correlation,backbone,method,variant,seed,representation,factor,probe,metric,value
toy,0.85,random-bert,masked,default,2,,,,fit_seconds,12.25
toy,0.85,random-bert,masked,default,2,,,,peak_memory_bytes,123456789
toy,0.85,random-bert,masked,default,2,colour,animal,linear,leakage,0.3333333333
toy,0.85,random-bert,masked,default,2,colour,colour,linear,target_accuracy,0.9
toy,0.85,random-bert,masked,default,10,,,,fit_seconds,12.25
toy,0.85,random-bert,masked,default,10,,,,peak_memory_bytes,123456789
toy,0.85,random-bert,masked,default,10,colour,animal,linear,leakage,0.3333333333
toy,0.85,random-bert,masked,default,10,colour,colour,linear,target_accuracy,0.75
toy,0.85,random-bert,untuned,default,0,,,,fit_seconds,12.25
toy,0.85,random-bert,untuned,default,0,,,,peak_memory_bytes,123456789
toy,0.85,random-bert,untuned,default,0,colour,animal,linear,leakage,0.3333333333
toy,0.85,random-bert,untuned,default,0,colour,colour,linear,target_accuracy,0.75
"""

RECORDS = [
    make_record("untuned"),
    make_record("masked", seed=10),
    make_record("masked", seed=2, value=0.9),
    make_record("adversarial", status="failed"),
    make_record("late", status="skipped"),
]


def test_the_golden_file_whatever_the_order_of_the_records() -> None:
    shuffled = RECORDS[:]
    for seed in range(5):
        random.Random(seed).shuffle(shuffled)
        assert "".join(score_csv(shuffled)) == GOLDEN


def test_every_metric_of_a_task_with_aspects_is_explained(tmp_path: Path) -> None:
    """metrics.csv says of each score of a record which direction is the better one."""
    record = made_record("masked-weights", own=[Score("density", 0.5), Score("detail", 0.6)])
    stored(tmp_path, [record])
    with (tmp_path / "quick" / "metrics.csv").open(encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert tuple(lines[0]) == METRIC_COLUMNS
    directions = {(line["metric"], line["of"]): line["better"] for line in lines}
    # A method's own metrics are explained on its page alone.
    assert {s.metric for s in record.scores} - {metric for metric, _ in directions} == {"density"}
    assert directions["leakage", ""] == directions["leakage_25_percent", ""] == "lower"
    assert directions["neighbours_kept", ""] == "higher"
    assert directions["linear_cka", ""] == ""
    assert directions["usable_bits", "own"] == directions["description_length", "other"] == "higher"
    assert directions["usable_bits", "other"] == directions["description_length", "own"] == "lower"
    assert not [line for line in lines if line["metric"] == "similarity_kept"]
    for score in record.scores:
        for line in (line for line in lines if line["metric"] == score.metric):
            assert float(line["low"]) <= score.value <= float(line["high"])


def test_columns_are_better_in_the_direction_that_their_metrics_have(tmp_path: Path) -> None:
    """The arrows of heads, the direction of marks and metrics.csv agree."""
    measured = ProfileScores.read(stored(tmp_path, usual_records(2)), "quick")
    (scores,) = map(measured.at, measured.conditions)
    shown = [
        *summary_columns(scores),
        *probe_columns(scores),
        *detail_columns(scores),
        *representation_columns(scores, "genre"),
    ]
    assert len(shown) > 30
    for each in shown:
        assert each.column.full_name[-1] == ("↓" if each.metric.lower_is_better else "↑")
        keys = each.metric.metric_keys
        if len({key.metric for key in keys}) == 1:
            known = DEFINITIONS[keys[0].metric]
            other = keys[0].factor not in ("", keys[0].representation)
            better = known.of_others if other and known.of_others else known.better
            assert (better == "lower") == each.metric.lower_is_better, each.column


def test_what_is_shown_is_what_is_measured() -> None:
    """Named again where nothing heavy may be imported: families of probes, shares of rows."""
    assert {"linear", *FAMILIES} == set(PROBES)
    assert columns.STRONGEST == STRONGEST
    assert tuple(round(100 * share) for share in CURVE) == SHARES


def test_all_neighbours_are_never_too_few() -> None:
    """Among few rows five times chance would be more than all there are."""
    assert few_neighbours(0.003) == 0.015
    assert few_neighbours(0.2) == 0.6
    assert few_neighbours(0.9) < 1


def test_it_is_written_without_heavy_libraries(tmp_path: Path) -> None:
    for record in RECORDS:
        write_record(tmp_path, "smoke", record)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.analysis.scores_csv import write_scores\n"
        "write_scores(Path(sys.argv[1]), 'smoke')\n"
        "print({'torch', 'sklearn', 'pandas', 'transformers'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
    first = (tmp_path / "smoke/scores.csv").read_bytes()
    assert first.decode() == GOLDEN
    assert write_scores(tmp_path, "smoke").read_bytes() == first


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=4)
ROWS = st.tuples(
    *(st.one_of(NAMES, st.sampled_from(["a", "b"])) for _ in range(5)),
    st.integers(0, 3),
    *(st.one_of(NAMES, st.sampled_from(["", "x"])) for _ in range(4)),
    st.floats(allow_nan=False),
)


@given(st.lists(ROWS, max_size=12))
def test_every_number_comes_back_whatever_the_names(rows: list[tuple[object, ...]]) -> None:
    rows = [(task, 0.5, *rest) for task, _, *rest in rows]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "quick" / "scores.csv"
        path.parent.mkdir()
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([COLUMNS, *rows])
        found = read_scores(Path(scratch), "quick")
    numbers = {row[:10]: row[10] for row in rows}
    assert numbers == {
        (*condition, *method_variant, seed, *key[1:], key.metric): value
        for condition, method_variants in found.items()
        for method_variant, metric_keys in method_variants.items()
        for key, by_seed in metric_keys.items()
        for seed, value in by_seed.items()
    }


def test_a_wrong_row_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "quick" / "scores.csv"
    path.parent.mkdir()
    good = "t,0.5,b,m,default,1,x,y,p,f,2"
    path.write_text(f"{','.join(COLUMNS)}\n{good}\n")
    assert read_scores(tmp_path, "quick") == {
        Condition("t", 0.5, "b"): {MethodVariant("m"): {MetricKey("f", "x", "y", "p"): {1: 2.0}}}
    }
    for wrong in ("t,0.5,b,m,default,1,x,y,f,2", f"{good},2", f"{good[:-1]}many", ""):
        path.write_text(f"{','.join(COLUMNS)}\n{good}\n{wrong}\n{good}\n")
        with pytest.raises(UserError, match=r"line 3: .*make it again"):
            read_scores(tmp_path, "quick")
