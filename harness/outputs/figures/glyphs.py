"""Labels in any script: fonts that have it where there are any, and else words that say what it is.

DejaVu, which ships with matplotlib, has Latin, Greek, Cyrillic, Arabic and Hebrew letters, but no
Chinese or Thai ones and no emoji.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHIPPED = "DejaVu Sans"

WIDE = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Emoji",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "Apple Symbols",
    "FreeSans",
    "Unifont",
)
"""Fonts that systems have, each with scripts that the shipped one lacks."""


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """The fonts of figures, in the order in which a glyph is looked for."""
    from matplotlib.font_manager import get_font_names

    installed = frozenset(get_font_names())
    return (SHIPPED, *(name for name in WIDE if name in installed))


def make_legible(figure: Figure) -> None:
    """Write out, in brackets, every character of the figure's texts that no font of it has."""
    from matplotlib.text import Text
    from matplotlib.ticker import FixedFormatter, FuncFormatter

    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        text.set_text(legible(text.get_text()))
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            # Labels of ticks are written when they are drawn; those that are numbers need nothing.
            if isinstance(axis.get_major_formatter(), FixedFormatter | FuncFormatter):
                labels = [label.get_text() for label in axis.get_ticklabels()]
                if any(legible(label) != label for label in labels):
                    axis.set_ticks(axis.get_ticklocs(), labels=list(map(legible, labels)))


def legible(text: str) -> str:
    """The text as the fonts can show it: `[thumbs up sign]`, or `[4e2d 6587]` for letters."""
    if text.isascii():
        return text
    parts = ((missing, "".join(part)) for missing, part in groupby(text, key=_is_missing))
    return "".join(f"[{_written(part)}]" if missing else part for missing, part in parts)


def _is_missing(character: str) -> bool:
    return not (character.isspace() or ord(character) in _glyphs())


def _written(characters: str) -> str:
    # Joiners and variants of emoji say nothing where the parts are named.
    told = [c for c in characters if unicodedata.category(c) not in ("Cf", "Mn")]
    return " ".join(
        unicodedata.name(c, f"{ord(c):04x}").lower()
        if unicodedata.category(c).startswith("S")
        else f"{ord(c):04x}"
        for c in told or characters
    )


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """The code points that some font of the figures has."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(code for name in families() for code in get_font(findfont(name)).get_charmap())
