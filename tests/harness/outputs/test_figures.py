"""Figures: which there are, that they are small and byte-stable, and what they draw."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_records import THREE, TWO, made_record, stored, usual_records

from data.errors import UserError
from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.pareto import front, undominated
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import (
    labels,
    learning,
    projections,
    style,
    sweep,
    tradeoff,
    write_figures,
)
from harness.outputs.tables.cells import decimal
from harness.store.records import read_records

MOVIES = Condition("movies", 0.85, "minilm")


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
    vectors = write_figures(results, "quick", vector=True)
    names = [
        "movies-minilm-leakage-correlation",
        "movies-rho0.85-minilm-learning-curve",
        "movies-rho0.85-minilm-projections",
        "movies-rho0.85-minilm-target-leakage",
        "movies-rho0.85-minilm-worst-group-leakage",
    ]
    assert [path.name for path in paths] == [f"{name}.png" for name in names]
    assert sorted(path.name for path in vectors) == sorted(
        f"{name}.{suffix}" for name in names for suffix in ("svg", "png")
    )
    assert not stale.exists()
    assert all(path.stat().st_size < 200_000 for path in vectors)
    # Without being asked for, none that may be out of date is left behind.
    write_figures(results, "quick")
    assert not list(stale.parent.glob("*.svg"))


def test_equal_bytes_whatever_the_users_settings(results):
    import matplotlib

    first = {p: p.read_bytes() for p in write_figures(results, "quick", vector=True)}
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.hashsalt": "x"}):
        second = {p: p.read_bytes() for p in write_figures(results, "quick", vector=True)}
    assert first == second
    for path, content in first.items():
        if path.suffix == ".svg":
            assert not re.search(rb"<dc:date>|Matplotlib v", content)


def test_files_are_drawings_whose_points_say_their_numbers(results):
    """Text is text, and a title stands behind each point; ids that JSON went through are gone."""
    write_figures(results, "quick", vector=True)
    folder = results / "quick" / "figures"
    root = ElementTree.parse(folder / "movies-minilm-leakage-correlation.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"untuned", "adversarial", "chance", "linear probe"} <= set(texts)
    found = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    measured = ProfileScores.read(results, "quick")
    expected = [
        f"{name}, correlation {condition.correlation:g}: leakage, {probe} probe "
        f"{decimal(measured.at(condition).interval(MethodVariant(name), metric).mean)}"
        for probe in sweep.PROBES
        for name in ("untuned", "adversarial")
        for condition in measured.conditions
        for metric in (measured.at(condition).mean_leakage(probe),)
    ]
    assert [text.partition(", 95%")[0] for text in found] == expected
    assert all(re.fullmatch(r"\w+", e.get("id", "x")) for e in root.iter())


def test_no_correlation_figure_for_one_correlation(tmp_path):
    paths = write_figures(stored(tmp_path, usual_records(2)), "quick")
    assert not [path for path in paths if "correlation" in path.name or "projections" in path.name]


def test_points_stand_where_the_scores_say(results):
    scores = ProfileScores.read(results, "quick").at(MOVIES)
    panels = tradeoff.target_panels(scores)
    assert [title for title, *_ in panels] == [
        "mean over representations",
        "genre representation",
        "sentiment representation",
    ]
    looks = style.looks(scores.method_variants)
    figure = tradeoff.draw(scores, panels, ylabel="target accuracy", looks=looks)
    for ax, (_, x, y, kept) in zip(figure.axes, panels, strict=False):
        drawn = {
            tuple(np.round(container.lines[0].get_xydata()[0], 9)) for container in ax.containers
        }
        expected = {
            tuple(round(scores.interval(c, q).mean, 9) for q in (x, y))
            for c in scores.method_variants
        }
        assert drawn == expected
        lines = {tuple(line.get_xdata()) for line in ax.lines if line.get_linestyle() == "--"}
        assert (0.5, 0.5) in lines
        assert [tuple(p) for p in rings(ax).get_xydata()] == _undominated(
            [tuple(scores.interval(c, q).mean for q in (x, y, kept)) for c in scores.competitors]
        )
        (low, high), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        assert all(low < along < high and bottom < up < top for along, up in drawn)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [*(c.label for c in scores.method_variants), "Pareto front"]
    written = {note.get_text() for note in figure.axes[0].texts} - {"chance"}
    assert written == {c.label for c in scores.method_variants}


def rings(ax):
    (found,) = (line for line in ax.lines if line.get_label() == "Pareto front")
    return found


def _undominated(points):
    """Leakage and accuracy of those with three numbers that nobody is as good as in all."""
    return [
        p[:2]
        for p in sorted(points)
        if not any(q[0] <= p[0] and q[1] >= p[1] and q[2] >= p[2] and q != p for q in points)
    ]


def test_colours_say_how_many_neighbours_are_kept(tmp_path):
    """In order from the first to the last, in the file and beside it in the report's scale."""
    shares = (0.0, 0.03, 0.3, 1.0)
    records = [made_record(f"m{i}", seed=s, kept=k) for i, k in enumerate(shares) for s in (0, 1)]
    records += [made_record("unknown", kept=None)]
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    panels = tradeoff.target_panels(scores)
    looks = style.looks(scores.method_variants)
    figure = tradeoff.draw(scores, panels, ylabel="target accuracy", looks=looks)
    faces = {c.get_label(): c.lines[0].get_markerfacecolor() for c in figure.axes[0].containers}
    places = [style.KEPT_COLOURS.index(faces[f"m{i}"]) for i in range(4)]
    assert places == [0, 1, 4, len(style.KEPT_COLOURS) - 1]
    assert faces["unknown"] == looks[MethodVariant("unknown")]["color"]
    (scale,) = (ax for ax in figure.axes if "neighbours" in ax.get_xlabel())
    assert tuple(scale.get_xticks()) == tradeoff.KEPT_STEPS
    titles = [line.get_gid() for line in figure.axes[0].lines if line.get_gid()]
    assert sum("neighbours kept" in title for title in titles) == 4
    bare = ProfileScores.read(stored(tmp_path / "bare", usual_records(2, kept=None)), "quick")
    panels = tradeoff.target_panels(bare.at(MOVIES))
    looks = style.looks(bare.at(MOVIES).method_variants)
    figure = tradeoff.draw(bare.at(MOVIES), panels, ylabel="target accuracy", looks=looks)
    assert len(figure.axes) == len(panels)
    assert not len(rings(figure.axes[0]).get_xydata())


