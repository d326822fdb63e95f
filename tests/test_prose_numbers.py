"""The check of numbers in prose finds what is wrong."""

from pathlib import Path

import pytest
from prose_numbers import complaints, numbers

STORED = """table,row,column,mean
movies,untuned,leakage,0.7616
movies,masks,leakage,0.5594
movies,masks,use,15.7
"""
PAGE = """Masks leak .559, the encoder 76% (Li et al. 2019); of 85%.

<!-- numbers
tables/summary.csv | leakage
  .559  masks
  76%   untuned
85%  given: rho
-->
"""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "summary.csv").write_text(STORED, encoding="utf-8")
    scores = "method,seed,metric,value\nmasks,0,use,1.5\nmasks,1,use,2.5\n"
    (tmp_path / "scores.csv").write_text(scores, encoding="utf-8")
    return tmp_path


def test_what_is_stored_passes(results: Path) -> None:
    assert complaints(PAGE, results) == []


def test_a_wrong_number_is_found(results: Path) -> None:
    assert complaints(PAGE.replace(".559", ".558"), results) == [
        ".558 is stored as .559: tables/summary.csv | leakage | masks"
    ]
    assert "77% is stored as 76%" in complaints(PAGE.replace("76%", "77%"), results)[0]


def test_a_number_of_another_method_is_found(results: Path) -> None:
    swapped = PAGE.replace("masks\n", "x\n").replace("untuned", "masks").replace("x\n", "untuned\n")
    assert len(complaints(swapped, results)) == 2


def test_prose_and_comment_must_agree(results: Path) -> None:
    assert "the prose says" in complaints(PAGE.replace("leak .559", "leak .5"), results)[0]
    assert "the prose says" in complaints("And 3 more.\n" + PAGE, results)[0]


def test_numbers_without_a_comment_are_found(results: Path) -> None:
    assert complaints(PAGE + "\nAnd 3 more.\n", results) == ["['3'] at the end have no comment"]


def test_scores_are_means_over_their_rows(results: Path) -> None:
    comment = "<!-- numbers\nscores.csv | use\n  {0}  masks\n-->\n"
    assert complaints("It is 2.0.\n" + comment.format("2.0"), results) == []
    assert complaints("It is 2.1.\n" + comment.format("2.1"), results) != []


def test_an_address_that_fits_no_row_or_several_is_refused(results: Path) -> None:
    with pytest.raises(AssertionError, match="0 rows"):
        complaints(PAGE.replace("untuned", "unknown"), results)
    with pytest.raises(AssertionError, match="2 rows"):
        complaints(PAGE.replace("csv | leakage", "csv").replace("  untuned", "  leakage"), results)


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        (
            "from .5 to .9, and -.004 of 2,404 MiB; 14.7 times.",
            [".5", ".9", "-.004", "2,404", "14.7"],
        ),
        ("`--seeds 3` of C1.2, Apache-2.0, MiniLM-6 and [5](docs/5.md) in 2021", ["5"]),
        ("| 3 | .5 |\n1. First 4\n```\n7\n```\n<!-- x: y -->8<!-- end of x -->", ["4"]),
    ],
)
def test_which_numbers_count(prose: str, found: list[str]) -> None:
    assert numbers(prose) == found
