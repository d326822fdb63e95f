"""Pages of the documentation that the suite writes."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.discovery import Declared
from data.errors import UserError
from harness.analysis.definitions import DEFINITIONS
from harness.contract import learner
from harness.contract.learner import Learner
from harness.contract.search import Choice, Range
from harness.outputs import method_page, pages

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "results"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the stored tables of `standard`, and pages whose contents are old."""
    tables = tmp_path / "results" / "standard" / "tables"
    tables.mkdir(parents=True)
    for name in ("verdicts.md", "summary.md", "summary.csv"):
        shutil.copy(RESULTS / "standard" / "tables" / name, tables)
    (tmp_path / "docs").mkdir()
    for name in pages.PAGES:
        (tmp_path / "docs" / name).write_text(f"{pages.MARK}\nold\n", encoding="utf-8")
    text = "# Name\n\n<!-- movies: results/standard/tables/summary.csv -->\nold\n"
    (tmp_path / "README.md").write_text(f"{text}<!-- end of movies -->\nrest\n", encoding="utf-8")
    return tmp_path


def test_the_pages_are_those_of_the_stored_tables() -> None:
    """To mend it, run `python -m harness tables --profile standard`."""
    assert (ROOT / "docs" / "results.md").read_text("utf-8") == pages.results_page(RESULTS)
    shown = pages.BLOCK.search((ROOT / "README.md").read_text("utf-8"))
    assert shown is not None
    assert shown[0] == f"{shown[1]}{pages.readme_table(RESULTS)}{shown[2]}"


def test_the_page_of_metrics_is_that_of_their_definitions() -> None:
    """To mend it, run `python -m harness tables --profile standard`."""
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert page == f"{pages.MARK}\n{pages.metrics_page()}"
    for line in (line for line in page.splitlines() if line.startswith("| `")):
        assert len(re.findall(r"(?<!\\)\|", line)) == 7, line
    sources = page.partition("## Sources")[2]
    cited = {each.source for each in DEFINITIONS.values()} - {""}
    assert all(f"- {source.partition(' (')[0]}: " in sources for source in cited)


def test_the_readme_shows_what_is_kept_and_warns(project: Path) -> None:
    """Columns and methods that are stored alone; the legend stands where they do."""
    heads = "table,row,column,mean,low,high,best,shown\n"
    rows = [
        f'"{pages.TABLE}",{method},"{column}",0.1,,,{best},{shown}\n'
        for method, best in (("readout", "false"), ("leace", "true"), ("chance", "false"))
        for column, shown in (("leakage, strongest ↓", ".100"), ("kept, neighbours ↑", ".004‡"))
    ]
    path = project / "results" / "standard" / "tables" / "summary.csv"
    path.write_text(heads + "".join(rows), encoding="utf-8")
    lines = pages.readme_table(project / "results").splitlines()
    assert lines[0] == "| method | leakage, strongest ↓ | kept, neighbours ↑ |"
    assert lines[2:5] == [
        "| `readout` | .100 | .004‡ |",
        "| `leace` | **.100** | **.004‡** |",
        "| `chance` | .100 | .004‡ |",
    ]
    assert "nearly one number" in "".join(lines[5:])
    path.write_text(heads + "".join(r for r in rows if "kept" not in r), encoding="utf-8")
    assert "nearly one number" not in pages.readme_table(project / "results")


def test_the_methods_that_the_page_names_are_described_as_their_files_say() -> None:
    """A method that was added since is missing until the tables are made, and that is no fault."""
    page = (ROOT / "docs" / "methods.md").read_text("utf-8")
    generated = sections(pages._methods_page(RESULTS))
    assert len(sections(page)) > 20
    for name, section in sections(page).items():
        assert section == generated[name]


