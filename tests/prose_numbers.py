"""Numbers in a page's prose, checked against the stored CSV files that the page names.

A comment behind the prose says where each number comes from, in the order of the text::

    <!-- numbers
    standard/tables/summary.csv | movies, ρ = .85, minilm
      56%   masked-weights | leakage, linear ↓
    85%  given: rho of the tasks
    -->

An indented line belongs to the file above it. What stands between bars are fields of one row of
the CSV file; the last may name the column to read, which is `mean` otherwise (`value` in
scores.csv, where the mean of all rows that fit counts). `given` is for what is set and not
measured. A number is compared with as many digits as the prose gives it.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import fmean

BLOCK = re.compile(r"<!-- numbers\n(.*?)-->", re.DOTALL)
NO_PROSE = re.compile(
    r"<!-- (\w+): \S+ -->.*?<!-- end of \1 -->"  # what the suite writes
    r"|<!--.*?-->|```.*?```|`[^`\n]*`|^\|.*?$|^\d+\.(?= )|(?<=\])\([^)]*\)",
    re.DOTALL | re.MULTILINE,
)
NUMBER = re.compile(r"(?<![\w.,/-])-?\d*[.,]?\d+(?:[.,]\d+)*%?(?![\w/-])")
YEAR = re.compile(r"(?:19|20)\d\d")


def complaints(page: str, results: Path) -> list[str]:
    """One line for each number that is not declared, or is not what is stored."""
    return list(_complaints(page, results))


def _complaints(page: str, results: Path) -> Iterator[str]:
    declared_to = 0
    for block in BLOCK.finditer(page):
        said, declared = numbers(page[declared_to : block.start()]), list(sources(block[1]))
        declared_to = block.end()
        if said != [number for number, _ in declared]:
            yield f"the prose says {said}, its comment {[number for number, _ in declared]}"
            continue
        for number, source in declared:
            if not source.startswith("given: "):
                stored = shown_like(number, lookup(source, results))
                if stored != number:
                    yield f"{number} is stored as {stored}: {source}"
    if rest := numbers(page[declared_to:]):
        yield f"{rest} at the end have no comment"


def numbers(text: str) -> list[str]:
    """The numbers of the prose, in order, without code, tables, links and years."""
    found = NUMBER.findall(NO_PROSE.sub(" ", text))
    return [number for number in found if not YEAR.fullmatch(number)]


def sources(block: str) -> Iterator[tuple[str, str]]:
    """Each number that a comment declares, with where it comes from."""
    above = ""
    for line in block.splitlines():
        number, _, source = line.strip().partition(" ")
        if line.startswith(" "):
            yield number, f"{above} | {source.strip()}"
        elif source.strip().startswith("given: "):
            yield number, source.strip()
        else:
            above = line


def lookup(source: str, results: Path) -> float:
    """The stored number: of one row, or in scores.csv the mean of all that fit."""
    file, *fields = source.split(" | ")
    rows = read(results / file)
    column = fields.pop() if fields[-1] in rows[0] else "value" if "value" in rows[0] else "mean"
    fitting = [row for row in rows if all(fits(field, row) for field in fields)]
    if not fitting or (len(fitting) > 1 and not file.endswith("scores.csv")):
        raise AssertionError(f"{len(fitting)} rows of {file} have {fields}")
    return fmean(float(row[column]) for row in fitting)


def fits(field: str, row: dict[str, str]) -> bool:
    """Whether a field of the row is this one; the first keys of a row stand for all of them."""
    return any(cell == field or cell.startswith(f"{field} / ") for cell in row.values())


@cache
def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def shown_like(number: str, value: float) -> str:
    """The value with the digits of a number in the prose: `56%`, `.559`, `2,404`."""
    digits = number.rstrip("%")
    decimals = len(digits.partition(".")[2])
    text = f"{100 * value if number.endswith('%') else value:,.{decimals}f}"
    if digits.lstrip("-").startswith("."):
        text = text.replace("0.", ".", 1)
    return text + "%" * number.endswith("%")
