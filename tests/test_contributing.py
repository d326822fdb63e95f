"""The worked examples of CONTRIBUTING.md, each as it stands there, in a copy of the project."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = dict(
    re.findall(
        r"```python\n# file: (\S+)\n(.*?)```",
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("data", "harness", "masking", "baselines", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path, code in EXAMPLES.items():
        assert not (folder / path).exists()
        (folder / path).write_text(code, encoding="utf-8")
    return folder


def python(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_is_an_example_of_each_kind() -> None:
    assert [Path(path).parent.as_posix() for path in EXAMPLES] == [
        "baselines",
        "data/tasks",
        "data/corpora",
    ]


def test_the_method_takes_at_most_sixty_lines() -> None:
    code = EXAMPLES["baselines/mean_erasure.py"]
    assert len(code.strip().splitlines()) <= 60


def test_a_new_method_stands_in_listing_and_tables_without_another_edit(project: Path) -> None:
    assert "mean-erasure" in python(project, "-m", "harness", "list", "methods")
    run = ["-m", "harness", "run", "--profile", "smoke", "--task", "movies"]
    python(project, *run, "--method", "untuned", "mean-erasure", "--results", "out")
    with (project / "out/smoke/scores.csv").open(encoding="utf-8") as stream:
        methods = {row["method"] for row in csv.DictReader(stream)}
    assert methods == {"untuned", "mean-erasure"}
    python(project, "-m", "harness", "tables", "--profile", "smoke", "--results", "out")
    tables = sorted((project / "out/smoke/tables").glob("*.md"))
    assert tables
    assert any("mean-erasure" in table.read_text(encoding="utf-8") for table in tables)


def test_a_new_method_passes_the_conformance_suite(project: Path) -> None:
    suite = "tests/harness/conformance/test_conformance.py"
    out = python(
        project, "-m", "pytest", "-q", "-p", "no:cacheprovider", suite, "-k", "mean-erasure"
    )
    assert re.search(r"[1-9]\d* passed", out)
    assert "failed" not in out


def test_a_new_task_runs(project: Path) -> None:
    assert "lengths" in python(project, "-m", "harness", "list", "tasks")
    run = ["-m", "harness", "run", "--profile", "smoke", "--task", "lengths"]
    out = python(project, *run, "--method", "untuned", "--results", "out-task")
    assert "length" in out


def test_a_new_corpus_is_generated_and_read_from_a_folder(project: Path) -> None:
    script = """
from pathlib import Path
from data import corpora
made = corpora.load("recipes")
assert len(made.frame) == 400 and made.source == "embedded"
made.frame.to_parquet("recipes.parquet")
read = corpora.load("recipes", data_dir=Path("."))
assert read.source == "local" and read.content_hash == made.content_hash
"""
    python(project, "-c", script)
