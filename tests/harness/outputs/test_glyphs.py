"""Labels that the fonts of figures lack."""

import warnings
from pathlib import Path

import pytest
from made_records import made_record, stored
from matplotlib.figure import Figure

from harness.outputs.figures import glyphs, style, write_figures


@pytest.fixture(autouse=True)
def shipped_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fonts this machine has."""
    monkeypatch.setattr(glyphs, "families", lambda: (glyphs.SHIPPED,))
    glyphs._glyphs.cache_clear()


def test_what_no_font_has_is_written_out() -> None:
    assert glyphs.legible("plain") == "plain"
    assert glyphs.legible("é ρ Ж عربي עברית ↑") == "é ρ Ж عربي עברית ↑"
    assert glyphs.legible("so \U0001f44d") == "so [thumbs up sign]"
    assert glyphs.legible("\u4e2d\u6587 a") == "[4e2d 6587] a"
    assert glyphs.legible("\U0001f44d\U0001f3fd") != glyphs.legible("\U0001f44d")


def test_texts_and_ticks_of_a_figure_become_legible() -> None:
    with style.look():
        figure = Figure()
        ax = figure.subplots()
        ax.set_title("\U0001f44d")
        ax.set_xticks([0, 1], ["\u4e2d", "b"])
        ax.plot([0, 1], [0, 1], label="_$x")
        legend = ax.legend(handles=ax.lines)
        glyphs.make_legible(figure)
        figure.canvas.draw()
        assert ax.get_title() == "[thumbs up sign]"
        assert [label.get_text() for label in ax.get_xticklabels()] == ["[4e2d]", "b"]
        assert [label.get_text() for label in legend.get_texts()] == ["_$x"]


def test_figures_of_any_labels_are_drawn_without_a_warning(tmp_path: Path) -> None:
    aspects = {"\u5fc3": ("\U0001f44d", "$5_{"), "topic": ("ภาษาไทย", "_x")}
    records = [
        made_record(method, seed=seed, aspects=aspects, pictures=True)
        for method in ("untuned", "leace")
        for seed in (0, 1)
    ]
    results = stored(tmp_path, records)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert write_figures(results, "quick", vector=True)
        (drawing,) = (results / "quick" / "figures").glob("*target-leakage.svg")
    # Pixels need a glyph; a drawing keeps the text.
    assert "\u5fc3" in drawing.read_text(encoding="utf-8")
    assert "5fc3" not in drawing.read_text(encoding="utf-8")
