"""Imports run one way, and a tool says so: `lint-imports` reads the contracts in pyproject.toml."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("benchmarks", "baselines", "data", "disentangle_bench", "harness", "masking")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def linted(project: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command as lint; lint()"
    arguments = [sys.executable, "-c", command, "--no-cache"]
    return subprocess.run(arguments, cwd=project, capture_output=True, text=True, timeout=120)


def test_the_contracts_hold(project: Path) -> None:
    done = linted(project)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("harness/system/logs.py", "harness.store.trial"),
        ("harness/store/trial.py", "harness.runs.driver"),
        ("harness/evaluation/probes/folds.py", "harness.analysis.metrics"),
        ("masking/units.py", "baselines.untuned"),
        ("data/rows.py", "harness.store.trial"),
        ("masking/units.py", "disentangle_bench"),
    ],
)
def test_a_planted_import_is_refused(project: Path, module: str, forbidden: str) -> None:
    path = project / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\nimport {forbidden}\n", encoding="utf-8")
    done = linted(project)
    assert done.returncode == 1
    importer = module.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {forbidden}" in done.stdout.replace("\n", " ")


def test_nothing_lies_flat_in_the_harness() -> None:
    flat = {path.name for path in (ROOT / "harness").glob("*.py")}
    assert flat == {"__init__.py", "__main__.py"}
