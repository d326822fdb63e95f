"""The claims file and its reader: what it says can be compared, and mistakes in it are named."""

import re
import tomllib
from datetime import date
from math import log

import pytest

from data.claims import PATH, Claim, Curve, claims
from data.errors import UserError
from data.published import text_vaes
from harness.runs import discovery

ENTRY = """
[[claims]]
name = "X"
source = "nobody"
since = 2026-11-28
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
set_by = "ours"
tasks = ["movies", "tweets"]
"""


def read(folder, text) -> tuple[Claim, ...]:
    path = folder / f"claims-{abs(hash(text))}.toml"
    path.write_text(text)
    return claims(path)


SOURCES = {
    "C": "Zhang,",
    "V": "Park",
    "S": "Prokhorov",
    "D": "Mercatali",
    "Q": "Sato",
    "R": "Yuan",
    "P": "Carreto",
}
"""First letter of a claim's name to the first author of its paper."""


def test_the_claims_are_those_of_the_papers() -> None:
    assert {claim.name[0] for claim in claims()} == set(SOURCES)
    for claim in claims():
        assert claim.source.startswith(SOURCES[claim.name[0]])
    assert {claim.name for claim in claims()} >= {"C1", "C2", "C3", "V1", "V2"}


def test_every_line_of_the_file_is_read() -> None:
    """What stands in the file and what is read from it are the same numbers, names and tasks."""
    raw = tomllib.loads(PATH.read_text(encoding="utf-8"))["claims"]
    for entry, claim in zip(raw, claims(), strict=True):
        for part, read_part in zip(entry["parts"], claim.parts, strict=True):
            for given, made in zip(part["comparisons"], read_part.comparisons, strict=True):
                for name, value in given.items():
                    held = getattr(made, name)
                    if isinstance(held, Curve):
                        points = [list(point) for point in held.points]
                        assert {"along": held.along, "points": points} == value
                    else:
                        assert (list(held) if isinstance(held, tuple) else held) == value


def test_compared_variants_exist() -> None:
    """A renamed variant would leave a claim undecided for ever."""
    compared = {
        name
        for claim in claims()
        for part in claim.parts
        for comparison in part.comparisons
        for name in (*comparison.of, *comparison.against)
    }
    for method in ("hsvae", "mat-vae", "lstm-vae", "discrete-vae", "joint-vae"):
        own = {name.partition(":")[2] for name in compared if name.partition(":")[0] == method}
        assert own
        assert own <= {"", *discovery.load(method).variants}
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
    assert comparison.tasks == ("movies", "tweets")
    assert (comparison.set_by, claim.since) == ("ours", date(2026, 11, 28))


def test_a_change_of_any_word_or_margin_changes_the_digest(tmp_path) -> None:
    (claim,) = read(tmp_path, ENTRY)
    changes = (("at_least = 0.0", "at_least = 0.01"), ("less leakage", "fewer"), ("11-28", "11-29"))
    digests = {read(tmp_path, ENTRY.replace(was, now))[0].digest for was, now in changes}
    assert len({claim.digest, *digests}) == 4
    assert read(tmp_path / "..", ENTRY)[0].digest == claim.digest


def test_curves_are_linear_between_points_and_end_with_them() -> None:
    curve = Curve("kl", ((1.0, 2.0), (3.0, 6.0), (4.0, 0.0)))
    assert [curve.at(rate) for rate in (1.0, 2.0, 3.5, 4.0)] == [2.0, 4.0, 3.0, 0.0]
    assert [curve.at(rate) for rate in (0.9, 4.1)] == [None, None]
    for points in (((1.0, 2.0),), ((3.0, 2.0), (1.0, 2.0)), ((1.0, 2.0), (1.0, 3.0))):
        with pytest.raises(ValueError, match="two points"):
            Curve("kl", points)


def test_curves_of_claims_are_those_published() -> None:
    """Every lambda of Optimus; perplexities a word follow from those a piece by one power."""
    rows = [r for r in text_vaes() if r.corpus == "ptb" and r.system.startswith("Optimus")]
    table = {(row.system, row.metric): row.value for row in rows}
    models = sorted({row.system for row in rows}, key=lambda m: table[m, "kl"])
    curves = {
        comparison.metric: comparison.value.points
        for claim in claims()
        for part in claim.parts
        for comparison in part.comparisons
        if isinstance(comparison.value, Curve)
    }
    rates = [table[model, "kl"] for model in models]
    information = [table[model, "mutual_information"] for model in models]
    assert curves["mutual_information"] == tuple(zip(rates, information, strict=True))
    pieces = [table[model, "perplexity"] for model in models]
    power = log(64.4) / log(23.58)
    expected = [piece**power for piece in pieces]
    assert [rate for rate, _ in curves["word_perplexity"]] == rates
    assert [v for _, v in curves["word_perplexity"]] == pytest.approx(expected, abs=0.051)


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('needs = "every"', 'needs = "all"', "Invalid enum value 'all'"),
        ('better = "lower"', 'better = "less"', "Invalid enum value 'less'"),
        ('set_by = "ours"', 'set_by = "them"', "Invalid enum value 'them'"),
        ("since = 2026-11-28", 'since = "today"', "date"),
        ("since = 2026-11-28\n", "", "since"),
        ('against = ["b:small"]', 'value = {along = "kl", points = [[1, 2]]}', "two points"),
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
