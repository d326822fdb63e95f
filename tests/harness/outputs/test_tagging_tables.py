"""Tables of tagging: methods beside their twins, the gap in words, and verdicts on a page."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_records import made_record, stored

from data.tagging import SORTS
from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs import pages
from harness.outputs.tables import tagging
from harness.store.records import Record, key_of, schema_of

ROOT = Path(__file__).parents[3]


def tagged(variant: str, seed: int, **f1: float) -> Record:
    record = made_record("joint", variant=variant, seed=seed, task="profner", correlation=0.0)
    task = {"name": "profner", "kind": "tagging"}
    inputs = {**record.inputs, "task": task, "corpus": {"name": "profner"}, "settings": {}}
    scores = [Score(f"{of}_{n}", v) for of, v in f1.items() for n in ("precision", "recall", "f1")]
    if "span" in f1:
        scores += [Score("type_f1", 0.5, factor="PROFESION"), Score("label_f1_off_spans", 0.25)]
    counts = {part: dict(zip(SORTS, (7, 4, 1), strict=True)) for part in ("train", "evaluation")}
    new = {"schema": schema_of("tagging"), "key": key_of(inputs), "counts": counts, "right": {}}
    return replace(record, inputs=inputs, scores=tuple(scores), **new)


@pytest.fixture
def measured(tmp_path: Path) -> ProfileScores:
    records = [
        *(tagged("default", seed, label=0.8 + seed / 100, span=0.7) for seed in range(3)),
        *(tagged("label-only", seed, label=0.7 + seed / 50) for seed in range(3)),
        *(tagged("tags-only", seed, span=0.6 + seed / 100) for seed in range(2)),
    ]
    return ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["tagging"]


def test_twins_stand_beside_the_joint_method_and_have_no_number_for_the_other_task(
    measured: ProfileScores,
) -> None:
    (table,) = tagging.summary(measured).tables
    rows = {row.keys[0]: [cell.text for cell in row.cells] for row in table.rows}
    assert list(rows) == ["joint", "joint (label-only)", "joint (tags-only)"]
    heads = [column.full_name for column in table.columns]
    label, span = (heads.index(f"{head}, f1 ↑") for head in tagging.HEADS.values())
    assert rows["joint"][0] == "3"
    assert rows["joint (tags-only)"][0] == "2/3"
    assert rows["joint"][label].startswith(".810 ±")
    assert rows["joint (label-only)"][span] == rows["joint (tags-only)"][label] == "—"
    assert rows["joint (tags-only)"][span].startswith(".605 ±")


def test_the_gap_types_and_differences_are_said(measured: ProfileScores) -> None:
    document, costs = tagging.documents(measured)
    said = "profner, minilm: of 10 texts of class 1 2 have no span of a scored type."
    assert said in document.remarks
    assert said in tagging.summary(measured).remarks
    _, types, paired = document.tables
    assert [column.name for column in types.columns][1:] == ["PROFESION ↑", "label off the spans ↑"]
    (row,) = (row for row in paired.rows if row.keys[0] == "joint (label-only)")
    # Seed by seed .10, .09 and .08 less.
    assert row.cells[3].text.startswith("-.090 ±")
    assert costs.name.endswith("cost")


def test_a_page_shows_the_stored_verdicts_on_its_claims(tmp_path: Path) -> None:
    tables = tmp_path / "results" / "standard" / "tables"
    tables.mkdir(parents=True)
    heads = "| claim | says |\n| :-- | :-- |\n"
    lines = ["| *P1* | *whole* |\n", "| P1.1 | a part |\n", "| P10 | another |\n", "| C1 | c |\n"]
    (tables / "verdicts.md").write_text(f"# Title\n\n{heads}{''.join(lines)}\nRemark.\n")
    page = tmp_path / "docs" / "page.md"
    page.parent.mkdir()
    page.write_text("# A\n\n<!-- verdicts: P1 P2 -->\nold\n<!-- end of verdicts -->\nrest\n")
    assert pages.write_pages(tmp_path / "results", "standard") == [page]
    inside = f"<!-- verdicts: P1 P2 -->\n{heads}{lines[0]}{lines[1]}<!-- end of verdicts -->"
    assert page.read_text() == f"# A\n\n{inside}\nrest\n"
    assert pages.verdict_lines(tmp_path / "results", ["X9"]) == pages.NO_VERDICT


def test_the_page_of_occupations_shows_what_is_stored() -> None:
    """To mend it, run `python -m harness tables --profile standard`."""
    page = (ROOT / "docs" / "professions.md").read_text("utf-8")
    shown = pages.VERDICTS.search(page)
    assert shown is not None
    assert shown[3] == pages.verdict_lines(ROOT / "results", shown[2].split())
