"""How figures look, whatever the user's own settings of matplotlib."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from harness.analysis.condition_scores import REFERENCE
from harness.analysis.metrics import MethodVariant
from harness.outputs.figures import glyphs

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6A3D9A")
"""Told apart under the common kinds of colour blindness (Okabe and Ito 2008, without yellow)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h")
REFERENCE_COLOUR = "#000000"
CHANCE_COLOUR = "#777777"
KEPT_COLOURS = ("#d1601f", "#c94a52", "#b23a7c", "#8f2f96", "#67299c", "#42218f", "#1c1070")
"""From what keeps nothing to what keeps all: darker on a light page, lighter on a dark one."""

GRID_COLOUR = "#e6e6e6"
DPI = 110

_RC = {
    # A class may be called `$5`.
    "text.parse_math": False,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID_COLOUR,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    # Text stays text: smaller, and to be selected, searched and read aloud.
    "svg.fonttype": "none",
}


@contextmanager
def look() -> Iterator[None]:
    """Within it figures look alike, and say nothing of characters that no font has."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # Pages show them in fonts of the browser, and pixels with what `glyphs` writes instead.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast(Any, {**_RC, "font.family": list(glyphs.families())}))
        yield


def looks(method_variants: Sequence[MethodVariant]) -> dict[MethodVariant, dict[str, str]]:
    """A colour and a marker for each method, no two alike; the reference is black.

    Colour and marker run on together through cycles of coprime length, so pairs repeat late.
    """
    others = sorted(c for c in method_variants if c != MethodVariant(REFERENCE))
    return {
        MethodVariant(REFERENCE): {"color": REFERENCE_COLOUR, "marker": "o"},
        **{other: numbered(i) for i, other in enumerate(others)},
    }


def numbered(i: int) -> dict[str, str]:
    """The colour and the marker of the i-th line."""
    return {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[(i + 1) % len(MARKERS)]}
