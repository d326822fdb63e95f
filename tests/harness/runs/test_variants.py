"""Tables and curves of a method's variants, and heat maps of what it measured on itself."""

import csv
from dataclasses import replace

import pytest
from made_records import made_record, stored, usual_records

from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.contract.heatmap_data import Heatmap
from harness.contract.scores import Score
from harness.outputs.figures import families, heatmaps, kept, style, write_figures
from harness.outputs.tables import write_tables
from harness.outputs.tables.variants import changes
from harness.store.records import key_of, read_records

MOVIES = Condition("movies", 0.85, "minilm")
BASE = {"steps": 200, "sparsity": 0.0, "share": 0.5}
DENSITY = Heatmap(
    "mask density, genre", ("layer 1", "layer 2"), ("query", "key"), ((0.2, 1), (0, 1))
)


def with_settings(record, **settings):
    inputs = {**record.inputs, "settings": {**BASE, **settings}}
    return replace(record, inputs=inputs, key=key_of(inputs))


def varied(variant, *, leakage=0.6, seeds=1, own=(), **settings):
    return [
        with_settings(
            made_record("masked-weights", variant=variant, seed=s, leakage=leakage, own=own),
            **settings,
        )
        for s in range(seeds)
    ]


RECORDS = [
    *usual_records(2)[:4],
    *varied("default", seeds=2, own=[Score("mask_density", 0.5, "genre")]),
    *(
        record
        for share in (0.3, 0.5, 0.8, 0.95)
        for record in varied(
            f"sparsity-{share:g}",
            leakage=0.6 + 0.1 * share,
            own=[Score("mask_density", 0.5 * (1 - share), "genre")],
            sparsity=share,
        )
    ),
    *(
        record
        for share in (0.3, 0.5, 0.8, 0.95)
        for record in varied(f"pruned-{share:g}", sparsity=share, steps=0)
    ),
    *varied("no-triplet", seeds=1, share=0.25),
]


@pytest.fixture
def results(tmp_path):
    return stored(tmp_path, RECORDS)


def test_main_tables_show_the_defaults_alone(results):
    write_tables(results, "quick")
    main = (results / "quick" / "tables" / "movies-rho0.85-minilm.md").read_text()
    assert "| masked-weights | 2 |" in main
    assert "sparsity" not in main


