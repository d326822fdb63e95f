"""A profile beside that of a smaller backbone: one table, one figure, one section of the report."""

from pathlib import Path

import pytest
from made_records import made_record, stored, usual_records

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import write_figures
from harness.outputs.report import render
from harness.outputs.sizes import Sizes, documents, side_by_side
from harness.outputs.tables import write_tables
from harness.outputs.tables.cells import MISSING

LEAKS_NO_MORE = ("C1.1", "leakage, linear ↓", "masked-weights", "adversarial", "movies")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Under the larger backbone `drlst-backbone` leaks less than masked weights."""
    results = tmp_path_factory.mktemp("sizes")
    small = [made_record("drlst-backbone", seed=s, leakage=0.8, rows=2000) for s in range(5)]
    stored(results, [*usual_records(5, rows=2000), *small], "standard")
    large = [
        made_record("drlst-backbone", seed=s, leakage=0.5, rows=2000, backbone="mpnet")
        for s in range(5)
    ]
    return stored(results, [*usual_records(5, rows=2000, backbone="mpnet"), *large], "base")


def both(folder: Path) -> Sizes:
    found = side_by_side(folder, ProfileScores.read(folder, "base"), "base")
    assert found is not None
    return found


def test_a_finding_holds_at_both_sizes_where_the_verdicts_agree(folder: Path) -> None:
    (document,) = documents(both(folder))
    rows = {row.keys: [cell.text for cell in row.cells] for row in document.tables[-1].rows}
    assert rows[LEAKS_NO_MORE][2:] == ["supported", "supported", "yes"]
    turned = (*LEAKS_NO_MORE[:3], "drlst-backbone", "movies")
    assert rows[turned][2:] == ["supported", "contradicted", "no"]


def test_methods_stand_side_by_side_and_what_is_missing_is_named(folder: Path) -> None:
    document = documents(both(folder))[0]
    table = document.tables[0]
    heads = [column.full_name for column in table.columns]
    assert heads[2:4] == ["leakage, linear ↓, minilm", "leakage, linear ↓, mpnet"]
    rows = {row.keys[0]: row.cells for row in table.rows}
    small, large = (rows["drlst-backbone"][i].number for i in (2, 3))
    assert small is not None
    assert large is not None
    assert small.mean == pytest.approx(0.8, abs=0.02)
    assert large.mean == pytest.approx(0.5, abs=0.02)
    assert {cell.text for cell in rows["rlace"]} == {MISSING}


def test_tables_figures_and_report_have_them(folder: Path) -> None:
    assert folder / "base" / "tables" / "sizes.md" in write_tables(folder, "base")
    assert folder / "base" / "figures" / "sizes.png" in write_figures(folder, "base")
    page = render(ProfileScores.read(folder, "base"), "base", both(folder))
    assert "minilm and mpnet side by side" in page


def test_one_size_alone_has_nothing_beside_it(tmp_path: Path) -> None:
    stored(tmp_path, [made_record("untuned", backbone="mpnet")], "base")
    measured = ProfileScores.read(tmp_path, "base")
    assert side_by_side(tmp_path, measured, "base") is None
    assert side_by_side(tmp_path, measured, "standard") is None
    assert documents(None) == []