def test_pages_are_written_again(project: Path) -> None:
    written = pages.write_pages(project / "results", "standard")
    names = [path.relative_to(project).as_posix() for path in written]
    assert names == ["docs/results.md", "docs/methods.md", "docs/metrics.md", "README.md"]
    results, methods, metrics, readme = (path.read_text("utf-8") for path in written)
    assert "### movies, ρ = .85, minilm" in results
    assert "| C1.1 |" in results
    assert "## masked-weights" in methods
    assert "| `neighbours_kept` | higher |" in metrics
    assert re.search(r"\| `masked-weights` \| \d \| \S+ ± \S+ \|", readme)
    assert readme.startswith("# Name\n")
    assert readme.endswith("<!-- end of movies -->\nrest\n")
    assert 8 <= readme.count("\n| `") <= len(pages.SHOWN)
    before = [path.read_bytes() for path in written]
    pages.write_pages(project / "results", "standard")
    assert [path.read_bytes() for path in written] == before


def test_the_readme_follows_the_stored_numbers(project: Path) -> None:
    path = project / "results" / "standard" / "tables" / "summary.csv"
    shown = re.search(
        r"`masked-weights` \| \d \| \**([\d.]+ ± [\d.]+)", pages.readme_table(project / "results")
    )
    assert shown is not None
    path.write_text(path.read_text("utf-8").replace(shown[1], ".123 ± .456"), "utf-8")
    assert ".123 ± .456" in pages.readme_table(project / "results")


def test_pages_that_nobody_asked_for_are_left_alone(project: Path) -> None:
    page = project / "docs" / "results.md"
    assert pages.write_pages(project / "results", "quick") == []
    shutil.copytree(project / "results", project / "out")
    assert pages.write_pages(project / "out", "standard") == []
    page.write_text("# My own results\n", encoding="utf-8")
    (project / "README.md").write_text("# My own project\n", encoding="utf-8")
    (project / "docs" / "methods.md").unlink()
    (project / "docs" / "metrics.md").unlink()
    assert pages.write_pages(project / "results", "standard") == []
    assert page.read_text("utf-8") == "# My own results\n"


def test_missing_tables_are_said(project: Path) -> None:
    (project / "results" / "standard" / "tables" / "verdicts.md").unlink()
    with pytest.raises(UserError, match="make the tables first"):
        pages.write_pages(project / "results", "standard")


def test_settings_are_shown_with_meanings_spaces_and_variants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(learner, "tuned_settings", lambda: {"one": {"rate": 0.3}})

    @dataclass(frozen=True)
    class Base:
        """Of everything.

        Attributes
        ----------
        steps : of the training,
            at least one.
        rate, other_rate : of `a | b`.
        """

        steps: int = 3
        rate: float = 0.1
        other_rate: float = 0.2
        plain: int = 0

    @dataclass(frozen=True)
    class Own(Base):
        steps: int = 9

    class One(Learner):
        """Does one thing. Source: nobody."""

        name = "one"
        kinds = ("aspects",)
        Settings = Own
        search = {"steps": Choice((3, 9)), "rate": Range(0.01, 1.0, "log")}
        variants = {"long": {"steps": 20}}

    one = Declared("one", "Does one thing. Source: nobody.", "strangers.one", "One")
    page = method_page.methods_page({"one": one}, {"one": One})
    assert sections(page)["one"] == (
        "Does one thing.\n\n"
        "Source: nobody; kinds: `aspects`; file: [strangers/one.py](../strangers/one.py).\n\n"
        "| setting | default | searched | found | meaning |\n| :-- | :-- | :-- | :-- | :-- |\n"
        "| `steps` | `9` | 3 or 9 |  | of the training, at least one. |\n"
        "| `rate`, `other_rate` | `0.1`, `0.2` | rate: 0.01 to 1, log | `0.3` | of `a \\| b`. |\n"
        "| `plain` | `0` |  |  |  |\n\n"
        "Variants: `long`."
    )


def sections(page: str) -> dict[str, str]:
    """Method to what stands below its heading."""
    found = re.split(r"^##+ (.*)\n", page, flags=re.MULTILINE)[1:]
    return {name: text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}
