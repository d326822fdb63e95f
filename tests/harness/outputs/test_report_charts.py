"""Charts of the report: what their points say is what was measured."""

import csv
import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from report_pages import drawing, points

from harness.outputs.report.environment import TEMPLATES

TRADEOFF = "chart-movies-rho0.85-minilm-target-leakage"


def disagreements(chart: ElementTree.Element, scores: Path) -> list[str]:
    """Methods whose point says or shows another mean than a file of scores, read here again."""
    values = defaultdict(list)
    with scores.open() as stream:
        for row in csv.DictReader(stream):
            if (row["task"], row["correlation"], row["variant"]) == ("movies", "0.85", "default"):
                values[row["method"], row["metric"], row["probe"]].append(float(row["value"]))
    drawn, wrong = [], []
    for text, place in points(chart).items():
        method, _, numbers = text.partition(", mean over representations: ")
        if not numbers:
            continue
        expected = [
            np.mean(values[method, metric, "linear"]) for metric in ("leakage", "target_accuracy")
        ]
        said = re.findall(r"(?:leakage|target accuracy) (\.\d{3})", numbers)
        if not np.allclose([float(number) for number in said], expected, atol=6e-4):
            wrong.append(method)
        drawn.append((*expected, *place))
    assert len(drawn) == 4
    for shown, pixels in ((0, 2), (1, 3)):
        along, at = np.array(drawn)[:, [shown, pixels]].T
        fit = np.polyval(np.polyfit(along, at, 1), along)
        wrong += ["drawn elsewhere"] if np.abs(fit - at).max() > 0.1 else []
    return wrong


def test_points_say_and_show_what_was_measured(page, tmp_path) -> None:
    folder, text, _ = page
    chart = drawing(text, TRADEOFF)
    scores = folder / "quick" / "scores.csv"
    assert disagreements(chart, scores) == []
    # The control: one wrong number in the file, and one point that has slipped.
    planted = tmp_path / "scores.csv"
    lines = scores.read_text().splitlines()
    one = "movies,0.85,minilm,adversarial,default,0,genre,sentiment,linear,leakage,"
    (line,) = (i for i, line in enumerate(lines) if line.startswith(one))
    lines[line] = lines[line].rpartition(",")[0] + ",0.9"
    planted.write_text("\n".join(lines))
    assert disagreements(chart, planted) == ["adversarial", "drawn elsewhere"]
    use = next(use for use in chart.iter("use") if use.find("title") is not None)
    use.set("x", str(float(use.attrib["x"]) + 5))
    assert disagreements(chart, scores) == ["drawn elsewhere"]


def test_points_have_names_links_and_intervals(page) -> None:
    _, text, _ = page
    chart = drawing(text, TRADEOFF)
    texts = [each.text for each in chart.iter("text")]
    links = {link.attrib["href"]: link.attrib["aria-label"] for link in chart.iter("a")}
    for method in ("untuned", "adversarial", "masked-weights", "oracle"):
        # Beside the point and in the legend.
        assert texts.count(method) == 2
        said = links[f"#source-movies-rho0.85-minilm-{method}-default"]
        assert re.match(rf"{method}, mean .*: leakage \.\d+, 95% interval \.\d+ to \.\d+; t", said)
    assert len(links) == 4
    # One point a method and panel.
    assert len(points(chart)) == 3 * 4
    swept = points(drawing(text, "chart-movies-minilm-leakage-correlation"))
    assert [place for place in swept if place.startswith("untuned, correlation 0.5: leakage, mlp")]


def test_charts_take_colours_and_fonts_from_the_page(page) -> None:
    """Every colour is one of the style, which has two schemes; ids are a chart's own."""
    _, text, _ = page
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    charts = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    assert len(charts) == 6
    for chart in charts:
        assert not re.findall(
            r"#[0-9a-f]{6}\b(?![^<]*url)", re.sub(r'(href|id)="[^"]*"', "", chart)
        )
        assert "font-family" not in chart
        assert set(re.findall(r"var\((--\w+)\)", chart)) <= set(re.findall(r"(--\w+):", style))
    assert re.search(r"svg \{[^}]*fill: currentColor", style)
