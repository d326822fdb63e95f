"""Whole tables against stored ones, and what they say of missing and failed trials."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import THREE, made_record, stored, usual_records

from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval, mean_interval
from harness.contract.scores import Score
from harness.outputs.tables import (
    content,
    latex,
    markdown,
    plain,
    render_summary,
    variants,
    write_tables,
)
from harness.outputs.tables.cells import decimal, interval_text, quantity_text
from harness.outputs.tables.columns import PROBES, probe_columns, summary_columns
from harness.outputs.tables.content import comparison, remarks
from harness.outputs.tables.layout import Cell, Column, Document, Row, Table

GOLDEN = Path(__file__).parent / "golden"

MIXED = [
    *usual_records(3),
    *(made_record("seen", seed=s, target=0.9, leakage=0.3) for s in range(3)),
    made_record("part", seed=0),
    made_record("part", seed=1, status="failed", reason="ValueError: a_b | 50% & more"),
    *(made_record("never", seed=s, status="skipped", reason="needs triplets") for s in range(3)),
    made_record("masked-weights", variant="sparsity-0.9", leakage=0.62),
    *(made_record("oracle", seed=s, target=0.95, leakage=0.55, balanced=True) for s in range(3)),
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
        if score.metric in ("target_accuracy", "leakage") and score.probe in PROBES:
            place = (f"untuned / {score.representation}", f"{score.probe} probe, {score.factor}")
            assert float(shown.pop(place)) == pytest.approx(score.value)
    assert {row for row, _ in shown} == {"chance"}


def test_missing_failed_and_skipped_trials_are_told_apart(tmp_path):
    write_tables(stored(tmp_path, MIXED), "quick")
    text = table(tmp_path, "movies-rho0.85-minilm.md")
    summary = text.split("## Further")[0]
    row = next(line for line in summary.splitlines() if line.startswith("| never"))
    assert row.count("—") == 8
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


def summary_rows(folder, records, columns=summary_columns):
    """The rows of a summary by method, and the table that they are from."""
    measured = ProfileScores.read(stored(folder, records), "quick")
    (condition,) = measured.main_conditions
    made = comparison(measured, condition, "", columns(measured, condition))
    return {row.keys[0]: row for row in made.rows}, made


def marks(row):
    return [cell.best for cell in row.cells]


def test_a_single_seed_is_never_bold(tmp_path):
    """Not as if tied, and not as if best; with a second seed it can be either."""
    best = [made_record("lone", seed=s, target=0.95, leakage=0.5) for s in range(2)]
    one, _ = summary_rows(tmp_path / "one", [*usual_records(3), best[0]], probe_columns)
    two, made = summary_rows(tmp_path / "two", [*usual_records(3), *best], probe_columns)
    heads = [column.full_name for column in made.columns]
    distance, leakage = heads.index("DTO, linear ↓"), heads.index("leakage, kernel ↓")
    assert not one["lone"].cells[distance].best
    assert one["masked-weights"].cells[distance].best
    assert two["lone"].cells[distance].best
    # Rows were kept of leakage, but one seed decides nothing.
    assert not one["lone"].cells[leakage].best
    alone, _ = summary_rows(tmp_path / "alone", usual_records(1), probe_columns)
    assert not any(row.cells[distance].best for row in alone.values())


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


def test_upper_bounds_stand_above_chance_and_out_of_the_competition(tmp_path):
    """Without its balanced rows the same record wins; with them all marks are as if it were not."""
    rival = [made_record("oracle", seed=s, target=0.95, leakage=0.55) for s in range(3)]
    without, _ = summary_rows(tmp_path / "without", MIXED[:-3])
    bound, made = summary_rows(tmp_path / "bound", MIXED)
    won, _ = summary_rows(tmp_path / "won", [*MIXED[:-3], *rival])
    assert [row.keys[0] for row in made.rows if row.apart] == ["oracle", "chance"]
    assert [row.keys[0] for row in made.rows][-2:] == ["oracle", "chance"]
    assert not any(marks(bound["oracle"]))
    assert any(marks(won["oracle"]))
    assert {n: marks(row) for n, row in without.items()} == {
        n: marks(row) for n, row in bound.items() if n != "oracle"
    }
    assert {n: marks(row) for n, row in without.items()} != {
        n: marks(row) for n, row in won.items() if n != "oracle"
    }
    assert any("upper bounds" in remark for remark in remarks([made], several=False))
    lines = latex.render(Document("d", "d", (made,))).split("\n")
    (place,) = (i for i, line in enumerate(lines) if line.startswith(r"\emph{oracle}"))
    assert lines[place - 1] == r"\midrule"
    assert lines[place + 1].startswith(r"\emph{chance}")
    assert "| *oracle* | 3 |" in markdown.render(Document("d", "d", (made,)))


def test_controls_are_italic_in_every_table_and_never_marked(tmp_path):
    """Without what its inputs say, the same record is one method among others, and the best."""

    def made(folder, **role):
        settings = {"default": 0.55, "rank-50": 0.52}
        number = [
            made_record("number", seed=s, variant=name, target=0.9, leakage=level, **role)
            for s in range(3)
            for name, level in settings.items()
        ]
        return documents(stored(tmp_path / folder, [*usual_records(3), *number]))

    def documents(results):
        measured = ProfileScores.read(results, "quick")
        (condition,) = measured.main_conditions
        columns = summary_columns(measured, condition)
        return [
            content.main(measured, condition),
            content.matrix(measured, condition),
            content.costs(measured, condition),
            *variants.documents(measured, condition, columns),
        ]

    *tables, own = made("control", control=True)
    for document in tables:
        for table in document.tables:
            rows = [row for row in table.rows if row.keys[0] == "number"]
            assert rows
            assert all(row.apart for row in rows)
            assert not any(cell.best for row in rows for cell in row.cells)
            assert r"\emph{number}" in latex.render(document)
    assert not any(cell.best for row in own.tables[0].rows for cell in row.cells)
    *tables, own = made("rival")
    assert not any(row.apart for row in tables[0].tables[0].rows if row.keys[0] == "number")
    for document in (tables[0], own):
        assert any(cell.best for row in document.tables[0].rows for cell in row.cells)


def test_methods_of_other_settings_are_named_in_a_line(tmp_path):
    records = [*usual_records(1), made_record("untuned", task="tweets")]
    measured = ProfileScores.read(stored(tmp_path, records), "quick")
    movies, tweets = (
        comparison(measured, condition, "", summary_columns(measured, condition))
        for condition in measured.main_conditions
    )
    assert movies.left_out == ""
    said = "Not run here: adversarial, masked-weights."
    assert [row.keys[0] for row in tweets.rows] == ["untuned", "chance"]
    for render in (markdown.render, latex.render, plain.render):
        assert said in render(Document("d", "d", (tweets,)))
        assert "Not run here" not in render(Document("d", "d", (movies,)))


def test_methods_that_lack_the_same_seeds_share_a_note(tmp_path):
    records = [*usual_records(3), *(made_record(name, leakage=0.9) for name in ("a", "b", "c"))]
    records += [made_record("c", seed=1, status="failed", reason="ValueError: nan")]
    rows, made = summary_rows(tmp_path, records)
    by_note = {
        made.notes[n]: {name for name, row in rows.items() if n in row.notes}
        for n in range(len(made.notes))
    }
    assert {frozenset(names) for names in by_note.values()} == {
        frozenset({"a", "b"}),
        frozenset({"c"}),
    }
    (alike,) = (note for note, names in by_note.items() if names == {"a", "b"})
    assert re.fullmatch(r"[ab], [ab], seeds 1, 2: not run", alike)
    assert sorted(note for note, names in by_note.items() if names == {"c"}) == [
        "c, seed 1: failed (ValueError: nan)",
        "c, seed 2: not run",
    ]


def test_the_distance_to_the_optimum_is_that_of_every_seed(tmp_path):
    records = usual_records(3)
    write_tables(stored(tmp_path, records), "quick")
    text = table(tmp_path, "movies-rho0.85-minilm.csv")
    lines = [li for li in csv.DictReader(text.split("\n")) if li["table"] == "Further probes"]
    shown = {li["row"]: li for li in lines if li["column"] == "DTO, linear ↓"}
    for method in ("untuned", "adversarial", "masked-weights"):
        distances = []
        for record in (r for r in records if r.trial.method == method):
            read = {s.metric: [] for s in record.scores}
            for score in record.scores:
                if score.probe == "linear":
                    read[score.metric].append(score.value)
            target, leakage = (np.mean(read[m]) for m in ("target_accuracy", "leakage"))
            distances.append(((1 - target) ** 2 + (leakage - 0.5) ** 2) ** 0.5)
        expected = mean_interval(distances)
        for name, value in (("mean", expected.mean), ("low", expected.low)):
            assert float(shown[method][name]) == pytest.approx(value, abs=1e-9)
    # Guessing reads half of the targets and leaks nothing.
    assert float(shown["chance"]["mean"]) == 0.5
    assert shown["masked-weights"]["best"] == "true"
    assert shown["untuned"]["best"] == "false"


def test_description_length_stands_beside_accuracy(tmp_path):
    measured = ProfileScores.read(stored(tmp_path, usual_records(3)), "quick")
    (condition,) = measured.main_conditions
    columns = (*summary_columns(measured, condition), *probe_columns(measured, condition))
    made = comparison(measured, condition, "", columns)
    heads = [column.full_name for column in made.columns]
    cells = {row.keys[0]: dict(zip(heads, row.cells, strict=True)) for row in made.rows}
    for head, accuracy in (
        ("MDL (bits/text), target ↓", "target accuracy, linear ↑"),
        ("MDL (bits/text), leakage ↑", "leakage, linear ↓"),
    ):
        for row in ("untuned", "masked-weights"):
            # Made records code a text in 1.2 bits less the accuracy.
            bits = 1.2 - cells[row][accuracy].number.mean
            assert cells[row][head].number.mean == pytest.approx(bits)
        assert cells["chance"][head].number.mean == 1.0
        assert cells["masked-weights"][head].best
    assert not cells["untuned"]["MDL (bits/text), leakage ↑"].best


def test_no_dagger_remark_without_a_dagger(tmp_path):
    write_tables(stored(tmp_path, usual_records(3)), "quick")
    assert "†" not in table(tmp_path, "summary.md")


def test_a_collapsed_representation_has_a_sign_where_it_shows(tmp_path):
    """Rank and neighbours by themselves, on any one representation, and only below the limit."""

    def few(seed, *, rank=50.0, neighbours=0.4, aspect="genre"):
        record = made_record("few", seed=seed, kept=0.4)
        low = {"effective_rank": rank, "neighbours_kept": neighbours}
        scores = tuple(
            Score(s.metric, low[s.metric], aspect)
            if s.metric in low and s.representation == aspect
            else s
            for s in record.scores
        )
        return replace(record, scores=scores)

    def signs(name, **changes):
        records = [*usual_records(2), *(few(seed, **changes) for seed in range(2))]
        rows, made = summary_rows(tmp_path / name, records)
        heads = [column.full_name for column in made.columns]
        signed = {h for h, c in zip(heads, rows["few"].cells, strict=True) if "‡" in c.text}
        assert not [cell for cell in rows["untuned"].cells if "‡" in cell.text]
        assert len([cell for cell in rows["masked-weights"].cells if "‡" in cell.text]) == 2
        assert "five times chance" in remarks([made], several=False)[-1]
        return signed

    assert signs("fine") == set()
    assert signs("rank", rank=1.99) == {"kept, effective rank ↑"}
    assert signs("almost", rank=2.0, neighbours=0.05) == set()
    assert signs("neighbours", neighbours=0.0499, aspect="sentiment") == {"kept, neighbours ↑"}


def test_the_untuned_encoder_is_not_the_best_at_keeping_itself(tmp_path):
    rows, made = summary_rows(tmp_path, usual_records(3))
    heads = [column.full_name for column in made.columns]
    for head in ("kept, neighbours ↑", "kept, recovered ↑", "kept, effective rank ↑"):
        best = {name: row.cells[heads.index(head)].best for name, row in rows.items()}
        assert [name for name, is_best in best.items() if is_best] == ["adversarial"]
    assert rows["untuned"].cells[heads.index("kept, neighbours ↑")].text == "1.000 ± .000"
    chances = {h: c.text for h, c in zip(heads, rows["chance"].cells, strict=True)}
    assert chances["kept, neighbours ↑"] == ".010"
    assert chances["kept, recovered ↑"] == ".000"
    assert chances["kept, effective rank ↑"] == "—"


def test_what_was_not_measured_is_missing_and_nothing_else(tmp_path):
    """One method without retention, and then nobody with it: no table of details is made."""
    lacking = [made_record("lacking", seed=s, kept=None) for s in range(2)]
    rows, made = summary_rows(tmp_path / "some", [*usual_records(2), *lacking])
    heads = [column.full_name for column in made.columns]
    texts = dict(zip(heads, (cell.text for cell in rows["lacking"].cells), strict=True))
    assert [h for h, text in texts.items() if text == "—"] == [
        "kept, neighbours ↑",
        "kept, recovered ↑",
        "kept, effective rank ↑",
    ]
    write_tables(stored(tmp_path / "none", usual_records(2, kept=None)), "quick")
    text = table(tmp_path / "none", "movies-rho0.85-minilm.md")
    assert "## Further probes" in text
    assert "Details" not in text.split("- Mean over seeds")[0]
    assert "‡" not in text


def test_details_and_similarity_have_columns_where_they_were_measured(tmp_path):
    told = [Score("detail", 0.7, "sentiment"), Score("detail", 0.7, "sentiment", "rating")]
    told += [Score("similarity_kept", value, a) for a, value in (("genre", 0.9), ("sentiment", 1))]
    records = [*usual_records(1), made_record("told", own=told)]
    write_tables(stored(tmp_path, records), "quick")
    lines = csv.DictReader(table(tmp_path, "movies-rho0.85-minilm.csv").split("\n"))
    shown = {
        (line["row"], line["column"]): line["shown"]
        for line in lines
        if line["table"] == "Details and other factors"
    }
    assert shown["told", "detail, mean ↑"] == shown["told", "detail, rating ↑"] == ".700"
    assert shown["chance", "detail, rating ↑"] == ".500"
    assert shown["told", "kept, similarity ↑"] == ".950"
    assert shown["untuned", "detail, rating ↑"] == "—"


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
        r"|\$\\(pm|times|uparrow|downarrow|rho)\$|\$\^\{\\d{1,2}agger\}\$|\\[&%$#_{}]",
        "",
        escaped,
    )
    assert not re.search(r"[\\&%$#_{}~^<>±†‡—↑↓ρ]", bare)


def test_latex_escapes_by_example():
    assert latex.escape("a_b & 50% ~ ^ \\ {x} #1 $") == (
        r"a\_b \& 50\% \textasciitilde{} \textasciicircum{} \textbackslash{} \{x\} \#1 \$"
    )
