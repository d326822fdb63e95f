"""Tables of responses: each measure once, no line for guessing, and variants less the default."""

from dataclasses import replace
from pathlib import Path

from made_records import made_record, stored

from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs.figures import responses as figures
from harness.outputs.tables import content, responses
from harness.store.records import Record, key_of, schema_of


def answered(variant: str, *, seed: int, use: float, samples: int) -> Record:
    """A record of a model of responses."""
    record = made_record("speaker", variant=variant, seed=seed, task="talk", correlation=0.0)
    settings = {"samples": samples, "draws": "best", "annealing": "none", "bag_of_words": 0.0}
    own = {"task": {"kind": "responses"}, "corpus": {"name": "talk"}, "settings": settings}
    inputs = {**record.inputs, **own}
    names = [column.metric.metric_keys[0].metric for column in responses.COLUMNS]
    scores = {**dict.fromkeys(names, 10.0 + seed), "latent_use": use + seed / 10}
    return replace(
        record,
        schema=schema_of("responses"),
        key=key_of(inputs),
        inputs=inputs,
        scores=tuple(Score(name, value) for name, value in scores.items()),
        right={},
        counts={},
        pairs=None,
        projections={},
    )


def measured(folder: Path) -> ProfileScores:
    records = [answered("default", seed=s, use=1.5, samples=5) for s in (0, 1)]
    records += [answered("single", seed=s, use=0.1, samples=1) for s in (0, 1)]
    return ProfileScores.read(stored(folder, records), "quick").by_kind()["responses"]


def test_the_summary_has_each_measure_once_and_no_line_for_guessing(tmp_path: Path) -> None:
    (table,) = responses.summary(measured(tmp_path)).tables
    assert [row.keys[0] for row in table.rows] == ["speaker"]
    assert content.CHANCE not in {row.keys[0] for row in table.rows}
    heads = [column.full_name for column in table.columns]
    assert len(set(heads)) == len(heads) == len(responses.COLUMNS) + 1
    (row,) = table.rows
    assert row.cells[heads.index("nats a response, use of z ↑")].text.startswith("1.550")


def test_variants_have_the_same_columns_and_stand_less_the_default(tmp_path: Path) -> None:
    made = {document.name: document for document in responses.documents(measured(tmp_path))}
    table, less = made["talk-minilm-speaker-variants"].tables
    heads = [column.full_name for column in table.columns]
    assert len(heads) == len(responses.COLUMNS) + 1
    assert [row.keys for row in table.rows] == [("default", ""), ("single", "samples=1")]
    (row,) = less.rows
    shown = dict(zip([c.full_name for c in less.columns], row.cells, strict=True))
    assert shown["nats a response, use of z ↑"].text.startswith("-1.400")


def test_a_figure_shows_use_of_z_over_the_number_of_draws(tmp_path: Path) -> None:
    (chart,) = figures.charts(measured(tmp_path))
    figure = chart.draw()
    assert figure is not None
    (line,) = figure.axes[0].containers
    x, y = line.lines[0].get_data()
    assert list(x) == [1, 5]
    assert [round(float(value), 6) for value in y] == [0.15, 1.55]
