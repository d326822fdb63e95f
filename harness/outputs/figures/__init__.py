"""Figures of a profile, pure functions of its scores.csv and records.

Each kind of task has a module here that says which: its `charts`. The report shows the same ones;
matplotlib loads when the first is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import UserError
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import glyphs, style, svg, tuned
from harness.outputs.figures.charts import Chart
from harness.system.storage import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_figures(results: Path, profile: str, *, vector: bool = False) -> list[Path]:
    """Write every figure of a profile into `results/<profile>/figures`, without dates or versions.

    PNG, and with `vector` SVG too. Equal scores and records give equal bytes; figures that no
    longer follow are removed. UserError as for tables.
    """
    measured = ProfileScores.read(results, profile)
    folder = results / profile / "figures"
    written: list[Path] = []
    # It draws with modules of this package.
    from harness.outputs import sizes

    both = sizes.side_by_side(results, measured, profile)
    by_kind = (charts(kind, found) for kind, found in measured.by_kind().items())
    with style.look():
        searches = tuned.charts(results / profile / "tuning")
        for chart in chain(sizes.charts(both), searches, *by_kind):
            if (figure := chart.draw()) is not None:
                written.append(folder / f"{chart.name}.png")
                _write_png(figure, written[-1])
                # A new one, since letters without a glyph are spelled out for pixels alone.
                if vector and (figure := chart.draw()) is not None:
                    written.append(folder / f"{chart.name}.svg")
                    write_atomically(written[-1], svg.as_file(figure))
    for path in folder.glob("*"):
        if path.suffix in (".svg", ".png") and path not in written:
            path.unlink()
    return sorted(written)


def charts(kind: str, measured: ProfileScores) -> Iterator[Chart]:
    """The charts of all tasks of a kind."""
    yield from import_module(f"{__name__}.{kind}").charts(measured)


def _write_png(figure: Figure, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    glyphs.make_legible(figure)
    figure.set_dpi(style.DPI)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not `savefig`, which draws everything twice.
        canvas: Any = FigureCanvasAgg(figure)
        canvas.print_png(path, metadata={"Software": None})
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
