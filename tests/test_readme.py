"""What README and docs/findings.md say is what the suite does and what is stored."""

import re
from pathlib import Path

import prose_numbers
import pytest
from click.testing import CliRunner

from data import tasks
from harness.cli import main
from harness.runs import profiles

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
MEASURED = [ROOT / "README.md", ROOT / "docs" / "findings.md"]
COMMANDS = [
    line
    for page in PAGES
    for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL)
    for line in block.strip().splitlines()
]


def test_it_is_short() -> None:
    assert len(README.encode()) <= 10_240


@pytest.mark.parametrize("page", MEASURED, ids=lambda page: page.name)
def test_every_number_in_prose_is_a_stored_one(page: Path) -> None:
    assert prose_numbers.complaints(page.read_text(encoding="utf-8"), ROOT / "results") == []


@pytest.mark.parametrize("page", MEASURED, ids=lambda page: page.name)
def test_every_measured_number_is_compared(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With other numbers stored, each one that is measured is wrong."""
    text = page.read_text(encoding="utf-8")
    stored = prose_numbers.lookup
    monkeypatch.setattr(prose_numbers, "lookup", lambda *source: stored(*source) + 1)
    wrong = prose_numbers.complaints(text, ROOT / "results")
    assert len(wrong) == len(re.findall(r"^  \S", "".join(blocks(text)), re.MULTILINE)) > 3


def blocks(page: str) -> list[str]:
    return prose_numbers.BLOCK.findall(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in heads}


def test_the_example_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Up to the digits of a machine."""
    ((example, shown),) = re.findall(
        r"```python\n([^`]*)```\n\n```text\n([^`]*)```", README, flags=re.DOTALL
    )
    assert len(example.splitlines()) == 10
    exec(compile(example, "README.md", "exec"), {})
    printed, shown = (re.sub(r"\.\d+", "#", text) for text in (capsys.readouterr().out, shown))
    assert printed == shown


def test_every_package_of_the_harness_is_described() -> None:
    for folder in (ROOT / "harness").glob("*/__init__.py"):
        assert f"| `harness/{folder.parent.name}/` |" in CONTRIBUTING


def test_every_profile_is_described() -> None:
    for profile in profiles.PROFILES:
        assert f"| `{profile.name}` |" in README


def test_continuous_integration_runs_the_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[-1] in re.findall(r"^python3 -m venv .*$", README, flags=re.MULTILINE)[1:2]
    assert script[-1].endswith("tox")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m harness")])
def test_commands_parse(command: str) -> None:
    words = re.sub(r"\s+#.*", "", command).split()[3:]
    if words[0] == "list":
        assert CliRunner().invoke(main, words).exit_code == 0
        return
    known = CliRunner().invoke(main, [words[0], "--help"]).output
    for option in (word for word in words if word.startswith("--")):
        assert option in known
    for name in (word for word in words if word in ("movies", "tweets")):
        assert name in tasks.names()
