"""A report made from simple records, and its page as a reader without a script finds it."""

import re
from collections import Counter, defaultdict
from html.parser import HTMLParser
from xml.etree import ElementTree

from made_records import made_record, usual_records

RECORDS = [
    *usual_records(3),
    *usual_records(2, correlation=0.5),
    *usual_records(2, task="tweets"),
    *(made_record("oracle", seed=s, target=0.95, leakage=0.55, balanced=True) for s in range(3)),
    *(
        made_record("masked-weights", variant=f"sparsity-{share}", leakage=0.6 + share / 10)
        for share in (0.3, 0.5, 0.7, 0.9)
    ),
    made_record("part", seed=1, status="failed", reason="ValueError: <script>alert(1)</script>"),
]


class Page(HTMLParser):
    """What a reader without a script finds: texts, links, ids, and tables by caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: dict[str, list[str]] = defaultdict(list)
        self.tables: dict[str, list[list[dict[str, str]]]] = defaultdict(list)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self._rows: list[list[dict[str, str]]] = []
        self._caption = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.elements.append((tag, given))
        for name, value in given.items():
            self.attributes[name].append(value)
        self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        if tag == "tr":
            self._rows.append([{"title": given.get("title", "")}])
        if tag in ("td", "th") and self._rows:
            self._rows[-1].append({**given, "text": ""})
        if tag == "a" and self._rows and len(self._rows[-1]) > 1:
            self._rows[-1][-1]["link"] = given["href"]

    def handle_endtag(self, tag):
        self._open.append("")
        if tag == "table":
            self.tables[self._caption.strip()] += self._rows
            self._rows = []

    def handle_data(self, data):
        if "caption" in self._open[-1:]:
            self._caption += data
        elif self._rows and len(self._rows[-1]) > 1:
            self._rows[-1][-1]["text"] += data.removesuffix("\n")


def drawing(text: str, name: str) -> ElementTree.Element:
    """A chart of the page, by the id of its caption."""
    assert text.count(f'<figcaption id="{name}">') == 1
    (found,) = re.findall(rf'<svg [^>]*aria-labelledby="{name}".*?</svg>', text, re.DOTALL)
    return ElementTree.fromstring(found)


def points(chart: ElementTree.Element) -> dict[str, tuple[float, float]]:
    """What stands behind each point, and where the point is drawn."""
    return {
        use.findtext("title"): (float(use.attrib["x"]), float(use.attrib["y"]))
        for use in chart.iter("use")
        if use.find("title") is not None
    }
