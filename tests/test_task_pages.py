"""The commands of the pages by task do what the pages say, under the profile smoke."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main

DOCS = Path(__file__).parent.parent / "docs"
SMOKE = ("--profile", "smoke")
WITH_PROFILE = ("run", "plan", "compare", "report", "tables", "reproduce")


def commands(page: str) -> Iterator[list[str]]:
    """The commands of a page's blocks in order, after its files are written here."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for language, block in re.findall(r"```(python|console)\n(.*?)```", text, flags=re.DOTALL):
        if language == "python":
            name, body = re.match(r"# file: (\S+)\n(.*)", block, re.DOTALL).groups()
            body = body.replace('profile="quick"', 'profile="smoke"')
            if name.endswith(".py"):
                Path(name).write_text(body)
            else:
                exec(compile(body, page, "exec"), {})
                assert Path(name).is_file()
            continue
        for line in block.strip().splitlines():
            yield line.split()


def suite(words: list[str], *more: str) -> str:
    """What a command of the suite prints, with the small profile in the place of any other."""
    words = re.sub(r" --profile \w+", "", " ".join(words)).split()[3:]
    words += [*more, *(SMOKE if words[0] in WITH_PROFILE else ())]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, (words, done.output)
    return done.stdout


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)


@pytest.mark.slow
def test_which_method() -> None:
    said = [suite(words) for words in commands("which-method.md")]
    plan, run, compare, report, methods, settings = said
    assert "6 to run, 0 to resume, 0 to skip" in plan
    assert "6 trials done, 0 were stored already, 0 skipped, 0 failed" in run
    assert "leace" in compare
    assert "leakage, linear" in compare
    assert Path("results/smoke/report.html").is_file()
    assert "report.html" in report
    assert "readout" in methods
    assert "steps" in settings


@pytest.mark.slow
def test_add_yours() -> None:
    check, tried, compare = commands("add-yours.md")
    assert "checks are kept" in suite(check)
    script = [sys.executable, *tried[1:]]
    paths = {"PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(
        script, capture_output=True, text=True, env={**os.environ, **paths}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"^letters +0\.\d+$", done.stdout, re.MULTILINE)
    assert re.search(r"^untuned +0\.\d+$", done.stdout, re.MULTILINE)
    assert "letters" in suite(compare)


@pytest.mark.slow
def test_reproduce() -> None:
    first, download, standard, tables, report, benchmarks = commands("reproduce.md")
    few = ("--method", "untuned", "--threads", "1")
    suite(["python", "-m", "harness", "run"], *few)
    assert suite(first, *few).splitlines()[-1].startswith("reproduced: ")
    assert "tables" in suite(tables)
    assert "report.html" in suite(report)
    # What needs the network, real corpora or an hour is run elsewhere.
    assert download[3] == "download"
    assert "--data-dir" in standard
    assert benchmarks[:2] == ["pytest", "benchmarks"]