def test_what_keeps_more_is_on_the_front_though_it_leaks_more(tmp_path):
    records = [
        *(made_record("reads-out", seed=s, target=0.9, leakage=0.5, kept=0.01) for s in (0, 1)),
        *(made_record("keeps", seed=s, target=0.7, leakage=0.7, kept=0.9) for s in (0, 1)),
        *(made_record("neither", seed=s, target=0.6, leakage=0.8, kept=0.5) for s in (0, 1)),
    ]
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    for _, x, y, kept in tradeoff.target_panels(scores):
        found = [each.method for each in undominated(scores, x, y, kept)]
        assert found == ["reads-out", "keeps"]
        assert [each.method for each in undominated(scores, x, y)] == ["reads-out"]


def test_the_learning_curve_ends_in_the_leakage_of_all_rows(results):
    scores = ProfileScores.read(results, "quick").at(MOVIES)
    looks = style.looks(scores.method_variants)
    figure = learning.draw(scores, looks=looks)
    for ax, whole in zip(
        figure.axes,
        (scores.mean_leakage("linear"), scores.mean_target("linear")),
        strict=True,
    ):
        drawn = {c.get_label(): c.lines[0].get_ydata() for c in ax.containers}
        for each in scores.method_variants:
            metrics = (whole.at_share(25), whole.at_share(50), whole)
            means = [scores.interval(each, metric).mean for metric in metrics]
            assert list(drawn[each.label]) == means
    empty = ProfileScores.read(results, "quick").part([]).at(MOVIES)
    assert learning.draw(empty, looks=looks) is None


