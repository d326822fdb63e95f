"""What is marked in tables, and who takes part: the best, controls, upper bounds, collapse."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from made_records import made_record, stored, usual_records
from made_tables import MIXED, summary_rows, table

from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval
from harness.contract.scores import Score
from harness.outputs.tables import (
    content,
    latex,
    markdown,
    variants,
    write_tables,
)
from harness.outputs.tables.columns import probe_columns, summary_columns
from harness.outputs.tables.content import comparison, remarks
from harness.outputs.tables.layout import Document


def marks(row):
    return [cell.best for cell in row.cells]


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
        (scores,) = map(measured.at, measured.main_conditions)
        columns = summary_columns(scores)
        return [
            content.main(scores),
            content.matrix(scores),
            content.costs(scores),
            *variants.documents(scores, columns),
        ]

    *tables, own = made("control", control=True)
    for document in tables:
        for each in document.tables:
            rows = [row for row in each.rows if row.keys[0] == "number"]
            assert rows
            assert all(row.apart for row in rows)
            assert not any(cell.best for row in rows for cell in row.cells)
            assert r"\emph{number}" in latex.render(document)
    assert not any(cell.best for row in own.tables[0].rows for cell in row.cells)
    *tables, own = made("rival")
    assert not any(row.apart for row in tables[0].tables[0].rows if row.keys[0] == "number")
    for document in (tables[0], own):
        assert any(cell.best for row in document.tables[0].rows for cell in row.cells)


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
    (scores,) = map(measured.at, measured.main_conditions)
    columns = (*summary_columns(scores), *probe_columns(scores))
    made = comparison(scores, "", columns)
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
