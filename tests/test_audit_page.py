"""The example of docs/audit.md prints what the page shows, up to the digits of a machine."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "audit.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    ((command, shown),) = re.findall(
        r"```console\n(python -m harness audit [^\n]*)\n```\n\nIt prints:\n\n```text\n(.*?)```",
        PAGE,
        flags=re.DOTALL,
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "docs/audit.md", "exec"), {})
    done = CliRunner().invoke(main, command.split()[3:])
    assert done.exit_code == 0, done.stderr
    assert flat(done.stdout) == flat(shown)
    # The topic was left out of the second vectors, the mood was not.
    (commands,) = re.findall(r"tests each number .*?```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in commands.strip().splitlines():
        done = CliRunner().invoke(main, line.split()[3:])
        assert done.exit_code == 0, done.stderr
    answers = re.findall(r"^vectors +(\w+) +strongest .* (yes|no)\W*$", done.stdout, re.MULTILINE)
    assert answers == [("mood", "no"), ("topic", "yes")]


def flat(text: str) -> list[list[str]]:
    """Lines as words, without the digits of fractions."""
    return [re.sub(r"\d*\.\d+", "#", line).split() for line in text.splitlines()]
