"""Whole tables against stored ones, and what they say of missing and failed trials."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import THREE, made_record, stored, usual_records

from harness.scores import Score
from harness.statistics import Interval
from harness.tables import latex, markdown, render_summary, write_tables
from harness.tables.layout import (
    Cell,
    Column,
    Document,
    Row,
    Table,
    decimal,
    interval_text,
    quantity_text,
)

GOLDEN = Path(__file__).parent / "golden"

MIXED = [
    *usual_records(3),
    *(made_record("seen", seed=s, target=0.9, leakage=0.3) for s in range(3)),
    made_record("part", seed=0),
    made_record("part", seed=1, status="failed", reason="ValueError: a_b | 50% & more"),
    *(made_record("never", seed=s, status="skipped", reason="needs triplets") for s in range(3)),
    made_record("masked-weights", variant="sparsity-0.9", leakage=0.62),
]


def table(folder, name, profile="quick"):
    return (folder / profile / "tables" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["md", "tex", "csv"])
def test_the_whole_main_table(tmp_path, suffix):
    write_tables(stored(tmp_path, MIXED), "quick")
    made = table(tmp_path, f"movies-rho0.85-minilm.{suffix}")
    assert made == (GOLDEN / f"main.{suffix}").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["md", "tex"])
def test_the_whole_matrix_of_three_aspects(tmp_path, suffix):
    records = [made_record("untuned", seed=s, aspects=THREE, rows=480, task="csv") for s in (0, 1)]
    write_tables(stored(tmp_path, records), "quick")
    made = table(tmp_path, f"csv-rho0.85-minilm-leakage-matrix.{suffix}")
    assert made == (GOLDEN / f"matrix.{suffix}").read_text(encoding="utf-8")


def test_the_matrix_holds_every_factor_on_every_representation(tmp_path):
    record = made_record("untuned", aspects=THREE, rows=480, task="csv")
    write_tables(stored(tmp_path, [record]), "quick")
    lines = list(
        csv.DictReader(table(tmp_path, "csv-rho0.85-minilm-leakage-matrix.csv").split("\n"))
    )
    shown = {(line["row"], line["column"]): line["mean"] for line in lines}
    for score in record.scores:
        if score.metric in ("target_accuracy", "leakage"):
            place = (f"untuned / {score.representation}", f"{score.probe} probe, {score.factor}")
            assert float(shown.pop(place)) == pytest.approx(score.value)
    assert {row for row, _ in shown} == {"chance"}


def test_missing_failed_and_skipped_trials_are_told_apart(tmp_path):
    write_tables(stored(tmp_path, MIXED), "quick")
    text = table(tmp_path, "movies-rho0.85-minilm.md")
    summary = text.split("## genre")[0]
    row = next(line for line in summary.splitlines() if line.startswith("| never"))
    assert row.count("—") == 6
    assert "0/3" in row
    assert "never, seeds 0, 1, 2: skipped (needs triplets)" in summary
    assert "part, seed 1: failed (ValueError: a\\_b \\| 50% &amp; more)" in summary
    assert "part, seed 2: not run" in summary
    assert "sparsity-0.9" not in text


def test_marks(tmp_path):
    write_tables(stored(tmp_path, MIXED), "quick")
    lines = csv.DictReader(table(tmp_path, "summary.csv").split("\n"))
    leakage = {line["row"]: line for line in lines if line["column"] == "leakage, linear ↓"}
    assert leakage["masked-weights"]["best"] == "true"
    assert leakage["untuned"]["best"] == "false"
    assert leakage["seen"]["best"] == "false"
    assert leakage["seen"]["shown"].endswith("†")
    assert "†" not in leakage["untuned"]["shown"]
    assert "below chance" in table(tmp_path, "summary.md")


def test_no_dagger_remark_without_a_dagger(tmp_path):
    write_tables(stored(tmp_path, usual_records(3)), "quick")
    assert "†" not in table(tmp_path, "summary.md")


def test_costs_and_own_scores(tmp_path):
    own = [Score("adversary_accuracy", 0.61, "genre", "sentiment")]
    records = [*usual_records(2), *(made_record("adv", seed=s, own=own) for s in (0, 1))]
    write_tables(stored(tmp_path, records), "quick")
    assert "| adv | 13.0 s | 310 | 4.00 s | 1.50 GiB | 1,234,567 | 2.93 KiB |" in table(
        tmp_path, "movies-rho0.85-minilm-cost.md"
    )
    own_scores = table(tmp_path, "movies-rho0.85-minilm-own-scores.md")
    assert "| adv | adversary accuracy | genre | sentiment |  | .610 ± .000 |" in own_scores
    assert "untuned" not in own_scores


def test_writing_twice_gives_equal_bytes_and_removes_what_is_stale(tmp_path):
    stored(tmp_path, [*MIXED, *usual_records(1, correlation=0.5)])
    first = {path: path.read_bytes() for path in write_tables(tmp_path, "quick")}
    stale = tmp_path / "quick" / "tables" / "gone-rho0.5-minilm.md"
    stale.write_text("old")
    second = {path: path.read_bytes() for path in write_tables(tmp_path, "quick")}
    assert first == second
    assert not stale.exists()
    assert sorted(second) == sorted((tmp_path / "quick" / "tables").iterdir())


def test_the_summary_shows_the_main_correlation_of_every_task(tmp_path):
    records = [
        *usual_records(1, correlation=0.5),
        *usual_records(2),
        *usual_records(1, task="tweets", correlation=0.7),
    ]
    write_tables(stored(tmp_path, records), "quick")
    titles = re.findall("^## (.*)$", table(tmp_path, "summary.md"), re.MULTILINE)
    assert titles == ["movies, ρ = .85, minilm", "tweets, ρ = .7, minilm"]


def test_the_summary_for_the_terminal(tmp_path):
    text = render_summary(stored(tmp_path, MIXED), "quick")
    lines = text.splitlines()
    assert lines[0] == "movies, ρ = .85, minilm"
    heads = lines[1]
    assert heads.index("seeds") < heads.index("target accuracy, linear ↑")
    untuned, chance = (
        next(line for line in lines if line.startswith(name)) for name in ("untuned", "chance")
    )
    assert ".500" in chance
    assert "*" in next(line for line in lines if line.startswith("masked-weights "))
    assert "[2] part, seed 1: failed" in text or "[1] part, seed 1: failed" in text
    assert untuned.split()[1] == "3"
    assert "**" not in text


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
        r"|\$\\(pm|times|uparrow|downarrow|rho)\$|\$\^\{\\dagger\}\$|\\[&%$#_{}]",
        "",
        escaped,
    )
    assert not re.search(r"[\\&%$#_{}~^<>±†—↑↓ρ]", bare)


def test_latex_escapes_by_example():
    assert latex.escape("a_b & 50% ~ ^ \\ {x} #1 $") == (
        r"a\_b \& 50\% \textasciitilde{} \textasciicircum{} \textbackslash{} \{x\} \#1 \$"
    )
