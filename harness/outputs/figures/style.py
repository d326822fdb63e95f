"""How figures look, and how they are written so that equal input gives equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from data.errors import UserError
from harness.analysis.metrics import MethodVariant
from harness.analysis.profile_scores import REFERENCE
from harness.system.storage import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A3D9A")
"""Told apart under the common kinds of colour blindness (Okabe and Ito 2008, without yellow)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")
REFERENCE_COLOUR = "#000000"
CHANCE_COLOUR = "#777777"
DPI = 110

_RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "disentangle-bench",
    "svg.fonttype": "path",
}


@contextmanager
def look() -> Iterator[None]:
    """Within it figures look alike, whatever the user's own settings of matplotlib."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast(Any, _RC))
        yield


def looks(method_variants: Sequence[MethodVariant]) -> dict[MethodVariant, dict[str, str]]:
    """A colour and a marker for each method, no two alike; the reference is black.

    Colour and marker run on together through cycles of coprime length, so pairs repeat late.
    """
    others = sorted(c for c in method_variants if c != MethodVariant(REFERENCE))
    found = {
        method_variant: {
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKERS[(i + 1) % len(MARKERS)],
        }
        for i, method_variant in enumerate(others)
    }
    return {MethodVariant(REFERENCE): {"color": REFERENCE_COLOUR, "marker": "o"}, **found}


def write(figure: Figure, folder: Path, name: str, *, cloud_dpi: int = DPI) -> list[Path]:
    """Write a figure as SVG and PNG, without dates or versions.

    Parameters
    ----------
    cloud_dpi : resolution of what is drawn as pixels within the SVG file.

    Raises
    ------
    UserError : the folder cannot be written.
    """
    svg, png = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", dpi=cloud_dpi, metadata={"Date": None, "Creator": None})
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
    paths = [folder / f"{name}.svg", folder / f"{name}.png"]
    write_atomically(paths[0], svg.getvalue().decode("utf-8"))
    try:
        paths[1].write_bytes(png.getvalue())
    except OSError as error:
        raise UserError(f"cannot write {paths[1]}: {error.strerror or error}") from error
    return paths
