"""`check` says of each part of the contract whether a method in a file anywhere keeps it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.conformance.benches import BY_KIND

CHECKS = BY_KIND["aspects"][1]

LETTERS = '''"""A method of one's own."""

import json

import numpy as np

from alphabet import LETTERS
from data.errors import UserError
from disentangle_bench import Method


class Letters(Method):
    """Counts of letters. Source: none."""

    name = "letters"

    def fit(self, task, backbone, *, seed, progress):
        self.aspects = [aspect.name for aspect in task.aspects]
        return self

    def encode(self, texts, aspect):
        if aspect not in getattr(self, "aspects", ()):
            raise UserError(f"fit letters on {aspect} first")
        counts = [[text.count(letter) for letter in LETTERS] for text in texts]
        return np.array(counts, dtype=np.float32).reshape(len(texts), len(LETTERS))

    def save(self, folder):
        (folder / "aspects.json").write_text(json.dumps(self.aspects))

    def load(self, folder, backbone):
        self.aspects = json.loads((folder / "aspects.json").read_text())
        return self

    trainable_parameters = 0
'''


def check(folder: Path, source: str, name: str = "json.py") -> Result:
    """Of a file called as a module of Python is, with another one beside it."""
    (folder / "alphabet.py").write_text('LETTERS = "aeiourst"\n')
    (folder / name).write_text(source)
    return CliRunner().invoke(main, ["check", str(folder / name), "--threads", "1"])


def test_a_method_that_keeps_everything(tmp_path: Path) -> None:
    done = check(tmp_path, LETTERS)
    assert done.exit_code == 0, done.output
    head, *lines, last = done.stdout.splitlines()
    assert head == "letters, on a task of the kind aspects:"
    assert [line.split()[0] for line in lines] == ["ok"] * len(CHECKS)
    assert last == f"all {len(CHECKS)} checks are kept"


def test_each_fault_is_one_line(tmp_path: Path) -> None:
    broken = LETTERS.replace("dtype=np.float32", "dtype=np.float64")
    broken = broken.replace("save(self, folder):", "save(self, folder):\n        return")
    done = check(tmp_path, broken)
    assert done.exit_code == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("  FAILED")]
    assert any("encode gives float64 instead of float32" in line for line in failed)
    assert any("saved: raises FileNotFoundError" in line for line in failed)
    assert done.stderr.splitlines()[-1] == f"error: {len(failed)} of {len(CHECKS)} checks failed"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (LETTERS.replace('"letters"', '"untuned"'), "is that of a method in baselines/untuned.py"),
        (LETTERS.replace("    name =", "    called ="), "no class in"),
        (LETTERS.replace("from alphabet", "from nowhere"), "No module named 'nowhere'"),
        (LETTERS.replace("    def encode", "    def other"), "lacks encode; add them"),
        ("class = 3", "cannot read json.py"),
    ],
)
def test_what_is_no_method_is_one_line(source: str, complaint: str, tmp_path: Path) -> None:
    done = check(tmp_path, source)
    assert done.exit_code == 1
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_other_files_are_refused(tmp_path: Path) -> None:
    assert "is no file of Python code" in check(tmp_path, LETTERS, "method.txt").stderr
    done = CliRunner().invoke(main, ["check", str(tmp_path / "nothing.py")])
    assert "is no file of Python code" in done.stderr
