"""Tables of clusters: metrics in their columns, controls apart, and no line for guessing."""

from dataclasses import replace

from made_records import made_record, stored

from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score
from harness.outputs.tables import clusters, content
from harness.store.records import key_of, schema_of


def grouped(method, *, seed, found, variant="default", control=False):
    """A record of a method that gives clusters."""
    record = made_record(method, variant=variant, seed=seed, task="kin", correlation=0.0)
    own = {"task": {"kind": "clusters"}, "corpus": {"name": "kin"}, "settings": {}}
    inputs = {**record.inputs, **own, **({"control": True} if control else {})}
    names = [column.metric.metric_keys[0].metric for column in clusters.COLUMNS]
    scores = (
        *(Score(name, found + seed / 100) for name in names[:-1]),
        Score(names[-1], 9.0),
        Score("link_accuracy", 0.5),
    )
    blank = {"right": {}, "counts": {}, "pairs": None, "projections": {}}
    named = {"schema": schema_of("clusters"), "key": key_of(inputs), "inputs": inputs}
    return replace(record, **named, scores=scores, **blank)


def test_every_measure_is_in_its_column_and_controls_stand_apart(tmp_path):
    records = [
        *(grouped("vae", seed=s, found=0.4) for s in (0, 1)),
        *(grouped("vae", seed=s, found=0.2, variant="plain") for s in (0, 1)),
        *(grouped("guess", seed=s, found=0.1, control=True) for s in (0, 1)),
    ]
    measured = ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["clusters"]
    (table,) = clusters.summary(measured).tables
    assert [row.keys[0] for row in table.rows] == ["vae", "guess"]
    assert [row.apart for row in table.rows] == [False, True]
    assert content.CHANCE not in {row.keys[0] for row in table.rows}
    assert [cell.text[:4] for cell in table.rows[0].cells] == ["2", *[".405"] * 7, "9.0 "]
    made = {document.name: document for document in clusters.documents(measured)}
    assert set(made) == {
        f"kin-minilm{part}" for part in ("", "-cost", "-own-scores", "-vae-variants")
    }
    (own,) = made["kin-minilm-own-scores"].tables
    # What the harness measures on every method is no method's own.
    assert {row.keys[1] for row in own.rows} == {"link accuracy"}


def test_more_clusters_are_neither_better_nor_worse(tmp_path):
    records = [
        grouped(m, seed=s, found=f) for m, f in (("vae", 0.4), ("tree", 0.1)) for s in (0, 1)
    ]
    measured = ProfileScores.read(stored(tmp_path, records), "quick").by_kind()["clusters"]
    (table,) = clusters.summary(measured).tables
    (best,) = [row for row in table.rows if row.keys == ("vae",)]
    assert [cell.best for cell in best.cells] == [False, *[True] * 7, False]