def test_variants_stand_beside_what_they_change(results):
    write_tables(results, "quick")
    folder = results / "quick" / "tables"
    text = (folder / "movies-rho0.85-minilm-masked-weights-variants.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    names = [row[0].strip("| *") for row in rows]
    assert names.index("default") < names.index("no-triplet") < names.index("sparsity-0.3")
    assert names.index("sparsity-0.8") < names.index("sparsity-0.95") < names.index("untuned")
    by_name = dict(zip(names, rows, strict=True))
    assert by_name["pruned-0.5"][1] == "steps=0, sparsity=0.5"
    assert by_name["default"][2] == "2"
    assert by_name["no-triplet"][1] == "share=0.25"
    assert "variants of masked-weights" in text
    numbers = list(
        csv.DictReader((folder / "movies-rho0.85-minilm-masked-weights-variants.csv").open())
    )
    stored_leakage = [
        score.value
        for record in RECORDS
        if record.trial.variant == "sparsity-0.8"
        for score in record.scores
        if score.metric == "leakage" and score.probe == "linear" and score.factor == "genre"
    ]
    shown = [
        float(line["mean"])
        for line in numbers
        if line["row"].startswith("sparsity-0.8")
        and "leakage" in line["column"]
        and "sentiment" in line["column"]
    ]
    assert shown == pytest.approx(stored_leakage)


def test_changes_are_said_shortly():
    assert changes(BASE, {**BASE, "sparsity": 0.9, "steps": 0}) == "steps=0, sparsity=0.9"
    assert changes(BASE, BASE) == ""


def test_families_are_variants_that_differ_in_one_number(results):
    scores = ProfileScores.read(results, "quick").at(MOVIES)
    method_variants = scores.variants["masked-weights"]
    found = families.families(scores, method_variants)
    assert list(found) == ["sparsity"]
    pruned, swept = sorted(found["sparsity"], key=lambda family: family.stem)
    assert [x for x, _ in swept.members] == [0.0, 0.3, 0.5, 0.8, 0.95]
    assert swept.with_default
    assert swept.members[0][1] == MethodVariant("masked-weights")
    # Without training the default is another thing, and no part of the curve.
    assert not pruned.with_default
    assert [x for x, _ in pruned.members] == [0.3, 0.5, 0.8, 0.95]
    panels = families.accuracy_panels(scores)
    figure = families.draw(
        scores, "sparsity", found["sparsity"], panels=panels, ylabel="share of texts"
    )
    drawn = {
        tuple(container.lines[0].get_xdata()) for ax in figure.axes for container in ax.containers
    }
    assert drawn == {(0.0, 0.3, 0.5, 0.8, 0.95), (0.3, 0.5, 0.8, 0.95)}


def test_layers_are_a_curve_with_a_panel_for_what_is_kept(tmp_path):
    names = {0: "default", **{count: f"without-last-{count}" for count in range(1, 5)}}
    records = [
        record
        for count, name in names.items()
        for record in varied(
            name,
            own=[Score("neighbours_kept", 1 - 0.1 * count, a) for a in ("genre", "sentiment")],
            layers_left_out=count,
        )
    ]
    scores = ProfileScores.read(stored(tmp_path, records), "quick").at(MOVIES)
    found = families.families(scores, scores.variants["masked-weights"])
    panels = families.accuracy_panels(scores)
    figure = families.draw(
        scores, "layers_left_out", found["layers_left_out"], panels=panels, ylabel="share"
    )
    *_, kept = (ax.containers[0].lines[0].get_xydata().round(2).tolist() for ax in figure.axes)
    assert len(figure.axes) == 3
    assert kept == [[0, 1.0], [1, 0.9], [2, 0.8], [3, 0.7], [4, 0.6]]


def test_curves_over_sparsity_show_what_is_kept_and_the_end_where_all_is_closed(tmp_path):
    end = varied("closed", leakage=0.77, seeds=3, start_mean=-1.0, steps=0)
    scores = ProfileScores.read(stored(tmp_path, [*RECORDS, *end]), "quick").at(MOVIES)
    found = families.families(scores, scores.variants["masked-weights"])["sparsity"]
    panels = families.accuracy_panels(scores)
    figure = families.draw(scores, "sparsity", found, panels=panels, ylabel="share")
    closed = MethodVariant("masked-weights", "closed")
    for ax, (title, metric) in zip(figure.axes, panels, strict=True):
        assert ax.get_title() == title
        notes = {note.get_text(): note.xy[1] for note in ax.texts}
        assert notes["closed"] == scores.interval(closed, metric).mean
        assert {"untuned", "chance", "closed"} == notes.keys()
    shares = figure.axes[2].containers[0].lines[0].get_ydata()
    means = [scores.interval(member, panels[2][1]).mean for _, member in found[0].members]
    assert list(shares) == means
    other = families.draw(scores, "layers", found, panels=panels, ylabel="share")
    assert "closed" not in {note.get_text() for ax in other.axes for note in ax.texts}


def test_all_variants_stand_over_leakage_with_the_front_of_what_leaks_less_and_keeps_more(tmp_path):
    told = [
        *usual_records(2)[:2],
        *(made_record("readout", seed=s, leakage=0.5, kept=0.02, control=True) for s in (0, 1)),
        *(made_record("leace", seed=s, leakage=0.65, kept=0.8) for s in (0, 1)),
        *(made_record("masked-weights", seed=s, leakage=0.6, kept=0.01) for s in (0, 1)),
        made_record("masked-weights", variant="margin-0.5", leakage=0.5, kept=0.3),
        made_record("masked-weights", variant="layers-5", leakage=0.7, kept=0.02),
    ]
    scores = ProfileScores.read(stored(tmp_path, told), "quick").at(MOVIES)
    looks = style.looks(scores.method_variants)
    figure = kept.draw(scores, looks=looks)
    everyone = [*scores.method_variants, *scores.variants["masked-weights"][1:]]
    for ax, probe in zip(figure.axes, ("linear", "strongest"), strict=True):
        drawn = {c.get_label(): tuple(c.lines[0].get_xydata()[0]) for c in ax.containers}
        metrics = (scores.mean_leakage(probe), scores.mean_kept("neighbours_kept"))
        expected = {c.label: tuple(scores.interval(c, m).mean for m in metrics) for c in everyone}
        assert drawn == expected
        sizes = {c.get_label(): c.lines[0].get_markersize() for c in ax.containers}
        assert sizes["masked-weights (margin-0.5)"] < sizes["masked-weights"]
        named = {note.get_text() for note in ax.texts} - {"chance"}
        # The readout is a control, and the two others are worse in both.
        assert named == {"masked-weights (margin-0.5)", "leace", "untuned"}
    assert "movies-rho0.85-minilm-leakage-kept.png" in {
        path.name for path in write_figures(tmp_path, "quick")
    }
    without = ProfileScores.read(stored(tmp_path / "plain", told[:8]), "quick").at(MOVIES)
    assert kept.draw(without, looks=looks) is None


def test_three_variants_make_no_curve(tmp_path):
    scores = ProfileScores.read(stored(tmp_path, RECORDS[:9]), "quick").at(MOVIES)
    method_variants = scores.variants["masked-weights"]
    assert len(method_variants) == 4
    assert families.families(scores, method_variants) == {}


def test_curves_and_heat_maps_are_written(tmp_path):
    results = stored(
        tmp_path, [*RECORDS[:-1], *(replace(r, grids=(DENSITY,)) for r in RECORDS[5:6])]
    )
    names = {path.name for path in write_figures(results, "quick")}
    assert "movies-rho0.85-minilm-masked-weights-sparsity.png" in names
    assert "movies-rho0.85-minilm-masked-weights-grids.png" in names


def test_grids_survive_a_record_and_older_records_have_none(tmp_path):
    with_grid, without = made_record("a"), made_record("b")
    stored(tmp_path, [replace(with_grid, grids=(DENSITY,)), without])
    (path,) = tmp_path.glob("quick/records/*/b/*.json")
    text = path.read_text().replace('"grids": [],', "")
    assert "grids" not in text
    path.write_text(text)
    first, second = sorted(read_records(tmp_path, "quick"), key=lambda r: r.trial.method)
    assert first.grids == (DENSITY,)
    assert second.grids == ()
    scores = ProfileScores.read(tmp_path, "quick").at(MOVIES)
    shown = heatmaps.stored_heatmaps(scores, MethodVariant("a"))
    figure = heatmaps.draw(MOVIES, MethodVariant("a"), shown)
    assert figure.axes[0].images[0].get_array().tolist() == [[0.2, 1], [0, 1]]
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.20", "1.00", "0.00", "1.00"]
    assert heatmaps.stored_heatmaps(scores, MethodVariant("b")) == ()


@pytest.mark.parametrize("values", [((1.0,),), ((1.0, 2.0), (1.0,)), ((1.0, float("nan")),) * 2])
def test_grids_that_do_not_fit_are_refused(values):
    with pytest.raises(ValueError, match="mask"):
        Heatmap("mask", ("a", "b"), ("c", "d"), values)
