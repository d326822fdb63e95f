"""Variants less the default: over shared seeds alone, so that other draws change nothing."""

from dataclasses import replace

import numpy as np
import pytest
from made_records import made_record, stored

from harness.analysis.metrics import Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import mean_interval
from harness.contract.scores import Score
from harness.outputs.figures import language as figures
from harness.outputs.remarks import every
from harness.outputs.tables import language, less_default, write_tables
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Column
from harness.outputs.tables.variants import accuracy_columns
from harness.store.records import key_of, schema_of

MOVIES = Condition("movies", 0.85, "minilm")
TALK = Condition("talk", 0.0, "minilm")


def spoken(variant, *, seed, bound, status="done"):
    """A record of a model of texts; the draws of seed 1 are harder by ten nats."""
    record = made_record("vae", variant=variant, seed=seed, task="talk", correlation=0.0)
    inputs = {
        **record.inputs,
        "task": {"kind": "language"},
        "corpus": {"name": "talk"},
        "settings": {},
    }
    nats = bound + 10.0 * seed
    scores = (Score("negative_elbo", nats), Score("latent_use", 5.0))
    return replace(
        record,
        schema=schema_of("language"),
        key=key_of(inputs),
        status=status,
        reason="" if status == "done" else "out of memory",
        inputs=inputs,
        scores=scores if status == "done" else (),
        right={},
        counts={},
    )


def rows_of(table):
    return {row.keys[0]: [cell.number for cell in row.cells] for row in table.rows}


def test_harder_draws_of_the_default_are_not_held_against_it(tmp_path):
    """A variant with the first seed alone, better by one nat; means over all seeds say six."""
    records = [spoken("default", seed=s, bound=50.0) for s in (0, 1)]
    records.append(spoken("better", seed=0, bound=49.0))
    measured = ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["language"]
    bound = Metric.mean([MetricKey("negative_elbo")])
    variant, default = MethodVariant("vae", "better"), MethodVariant("vae")
    unpaired = [measured.at(TALK).interval(c, bound).mean for c in (variant, default)]
    assert unpaired[0] - unpaired[1] == pytest.approx(-6.0)
    (document, *_) = language.documents(measured)
    (paired,) = [table for table in document.tables if table.title == less_default.TITLE]
    assert set(less_default.REMARKS) <= set(document.remarks)
    shown = {c.full_name: n for c, n in zip(paired.columns, paired.rows[0].cells, strict=True)}
    assert [row.keys for row in paired.rows] == [(variant.label,)]
    assert shown["seeds"].text == "1"
    assert shown["nats a sentence ↓, negative ELBO"].text == "-1.000"
    assert shown["use of z ↑, nats a sentence"].text == ".000"
    assert shown["nats a sentence ↓, KL"].number is None


def test_two_shared_seeds_have_students_interval(tmp_path):
    records = [spoken("default", seed=s, bound=50.0) for s in (0, 1, 2)]
    records += [spoken("other", seed=s, bound=50.5 + 0.1 * s) for s in (1, 2, 3)]
    scores = ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["language"].at(TALK)
    columns = [Measured(Column("bound"), Metric.mean([MetricKey("negative_elbo")]))]
    table = less_default.table(scores, [MethodVariant("vae", "other")], columns)
    ((seeds, found),) = rows_of(table).values()
    expected = mean_interval([0.6, 0.7])
    assert seeds.mean == 2
    assert found.mean == pytest.approx(expected.mean)
    assert found.half_width == pytest.approx(expected.half_width)


@pytest.mark.parametrize(
    "records",
    [
        [spoken("default", seed=0, bound=50.0), spoken("other", seed=1, bound=50.0)],
        [
            spoken("default", seed=0, bound=50.0),
            spoken("other", seed=0, bound=50.0, status="failed"),
        ],
        [spoken("other", seed=0, bound=50.0)],
        [spoken("default", seed=0, bound=50.0)],
    ],
    ids=["other seeds", "failed", "no default", "no variant"],
)
def test_without_a_pair_there_is_no_table(tmp_path, records):
    measured = ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["language"]
    for document in language.documents(measured):
        assert less_default.TITLE not in [table.title for table in document.tables]
        assert not set(less_default.REMARKS) & set(document.remarks)


