"""The table of steadiness: spread over seeds, and repeats of a seed, before and after a change."""

from dataclasses import replace

import pytest
from made_records import made_record, stored

from harness.contract.scores import Score
from harness.outputs.tables import steadiness, write_tables
from harness.store.records import key_of, write_record

HERE = {"precision": "bfloat16", "packing": True, "cpu": "one"}
HEADS = [f"{time}, {head}" for time in ("before", "after") for head in steadiness.HEADS]


def trained(leakage, *, seed=0, steps=400, method="masked-weights", day=2, **said):
    """A trial whose two representations leak a little less and a little more than given."""
    made = made_record(method, seed=seed)
    settings = {"steps": steps} if steps else {"rank": 2}
    inputs = {**made.inputs, "settings": settings}
    scores = [
        Score("leakage", leakage + sign * 0.01, aspect, other, "linear")
        for sign, aspect, other in ((1, "genre", "sentiment"), (-1, "sentiment", "genre"))
    ]
    where = {**HERE, **said, "started": f"2026-01-0{day}T00:00:00+00:00"}
    return replace(made, inputs=inputs, key=key_of(inputs), scores=tuple(scores), provenance=where)


def repeated(results, name, *records):
    for record in records:
        write_record(results / "quick" / "repeats" / name, "quick", record)


def table(results):
    (document,) = steadiness.documents(results, "quick")
    (shown,) = document.tables
    assert [column.full_name for column in shown.columns] == HEADS
    cells = {row.keys: [cell.text for cell in row.cells] for row in shown.rows}
    return {keys: dict(zip(HEADS, texts, strict=True)) for keys, texts in cells.items()}


def test_spread_and_repeats_by_hand(tmp_path):
    new = [trained(level, seed=s) for s, level in enumerate((0.55, 0.60, 0.56))]
    old = [trained(level, seed=s, steps=200, day=1) for s, level in enumerate((0.5, 0.7))]
    older = [trained(0.9, seed=0, steps=100, day=1), trained(0.1, seed=7, steps=100, day=1)]
    rest = [trained(0.6, seed=s, method="leace", steps=0) for s in (0, 1)]
    once = [trained(0.6, method="finetuned")]
    results = stored(tmp_path, [*new, *old, *older[:1], *rest, *once])
    repeated(
        results,
        "float32",
        trained(0.53, seed=0, precision="float32"),
        trained(0.605, seed=1, precision="float32"),
        trained(0.41, seed=0, steps=200, precision="float32"),
    )
    repeated(results, "rows", trained(0.545, seed=0, packing=False, cpu="another"))
    repeated(results, "far", trained(0.57, seed=2, cpu="another"), trained(0.99, seed=1))
    found = table(results)
    # Erasers take no steps, and one seed has no spread.
    assert list(found) == [("movies, ρ = .85, minilm", "masked-weights")]
    (row,) = found.values()
    assert row["after, seeds"] == "3"
    # Student's with two degrees of freedom: 4.303 * .02646 / sqrt(3).
    assert row["after, leakage ↓"] == ".570 ± .066"
    assert row["after, range"] == ".050"
    assert row["after, other type"] == ".020"
    assert row["after, unpacked"] == ".005"
    assert row["after, other processor"] == ".010"
    assert row["before, seeds"] == "2"
    assert row["before, range"] == ".200"
    assert row["before, other type"] == ".090"
    assert row["before, unpacked"] == row["before, other processor"] == ""


def test_without_older_trials_or_repeats_their_cells_are_empty(tmp_path):
    results = stored(tmp_path, [trained(0.5, seed=s) for s in (0, 1)])
    (row,) = table(results).values()
    assert [head for head, text in row.items() if text] == [
        "after, seeds",
        "after, leakage ↓",
        "after, range",
    ]
    assert "steadiness.md" in {path.name for path in write_tables(results, "quick")}


def test_nothing_that_takes_steps_gives_no_table(tmp_path):
    results = stored(tmp_path, [made_record("leace", seed=s) for s in (0, 1)])
    assert list(steadiness.documents(results, "quick")) == []


@pytest.mark.parametrize("old", [{"precision": "float32"}, {"packing": None}])
def test_a_trial_from_before_packing_was_named_was_packed(tmp_path, old):
    before = trained(0.5)
    del before.provenance["packing"]
    results = stored(tmp_path, [before, trained(0.5, seed=1)])
    repeated(results, "again", trained(0.52, **old) if old.get("packing", 1) else trained(0.52))
    (row,) = table(results).values()
    assert row["after, unpacked"] == ""
    assert row["after, other type"] == (".020" if "precision" in old else "")
