"""scores.csv, byte for byte."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from fakes import make_record
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis import scores_csv as scorefile
from harness.analysis.metrics import Condition, MethodVariant, MetricKey
from harness.analysis.scores_csv import read_scores, score_csv, write_scores
from harness.contract.scores import COLUMNS
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


def test_the_plain_reader_leaves_what_is_quoted_or_wrong_to_the_other() -> None:
    start = "t,0.5,b,m,default,1,"
    expected = {
        Condition("t", 0.5, "b"): {MethodVariant("m"): {MetricKey("f", "x", "y", "p"): {1: 2.0}}}
    }
    assert scorefile._plain_values([f"{start}x,y,p,f,2\n"]) == expected
    for wrong in (
        f'{start}"x",y,p,f,2\n',
        f"{start}x,y,f,2\n",
        f"{start}x,y,p,p,f,2\n",
        f"{start}x,y,p,f,many\n",
        "\n",
    ):
        assert scorefile._plain_values([wrong]) is None
        assert scorefile._plain_values([f"{start}x,y,p,f,2\n", wrong]) is None
