"""What the README says is what the suite does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import tasks
from harness import discovery, profiles
from harness.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    for line in block.strip().splitlines()
]


def test_the_main_table_is_the_stored_one() -> None:
    found = re.search(r"<!-- summary: (\S+) -->\n(.*?)<!-- end of summary -->", README, re.DOTALL)
    assert found is not None
    path, shown = found.groups()
    title, _, stored = (ROOT / path).read_text(encoding="utf-8").partition("\n")
    assert title.startswith("# ")
    assert shown.strip() == stored.strip().replace("## ", "### ")


def test_continuous_integration_runs_the_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[-1] in COMMANDS
    assert script[-1].endswith("tox")


def test_every_method_and_profile_is_described() -> None:
    for name in [*discovery.methods(), *(profile.name for profile in profiles.PROFILES)]:
        assert f"| `{name}` |" in README


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
