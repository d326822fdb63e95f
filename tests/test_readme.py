"""What the README says is what the suite does."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import tasks
from data.claims import claims
from harness.analysis.evidence.verdicts import judge
from harness.analysis.profile_scores import ProfileScores
from harness.cli import main
from harness.outputs.tables import markdown, verdicts
from harness.runs import discovery, profiles

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


def test_the_verdicts_are_those_of_the_stored_records() -> None:
    """To mend it, copy what stands below the title of results/standard/tables/verdicts.md."""
    measured = ProfileScores.read(ROOT / "results", "standard")
    judged = judge(measured, claims(), seeds=profiles.find("standard").seeds_of)
    document = verdicts.documents("standard", judged)[0]
    assert block("verdicts", document.name) == markdown.render(document).partition("\n")[2].strip()


def test_the_headline_is_that_of_the_summary() -> None:
    """Every number under the headline figure, which is one that the suite draws."""
    said = " ".join(block("headline", "summary").split())
    numbers = re.findall(r"`([a-z-]+)` target accuracy (\.\d{3}), leakage (\.\d{3})", said)
    assert len(numbers) == said.count("leakage") >= 3
    path = ROOT / "results" / "standard" / "tables" / "summary.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        shown = {
            (row["row"], row["column"]): row["shown"]
            for row in csv.DictReader(stream)
            if row["table"].startswith("movies,")
        }
    for method, target, leakage in numbers:
        assert shown[method, "target accuracy, linear ↑"].split(" ")[0] == target
        assert shown[method, "leakage, linear ↓"].split(" ")[0] == leakage
    for image in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / image).is_file()
        assert (ROOT / image).with_suffix(".svg").is_file()


def block(name: str, document: str) -> str:
    """What stands between the marks of a part of the README."""
    opening = rf"<!-- {name}: results/standard/tables/{document}\.\w+ -->\n"
    pattern = rf"{opening}(.*?)<!-- end of {name} -->"
    found = re.search(pattern, README, re.DOTALL)
    assert found is not None
    return found[1].strip()


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
