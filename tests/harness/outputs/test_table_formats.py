"""Numbers as texts, and tables as Markdown and LaTeX whatever they hold."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.statistics import Interval
from harness.outputs.tables import (
    latex,
    markdown,
)
from harness.outputs.tables.cells import decimal, interval_text, quantity_text
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["main", "matrix"])
def test_latex_compiles(tmp_path, name):
    """Skipped where there is no TeX; a table with a sign that it does not know fails."""
    tex = shutil.which("pdflatex") or shutil.which("tectonic")
    if tex is None:
        pytest.skip("neither pdflatex nor tectonic is installed")
    table_text = (GOLDEN / f"{name}.tex").read_text(encoding="utf-8")
    lines = [
        r"\documentclass{article}",
        r"\usepackage[utf8]{inputenc}",
        r"\usepackage{booktabs}",
        r"\usepackage{graphicx}",
        r"\begin{document}",
        table_text,
        r"\end{document}",
    ]
    path = tmp_path / f"{name}.tex"
    path.write_text("\n".join(lines), encoding="utf-8")
    options = ["-interaction=nonstopmode", "-halt-on-error"] if tex.endswith("pdflatex") else []
    done = subprocess.run(
        [tex, *options, path.name], cwd=tmp_path, capture_output=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / f"{name}.pdf").stat().st_size > 1000


@given(st.floats(-1, 10))
def test_decimals_round_and_never_show_a_negative_zero(value):
    text = decimal(value)
    assert float(text) == pytest.approx(value, abs=0.00051)
    assert not re.match(r"-?0\.", text)
    assert text not in ("-.000", "-0.000")


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (None, "—"),
        (Interval(0.75), ".750"),
        (Interval(0.75, 0.74, 0.77), ".750 ± .020"),
        (Interval(-0.01, -0.02, 0.0), "-.010 ± .010"),
        (Interval(1.0, 0.9, 1.0), "1.000 ± .100"),
    ],
)
def test_interval_text(interval, text):
    assert interval_text(interval) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "B", "0.00 B"),
        (1536.0, "B", "1.50 KiB"),
        (3 * 2.0**20, "B", "3.00 MiB"),
        (1234.0, "", "1,234"),
        (1234.5, "s", "1,234 s"),
        (12.34, "s", "12.3 s"),
    ],
)
def test_quantity_text(value, unit, text):
    assert quantity_text(value, unit) == text


def document(text):
    rows = (Row((text,), (Cell(text, best=True),), notes=(0,)),)
    return Document("d", text, (Table(text, ("key",), (Column(text),), rows, (text,)),), (text,))


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20))
def test_markdown_rows_keep_their_cells_whatever_the_text(text):
    lines = [line for line in markdown.render(document(text)).split("\n") if line.startswith("| ")]
    assert {len(re.split(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines} == {4}


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20))
def test_latex_escapes_whatever_the_text(text):
    escaped = latex.escape(text)
    bare = re.sub(
        r"\\(textbackslash|textasciitilde|textasciicircum|textless|textgreater)\{\}"
        r"|\$\\(pm|times|uparrow|downarrow|rho)\$|\$\^\{\\d{1,2}agger\}\$|\\[&%$#_{}]",
        "",
        escaped,
    )
    assert not re.search(r"[\\&%$#_{}~^<>±†‡—↑↓ρ]", bare)


def test_latex_escapes_by_example():
    assert latex.escape("a_b & 50% ~ ^ \\ {x} #1 $") == (
        r"a\_b \& 50\% \textasciitilde{} \textasciicircum{} \textbackslash{} \{x\} \#1 \$"
    )
