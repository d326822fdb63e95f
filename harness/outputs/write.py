"""Everything that follows from stored records: scores.csv, tables, figures and pages."""

from pathlib import Path

from harness.analysis.scores_csv import write_scores
from harness.outputs.figures import write_figures
from harness.outputs.pages import write_pages
from harness.outputs.tables import write_tables


def write_outputs(results: Path, profile: str, *, vector: bool = False) -> list[Path]:
    """Make scores.csv, tables, figures and pages of a profile; equal records give equal bytes.

    With `vector` figures are SVG beside PNG. UserError where nothing is stored, a record is
    damaged, or the folder cannot be written.
    """
    scores = write_scores(results, profile)
    figures = write_figures(results, profile, vector=vector)
    tables = write_tables(results, profile)
    return [scores, *tables, *figures, *write_pages(results, profile)]
