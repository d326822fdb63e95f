"""The worked examples of CONTRIBUTING.md, each as it stands there, in a copy of the project."""

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from data import tasks

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```python\n# file: (\S+)\n(.*?)```", PAGE, flags=re.DOTALL))
METHOD = "baselines/mean_erasure.py"
NEW = "mean-erasure"

ENUMERATING = (
    "tests/test_readme.py",
    "tests/test_oracles.py",
    "tests/test_search_spaces.py",
    "tests/test_architecture.py",
    "tests/harness/contract/test_choices.py",
    "tests/harness/runs/test_discovery.py",
    "tests/harness/runs/test_plan_trials.py",
    "tests/harness/runs/test_kinds.py",
    "tests/harness/runs/test_tuning.py",
    "tests/baselines/test_dials.py",
    "tests/harness/cli/test_listing.py",
    "tests/harness/outputs/test_pages.py",
)
"""Tests that say something of all methods, and are short."""

BY_NAME = (
    "tests/harness/conformance/test_conformance.py",
    "tests/test_devices.py",
)
"""Tests with a case for each method."""


def copied(folder: Path) -> Path:
    """The whole project; of stored results, which nothing here writes to, a link."""
    unneeded = shutil.ignore_patterns("__pycache__", "results", ".?*", "*.egg-info", "build")
    shutil.copytree(ROOT, folder, ignore=unneeded, dirs_exist_ok=True)
    shutil.copytree(ROOT / ".ci", folder / ".ci")
    (folder / "results").symlink_to(ROOT / "results")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with all examples."""
    folder = copied(tmp_path_factory.mktemp("project"))
    for path, code in EXAMPLES.items():
        assert not (folder / path).exists()
        (folder / path).write_text(code, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def with_method(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to which the file of a method was added, and nothing else done."""
    folder = copied(tmp_path_factory.mktemp("method"))
    (folder / METHOD).write_text(EXAMPLES[METHOD], encoding="utf-8")
    return folder


def python(project: Path, *arguments: str, limit: int = 280) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=limit,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pytest_in(project: Path, *arguments: str) -> None:
    out = python(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, limit=600)
    assert re.search(r"[1-9]\d* passed", out)


def test_there_is_an_example_of_each_kind() -> None:
    assert [Path(path).parent.as_posix() for path in EXAMPLES] == [
        "baselines",
        "data/tasks",
        "data/corpora",
    ]


def test_the_method_takes_under_forty_lines() -> None:
    code = EXAMPLES[METHOD]
    # One more line says where the file goes.
    assert len(code.strip().splitlines()) + 1 < 40
    # A leading underscore may follow a dot nowhere but at the class's own members.
    assert not re.findall(r"\w+\._\w+", code)


def test_the_smoke_command_comes_first() -> None:
    commands = [
        line
        for block in re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
        for line in block.strip().splitlines()
    ]
    assert commands[0].startswith("python -m harness run --profile smoke")
    assert NEW in commands[0]


def test_a_new_method_passes_the_linters(with_method: Path) -> None:
    for command in (("check", "."), ("format", "--check", ".")):
        python(with_method, "-m", "ruff", *command)
    python(with_method, "-c", "from importlinter.cli import lint_imports_command as l; l()")


@pytest.mark.slow
def test_a_new_method_passes_the_type_checker(with_method: Path) -> None:
    # Nothing but the method is new to what `mypy` knows of the project, where it has been run.
    known = f"--cache-dir={ROOT / '.mypy_cache'}"
    python(with_method, "-m", "mypy", known, METHOD, limit=600)


def test_a_new_method_breaks_no_test_about_all_methods(with_method: Path) -> None:
    pytest_in(with_method, "-m", "not slow", *ENUMERATING)


def test_a_new_method_passes_the_tests_of_every_method(with_method: Path) -> None:
    pytest_in(with_method, *BY_NAME, "-k", NEW)


def test_no_other_test_is_about_all_methods() -> None:
    """What asks discovery for the methods is run on the copy, or is about one run of them all."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if "discovery.methods(" in path.read_text(encoding="utf-8")
    }
    elsewhere = {
        "tests/test_contributing.py",
        "tests/test_three_aspects.py",
        "tests/test_relations_page.py",
    }
    # Each kind of model has a suite of its own.
    suites = {path for path in asking if path.startswith("tests/harness/conformance/")}
    assert asking <= {*ENUMERATING, *BY_NAME, *elsewhere, *suites}


def test_a_new_method_stands_in_listing_and_tables(project: Path) -> None:
    assert NEW in python(project, "-m", "harness", "list", "methods")
    assert "checks are kept" in python(project, "-m", "harness", "check", METHOD)
    run = ["-m", "harness", "run", "--profile", "smoke", "--task", "movies"]
    python(project, *run, "--method", "untuned", NEW, "--results", "out")
    with (project / "out/smoke/scores.csv").open(encoding="utf-8") as stream:
        methods = {row["method"] for row in csv.DictReader(stream)}
    assert methods == {"untuned", NEW}
    python(project, "-m", "harness", "tables", "--profile", "smoke", "--results", "out")
    tables = sorted((project / "out/smoke/tables").glob("*.md"))
    assert tables
    assert any(NEW in table.read_text(encoding="utf-8") for table in tables)


def test_a_new_task_runs(project: Path) -> None:
    assert "lengths" in python(project, "-m", "harness", "list", "tasks")
    run = ["-m", "harness", "run", "--profile", "smoke", "--task", "lengths"]
    out = python(project, *run, "--method", "untuned", "--results", "out-task")
    assert "length" in out


def test_the_checklist_names_what_every_kind_of_task_has() -> None:
    listed = re.findall(r"`(harness/\S+/<kind>\.py)`", PAGE)
    assert len(listed) == 3
    # A user's own task cannot be made without its file.
    kinds = {tasks.find(name).kind for name in tasks.names() if not name.endswith("data")}
    said = PAGE[PAGE.index("`kind` says") :].partition(" exist,")[0]
    assert kinds == {*re.findall(r"`(\w+)`", said)} - {"kind"}
    for kind in kinds:
        for path in listed:
            import_module(path.removesuffix(".py").replace("/", ".").replace("<kind>", kind))
    for path in re.findall(r"`([\w/]+\.py)`", PAGE):
        assert (ROOT / path).is_file() or path in EXAMPLES, path


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
