"""Figures: which there are, that they are small and byte-stable, and what they draw."""

from __future__ import annotations

import re

import numpy as np
import pytest
from made_records import THREE, TWO, made_record, stored, usual_records

from data.errors import UserError
from harness.figures import projections, style, sweep, tradeoff, write_figures
from harness.measurements import Measurements
from harness.quantities import Contender, Setting
from harness.records import read_records

MOVIES = Setting("movies", 0.85, "minilm")


@pytest.fixture
def results(tmp_path):
    records = usual_records(2, pictures=True)
    for rho in (0.5, 0.95):
        records += usual_records(1, correlation=rho)[:2]
    return stored(tmp_path, records)


def test_the_files(results):
    stale = results / "quick" / "figures" / "gone.svg"
    stale.parent.mkdir()
    stale.write_text("old")
    paths = write_figures(results, "quick")
    names = [
        "movies-minilm-leakage-correlation",
        "movies-rho0.85-minilm-projections",
        "movies-rho0.85-minilm-target-leakage",
        "movies-rho0.85-minilm-worst-group-leakage",
    ]
    assert sorted(path.name for path in paths) == sorted(
        f"{name}.{suffix}" for name in names for suffix in ("svg", "png")
    )
    assert not stale.exists()
    assert all(path.stat().st_size < 300_000 for path in paths)


def test_equal_bytes_whatever_the_users_settings(results):
    import matplotlib

    first = {path: path.read_bytes() for path in write_figures(results, "quick")}
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.hashsalt": "x"}):
        second = {path: path.read_bytes() for path in write_figures(results, "quick")}
    assert first == second
    for path, content in first.items():
        if path.suffix == ".svg":
            assert not re.search(rb"<dc:date>|Matplotlib v", content)


def test_no_correlation_figure_for_one_correlation(tmp_path):
    paths = write_figures(stored(tmp_path, usual_records(2)), "quick")
    assert not [path for path in paths if "correlation" in path.name or "projections" in path.name]


def test_points_stand_where_the_scores_say(results):
    measured = Measurements.read(results, "quick")
    panels = tradeoff.target_panels(measured, MOVIES)
    assert [title for title, _, _ in panels] == [
        "mean over representations",
        "genre representation",
        "sentiment representation",
    ]
    looks = style.looks(measured.contenders(MOVIES))
    figure = tradeoff.draw(measured, MOVIES, panels, ylabel="target accuracy", looks=looks)
    for ax, (_, x, y) in zip(figure.axes, panels, strict=True):
        drawn = {
            tuple(np.round(container.lines[0].get_xydata()[0], 9)) for container in ax.containers
        }
        expected = {
            tuple(round(measured.interval(MOVIES, c, q).mean, 9) for q in (x, y))
            for c in measured.contenders(MOVIES)
        }
        assert drawn == expected
        lines = {tuple(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "--"}
        assert (0.5, 0.5) in lines
        (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        assert all(low < along < high and bottom < up < top for along, up in drawn)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [c.label for c in measured.contenders(MOVIES)]


def test_nothing_to_draw_gives_no_figure(tmp_path):
    failed = made_record("untuned", status="failed", reason="no")
    assert write_figures(stored(tmp_path, [failed]), "quick") == []


def test_sweep_leaves_out_methods_with_one_correlation(results):
    measured = Measurements.read(results, "quick")
    looks = style.looks(measured.contenders(MOVIES))
    figure = sweep.draw(measured, measured.settings, looks=looks)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["untuned", "adversarial"]


@pytest.mark.parametrize("aspects", [TWO, THREE])
def test_colours_follow_the_classes_after_a_record_was_stored(tmp_path, aspects):
    """The aspects of `THREE` are not in alphabetical order, and a file must keep their order."""
    made = made_record("untuned", aspects=aspects, rows=480, pictures=True)
    stored(tmp_path, [made])
    (record,) = read_records(tmp_path, "quick")
    sizes = [len(classes) for classes in aspects.values()]
    cells = record.cell_codes()
    truth = np.unravel_index(cells, sizes)
    for position, aspect in enumerate(aspects):
        assert (projections.class_codes(record, cells, aspect) == truth[position]).all()


def test_projections_use_the_first_seed_and_go_on_to_further_figures(tmp_path):
    records = [made_record(f"m{i}", seed=s, pictures=True) for i in range(7) for s in (0, 1)]
    measured = Measurements.read(stored(tmp_path, records), "quick")
    pages = projections.pages(measured, MOVIES)
    assert [len(page) for page in pages] == [6, 1]
    assert {record.trial.seed for page in pages for _, record in page} == {0}


def test_forty_contenders_look_different():
    contenders = [Contender("untuned"), *(Contender(f"m{i}") for i in range(40))]
    looks = style.looks(contenders)
    assert len({(look["color"], look["marker"]) for look in looks.values()}) == 41


def test_a_folder_that_cannot_be_written_is_one_clear_error(results):
    (results / "quick" / "figures").write_text("a file")
    with pytest.raises(UserError, match="cannot write"):
        write_figures(results, "quick")
