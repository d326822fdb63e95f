"""Figures as SVG with a text behind each point: files for papers, and parts of a page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from harness.outputs.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"

CLOUD_DPI = 100
"""Resolution of what is drawn as pixels within a file, such as clouds of points."""

LARGEST = 1.5
"""Pixels of a page for a point of a figure, from where on letters would look too large."""

THEME = {
    **{colour.lower(): f"var(--s{i})" for i, colour in enumerate(style.COLOURS)},
    **{colour: f"var(--k{i})" for i, colour in enumerate(style.KEPT_COLOURS)},
    style.REFERENCE_COLOUR: "currentColor",
    style.CHANCE_COLOUR: "var(--soft)",
    style.GRID_COLOUR: "var(--line)",
    "#ffffff": "var(--page)",
}
"""What the style of a page calls the colours of figures, so that a dark page has its own."""


def as_file(figure: Figure) -> str:
    """A file of its own; texts stay texts, and show when a pointer rests on a point."""
    root = _tree(figure, "disentangle-bench", {})
    root.set("xmlns", SVG)
    root.set("xmlns:xlink", XLINK)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def in_page(figure: Figure, caption: str, links: Mapping[str, str]) -> str:
    """An element of a page, in the page's fonts and colours, with ids that no other one has.

    `caption` is the id of the element that says what the figure shows; `links` has, for what
    `charts.say` names, the id that its first panel's points lead to.
    """
    root = _tree(figure, caption, links)
    width = float(root.attrib["viewBox"].split()[2])
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "style": f"max-width: {LARGEST * width:.0f}px",
        "role": "group",
        "aria-labelledby": caption,
    }
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag == "style"]:
            parent.remove(child)
        for name, value in list(parent.attrib.items()):
            if name == "xlink:href":
                parent.set("href", parent.attrib.pop(name))
            elif name == "style":
                parent.set(name, re.sub(r"#[0-9a-f]{6}|font-family:[^;]*;? ?", _themed, value))
            elif name in ("d", "x", "y", "transform"):
                parent.set(name, re.sub(r"(\.\d\d)\d+", r"\1", value))
    return re.sub(r"\s*\n\s*", "\n", ElementTree.tostring(root, encoding="unicode"))


def _tree(figure: Figure, salt: str, links: Mapping[str, str]) -> Element:
    """The drawing with its texts, without namespaces and ids that nothing refers to."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    drawn = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.set_dpi(CLOUD_DPI)
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        # Not `savefig`, which draws everything twice.
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(drawn, metadata=nothing)
    root = ElementTree.fromstring(drawn.getvalue())
    used = set(re.findall(r"#(\w+)", drawn.getvalue().decode("utf-8")))
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        if f"{{{XLINK}}}href" in element.attrib:
            element.set("xlink:href", element.attrib.pop(f"{{{XLINK}}}href"))
        name = element.get("id", "")
        if name not in used:
            element.attrib.pop("id", None)
        if name.startswith("["):
            who, *texts = json.loads(name)
            _speak(element, texts, links.get(who, ""))
    return root


def _speak(line: Element, texts: list[str], link: str) -> None:
    """Each marker of a line gets its text, and leads to a place in the page where there is one."""
    said = iter(texts)
    for parent in list(line.iter()):
        for place, mark in enumerate(list(parent)):
            if mark.tag == f"{{{SVG}}}use":
                SubElement(mark, "title").text = text = next(said)
                if link:
                    parent[place] = Element("a", {"href": f"#{link}", "aria-label": text})
                    parent[place].append(mark)
    if next(said, None) is not None:
        raise ValueError("a point with a text is outside the figure")


def _themed(found: re.Match[str]) -> str:
    return THEME.get(found[0], "" if found[0].startswith("font") else found[0])