def test_one_seed_speaks_of_its_rows_where_they_were_kept(tmp_path):
    records = [made_record("masked-weights", seed=s, leakage=0.6) for s in (0, 1)]
    records.append(made_record("masked-weights", variant="leaky", leakage=0.8))
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    columns = accuracy_columns(scores)
    default, leaky = MethodVariant("masked-weights"), MethodVariant("masked-weights", "leaky")
    table = less_default.table(scores, (default, leaky), columns)
    (numbers,) = rows_of(table).values()
    for column, number in zip(columns, numbers[1:], strict=True):
        first, second = (scores.by_seed(c, column.metric)[0] for c in (leaky, default))
        assert number.mean == pytest.approx(first - second)
        assert number.known == (column.column.group not in ("worst group ↑", "kept"))


def test_it_stands_below_the_variants(tmp_path):
    records = [made_record("masked-weights", seed=s) for s in (0, 1)]
    records.append(made_record("masked-weights", variant="leaky"))
    results = stored(tmp_path, records)
    write_tables(results, "quick")
    path = results / "quick" / "tables" / "movies-rho0.85-minilm-masked-weights-variants.md"
    above, _, below = path.read_text().partition(f"## {less_default.TITLE}")
    assert "| leaky |" in above
    assert "| masked-weights (leaky) | 1 |" in below


def test_sparsity_stands_beside_its_calibration_and_labels_where_they_were_measured(tmp_path):
    plain = spoken("default", seed=0, bound=50.0)
    more = (
        Score("hoyer", 0.5),
        Score("hoyer_dense", 0.24),
        Score("gate_accuracy", 0.7, factor="sentiment", probe="linear"),
    )
    sparse = spoken("sparse", seed=0, bound=51.0)
    sparse = replace(sparse, scores=(*sparse.scores, *more))
    measured = ProfileScores.read(stored(tmp_path, [plain, sparse]), "quick").by_kind()["language"]
    (document, *_) = language.documents(measured)
    assert set(every("codes")) <= set(document.remarks)
    (table,) = [t for t in document.tables if "Sparsity" in t.title]
    (row,) = table.rows
    assert row.keys == ("vae", "sparse")
    shown = {c.full_name: cell.text for c, cell in zip(table.columns, row.cells, strict=True)}
    assert shown["Hoyer, mean"] == ".500"
    assert shown["Hoyer, dense Gaussian"] == ".240"
    assert shown["Hoyer, slab alone"] == language.MISSING
    assert shown["sentiment, gate"] == ".700"
    # Where nobody measured it, there is no such table.
    (only, *_) = language.documents(
        ProfileScores.read(stored(tmp_path / "b", [plain]), "quick").by_kind()["language"]
    )
    assert not [t for t in only.tables if "Sparsity" in t.title]


def test_accuracy_is_drawn_over_sparsity_where_labels_were_read(tmp_path):
    plain, *sparse = (spoken(name, seed=0, bound=50.0) for name in ("default", "one", "two"))
    found = []
    for record, value in zip(sparse, (0.3, 0.6), strict=True):
        more = (
            Score("hoyer", value),
            Score("hoyer_dense", 0.24),
            Score("latent_accuracy", 0.9 - value, factor="sentiment", probe="linear"),
            Score("label_chance", 0.5, factor="sentiment"),
        )
        found.append(replace(record, scores=(*record.scores, *more)))
    measured = ProfileScores.read(stored(tmp_path, [plain, *found]), "quick").by_kind()["language"]
    (chart,) = [c for c in figures.charts(measured) if c.name.endswith("sparsity")]
    figure = chart.draw()
    assert figure is not None
    (ax,) = figure.axes
    shown = {text.get_text() for text in ax.texts}
    assert {"vae (one)", "vae (two)", "chance"} <= shown
    drawn = sorted(tuple(c.lines[0].get_xydata()[0]) for c in ax.containers)
    np.testing.assert_allclose(drawn, [(0.3, 0.6), (0.6, 0.3)])
    assert ax.get_xlim() == (0, 1)
    # Where nobody measured it, there is no such figure.
    only = ProfileScores.read(stored(tmp_path / "b", [plain]), "quick").by_kind()["language"]
    assert not [c for c in figures.charts(only) if c.name.endswith("sparsity")]


def test_a_task_with_a_model_of_its_own_takes_none_from_the_summary_of_others(tmp_path):
    found = [spoken(name, seed=0, bound=50.0) for name in ("default", "own-study")]
    for variant, task in (("default", "reports"), ("converged", "all")):
        record = spoken(variant, seed=0, bound=50.0)
        found.append(replace(record, trial=replace(record.trial, task=task)))
    measured = ProfileScores.read(stored(tmp_path, found), "quick").by_kind()["language"]
    shown = {
        t.title.split(",")[0]: [r.keys[1] for r in t.rows]
        for t in language.summary(measured).tables
    }
    assert shown == {"talk": ["default"], "reports": ["default"], "all": ["converged"]}
