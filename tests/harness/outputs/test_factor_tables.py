"""Tables and figures of known factors: floors beside every number, the ceiling below, no best."""

from dataclasses import replace
from pathlib import Path

from made_records import made_record, stored

from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.contract.heatmap_data import Heatmap
from harness.contract.scores import Score
from harness.outputs.figures import factors as figures
from harness.outputs.figures import heatmaps
from harness.outputs.tables import factors
from harness.store.records import Record, key_of, schema_of

GRID = Heatmap("share", ("negation", "tense"), ("z1", "z2"), ((0.9, 0.1), (0.0, 0.4)))


def measured_record(method: str, seed: int, mig: float, status: str = "done") -> Record:
    record = made_record(method, seed=seed, task="dsentences-factors", correlation=0.0)
    inputs = {**record.inputs, "task": {"kind": "factors"}}
    named = {"mig": mig, "mig_permuted": 0.01, "mig_untrained": 0.06, "mig_ceiling": 1.0}
    scores = [Score(metric, value) for metric, value in named.items()]
    scores += [Score(metric, value, factor="negation") for metric, value in named.items()]
    scores.append(Score("kl", 9.5))
    return replace(
        record,
        schema=schema_of("factors"),
        key=key_of(inputs),
        status=status,
        reason="" if status == "done" else "out of memory",
        inputs=inputs,
        scores=tuple(scores) if status == "done" else (),
        right={},
        counts={},
        grids=(GRID,) if status == "done" else (),
    )


def measured(folder: Path) -> ProfileScores:
    made = [measured_record("discrete-vae", seed, 0.30 + 0.02 * seed) for seed in (0, 1)]
    made += [measured_record("joint-vae", 0, 0.5), measured_record("joint-vae", 1, 0, "failed")]
    return ProfileScores.read(stored(folder, made), "quick").by_kind()["factors"]


def test_every_number_has_its_floors_and_the_ceiling(tmp_path: Path) -> None:
    (table,) = factors.summary(measured(tmp_path)).tables
    column = [head.name for head in table.columns].index("MIG")
    shown = {row.keys[0]: row for row in table.rows}
    assert shown["discrete-vae"].cells[column].text == ".310 ± .127 (.010, .060)"
    assert shown["joint-vae"].cells[column].text == ".500 (.010, .060)"
    assert shown["joint-vae"].cells[0].text == "1/2"
    assert table.notes == ("joint-vae: failed (out of memory)",)
    assert shown["ceiling"].cells[column].text == "1.000"
    assert shown["ceiling"].apart
    assert not any(cell.best for row in table.rows for cell in row.cells)


def test_documents_have_each_factor_and_what_codes_hold(tmp_path: Path) -> None:
    document, costs = factors.documents(measured(tmp_path))
    table, each = document.tables
    assert [head.name for head in each.columns] == ["seeds", "negation"]
    assert {row.keys[0]: row.cells[1].text for row in each.rows}["ceiling"] == "1.000"
    heads = [head.name for head in table.columns]
    assert table.rows[0].cells[heads.index("KL, nats")].text == "9.500 ± .000"
    assert set(factors.REMARKS) <= set(document.remarks)
    assert costs.name.endswith("cost")


def test_a_heat_map_for_each_model(tmp_path: Path) -> None:
    charts = list(figures.charts(measured(tmp_path)))
    assert [chart.name for chart in charts] == [
        "dsentences-factors-minilm-discrete-vae-default-factors",
        "dsentences-factors-minilm-joint-vae-default-factors",
    ]
    figure = charts[0].draw()
    assert figure is not None
    texts = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert texts == {"0.90", "0.10", "0.00", "0.40"}


def test_a_long_title_stays_in_the_figure(tmp_path: Path) -> None:
    measured_scores = measured(tmp_path)
    (condition,) = measured_scores.conditions
    longest = MethodVariant("discrete-vae", "like-factors")
    figure = heatmaps.draw(condition, longest, [GRID])
    figure.draw_without_rendering()
    title = figure.get_suptitle()
    assert condition.title in title
    assert longest.label in title
    (drawn,) = [text for text in figure.texts if text.get_text() == title]
    box = drawn.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