def test_controls_upper_bounds_and_faults_are_drawn_but_are_not_on_the_front(tmp_path):
    records = [*usual_records(3), *(made_record("seen", seed=s, leakage=0.3) for s in range(3))]
    records += [made_record("bound", seed=s, target=0.9, balanced=True) for s in range(3)]
    records += [made_record("number", seed=s, leakage=0.55, control=True) for s in range(3)]
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    panels = tradeoff.target_panels(scores)
    looks = style.looks(scores.method_variants)
    figure = tradeoff.draw(scores, panels, ylabel="target accuracy", looks=looks)
    ax = figure.axes[0]
    filled = {c.get_label(): c.lines[0].get_markerfacecolor() for c in ax.containers}
    assert [name for name, colour in filled.items() if colour == "white"] == ["number", "bound"]
    edges = {c.get_label(): c.lines[0].get_markeredgecolor() for c in ax.containers}
    assert {edges["number"], edges["bound"]} <= set(style.KEPT_COLOURS)
    assert edges["seen"] == looks[MethodVariant("seen")]["color"]
    _, x, y, kept = panels[0]
    on_front = {tuple(point) for point in rings(ax).get_xydata()}
    expected = [MethodVariant(m) for m in ("masked-weights", "adversarial", "untuned")]
    assert undominated(scores, x, y, kept) == tuple(expected)
    assert on_front == {tuple(scores.interval(each, q).mean for q in (x, y)) for each in expected}


@given(
    st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=30),
    st.sampled_from([0.01, 1 / 3]),
)
def test_nothing_on_the_front_is_dominated_and_everything_else_is(places, scale):
    points = {
        MethodVariant(f"m{i}"): tuple(number * scale for number in place)
        for i, place in enumerate(places)
    }
    found = front(points)

    def dominated(method_variant):
        x, y, z = points[method_variant]
        return any(
            a <= x and b >= y and c >= z and (a < x or b > y or c > z)
            for a, b, c in points.values()
        )

    assert found
    assert not any(dominated(method_variant) for method_variant in found)
    assert all(
        dominated(method_variant) for method_variant in points if method_variant not in found
    )
    leakages = [points[method_variant][0] for method_variant in found]
    assert leakages == sorted(leakages)


def _overlap(boxes):
    return sum(labels.shared(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=17))
def test_labels_do_not_overlap_where_there_is_room(places):
    """All points crowd in a corner of a large frame; plain labels at their right would overlap."""
    points = np.array(places, dtype=float) * 12 + 260
    sizes = np.array([(40.0 + 3 * (i % 7), 10.0) for i in range(len(points))])
    corners = labels.placed(points, sizes, (0, 0, 600, 600))
    boxes = np.hstack([corners, corners + sizes])
    assert _overlap(boxes) == 0
    assert (boxes >= 0).all()
    assert (boxes <= 600).all()
    markers = np.hstack([points - labels.CLOSE, points + labels.CLOSE])
    assert sum(labels.shared(a, b) for a in boxes for b in markers) == 0


def test_labels_beside_their_points_would_overlap():
    points = np.array([(i % 4, i // 4) for i in range(16)], dtype=float) * 12 + 260
    beside = np.hstack([points + 8, points + 8 + (40, 10)])
    assert _overlap(beside) > 0


def test_without_room_labels_still_stand_somewhere():
    corners = labels.placed(np.zeros((3, 2)), np.full((3, 2), 50.0), (0, 0, 20, 20))
    assert np.isfinite(corners).all()


def test_nothing_to_draw_gives_no_figure(tmp_path):
    failed = made_record("untuned", status="failed", reason="no")
    assert write_figures(stored(tmp_path, [failed]), "quick") == []


def test_sweep_leaves_out_methods_with_one_correlation(results):
    measured = ProfileScores.read(results, "quick")
    looks = style.looks(measured.at(MOVIES).method_variants)
    figure = sweep.draw([*map(measured.at, measured.conditions)], looks=looks)
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
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    pages = projections.pages(scores)
    assert [len(page) for page in pages] == [6, 1]
    assert {record.trial.seed for page in pages for _, record in page} == {0}


def test_forty_contenders_look_different():
    method_variants = [MethodVariant("untuned"), *(MethodVariant(f"m{i}") for i in range(40))]
    looks = style.looks(method_variants)
    assert len({(look["color"], look["marker"]) for look in looks.values()}) == 41


def test_a_folder_that_cannot_be_written_is_one_clear_error(results):
    (results / "quick" / "figures").write_text("a file")
    with pytest.raises(UserError, match="cannot write"):
        write_figures(results, "quick")
