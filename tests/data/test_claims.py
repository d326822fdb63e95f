"""The claims file and its reader: what it says can be compared, and mistakes in it are named."""

from __future__ import annotations

import re
import tomllib

import pytest

from data.claims import PATH, Claim, claims
from data.errors import UserError
from harness.runs import discovery

ENTRY = """
[[claims]]
name = "X"
source = "nobody"
says = "a is better than b"
[[claims.parts]]
says = "less leakage"
needs = "every"
[[claims.parts.comparisons]]
of = ["a"]
against = ["b:small"]
metric = "leakage"
probe = "linear"
better = "lower"
at_least = 0.0
tasks = [["movies"], ["tweets-davidson", "tweets"]]
"""


def read(folder, text) -> tuple[Claim, ...]:
    path = folder / f"claims-{abs(hash(text))}.toml"
    path.write_text(text)
    return claims(path)


def test_the_claims_are_those_of_the_two_papers() -> None:
    assert [claim.name for claim in claims()] == ["C1", "C2", "C3", "V1", "V2"]
    assert [claim.source.split()[0] for claim in claims()] == ["Zhang,"] * 3 + ["Park"] * 2


def test_every_line_of_the_file_is_read() -> None:
    """What stands in the file and what is read from it are the same numbers, names and tasks."""
    raw = tomllib.loads(PATH.read_text(encoding="utf-8"))["claims"]
    for entry, claim in zip(raw, claims(), strict=True):
        for part, read_part in zip(entry["parts"], claim.parts, strict=True):
            for given, made in zip(part["comparisons"], read_part.comparisons, strict=True):
                for name, value in given.items():
                    held = getattr(made, name)
                    assert repr(held) == repr(value).replace("[", "(").replace("]", ")") or (
                        list(map(list, held) if name == "tasks" else held) == value
                    )


def test_compared_variants_of_masks_exist() -> None:
    """A renamed variant would leave a claim undecided for ever."""
    compared = {
        name
        for claim in claims()
        for part in claim.parts
        for comparison in part.comparisons
        for name in (*comparison.of, *comparison.against)
    }
    masks = discovery.load("masked-weights")
    variants = {name.partition(":")[2] for name in compared if name.startswith("masked-weights:")}
    assert variants
    assert variants <= set(masks.variants)
    assert {"masked-weights", "masked-units", "untuned", "adversarial", "drlst"} <= compared


def test_a_file_is_read_as_it_stands(tmp_path) -> None:
    (claim,) = read(tmp_path, ENTRY)
    (part,) = claim.parts
    (comparison,) = part.comparisons
    assert comparison.against == ("b:small",)
    assert comparison.tasks == (("movies",), ("tweets-davidson", "tweets"))
    assert not comparison.apart


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('needs = "every"', 'needs = "all"', "needs is 'all'"),
        ('better = "lower"', 'better = "less"', "better is 'less'"),
        ('against = ["b:small"]\n', "", "either against rivals or against a value"),
        ("at_least = 0.0", "at_least = nan", "at_least is nan"),
        ("at_least = 0.0", 'at_least = 0.0\nmargin = "small"', "margin"),
        ('against = ["b:small"]', "value = 3.0", "value_of"),
        ('of = ["a"]', "of = []", "needs contenders"),
        ('name = "X"', "name = ", "Invalid value"),
        ('says = "less leakage"\n', "", "says"),
    ],
)
def test_mistakes_are_named(tmp_path, was, becomes, complaint) -> None:
    assert was in ENTRY
    with pytest.raises(UserError, match=re.escape(complaint)):
        read(tmp_path, ENTRY.replace(was, becomes))


def test_two_claims_of_one_name_are_refused(tmp_path) -> None:
    with pytest.raises(UserError, match="names X twice"):
        read(tmp_path, ENTRY + ENTRY)
