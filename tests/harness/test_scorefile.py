"""scores.csv, byte for byte."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from fakes import make_record

from harness.records import write_record
from harness.scorefile import score_csv, write_scores

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
        "from harness.scorefile import write_scores\n"
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
