"""Records with everything that tables show, and what of tables the tests ask for."""

from made_records import made_record, stored, usual_records

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.tables.columns import summary_columns
from harness.outputs.tables.content import comparison

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


def summary_rows(folder, records, columns=summary_columns):
    """The rows of a summary by method, and the table that they are from."""
    measured = ProfileScores.read(stored(folder, records), "quick")
    (scores,) = map(measured.at, measured.main_conditions)
    made = comparison(scores, "", columns(scores))
    return {row.keys[0]: row for row in made.rows}, made
