"""Whole tables against stored ones, and what they say of missing and failed trials."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_records import THREE, made_record, stored, usual_records
from made_tables import MIXED, summary_rows, table

from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs.tables import (
    latex,
    markdown,
    plain,
    render_summary,
    write_tables,
)
from harness.outputs.tables.columns import PROBES, summary_columns
from harness.outputs.tables.content import comparison
from harness.outputs.tables.layout import Document
from harness.store.records import Record

GOLDEN = Path(__file__).parent / "golden"


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


def test_methods_of_other_settings_are_named_in_a_line(tmp_path):
    records = [*usual_records(1), made_record("untuned", task="tweets")]
    measured = ProfileScores.read(stored(tmp_path, records), "quick")
    movies, tweets = (
        comparison(scores, "", summary_columns(scores))
        for scores in map(measured.at, measured.main_conditions)
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


def test_a_table_names_trials_whose_encoders_computed_in_different_types(tmp_path):
    def computed(precision: str) -> list[Record]:
        records = [made_record(name) for name in ("untuned", f"in-{precision}")]
        return [
            replace(r, provenance={**r.provenance, "precision": precision})
            for r in records[precision == "bfloat16" :]
        ]

    alike, other = computed("float32"), computed("bfloat16")
    write_tables(stored(tmp_path / "alike", alike), "quick")
    write_tables(stored(tmp_path / "mixed", [*alike, *other]), "quick")
    said = "Encoders computed in different types: float32 (2), bfloat16 (1) trials."
    name = "movies-rho0.85-minilm.md"
    assert said in table(tmp_path / "mixed", name).replace("\n", " ")
    assert "different types" not in table(tmp_path / "alike", name)
