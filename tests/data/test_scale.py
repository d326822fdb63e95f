"""A hundred thousand rows of a user's data are read and drawn in bounded time and memory."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

DRAW = """
import sys, time
from data import tasks
from harness.system.memory import peak_bytes
begun = time.process_time()
task = tasks.find("data", data=sys.argv[1], aspects=("a", "b", "c"))
splits = task.draw(task.load(None), correlation=.5, seed=0)
drawn = len(splits.training.train), len(splits.evaluation)
print(*drawn, time.process_time() - begun, peak_bytes() / 2**20)
"""


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    with file.open("w", encoding="utf-8") as stream:
        stream.write("text,a,b,c\n")
        # 448 cells: a table of groups by cells would take 700 MiB of its own.
        stream.writelines(
            f"text number {i} of many,a{i % 28},b{i // 28 % 4},c{i // 112 % 4}\n"
            for i in range(100_000)
        )
    done = subprocess.run(
        [sys.executable, "-c", DRAW, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    train, evaluation, seconds, mebibytes = map(float, done.stdout.split())
    assert train == 8_000
    assert evaluation == 448 * 10
    assert seconds < 60
    assert mebibytes < 600
