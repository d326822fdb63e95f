"""Detail columns of a table of one's own: what they refine, and their values."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from data.details import Detail, details_of
from data.errors import UserError

TABLE = """text,mood,size,stars,kind,both,word
a,bad,s,1,plain,x,p
b,bad,l,2,rude,,q
c,good,s,3,nice,x,r
d,good,l,,warm,y,p
e,bad,l,1,plain,y,r
f,good,l,3,nice,y,q
g,bad,s,2,rude,x,q
h,good,s,3,warm,x,r
"""


def own(*details: str, content: str = TABLE) -> Mapping[str, Detail]:
    frame = pd.read_csv(io.StringIO(content), dtype="str", keep_default_na=False)
    return details_of(frame, details, ["mood", "size"])


def test_own_columns_are_grades_or_categories() -> None:
    found = own("stars", "kind", "size:both")
    held = {name: (d.aspect, d.values.tolist()) for name, d in found.items()}
    nan = pytest.approx(np.nan, nan_ok=True)
    assert held == {
        "stars": ("mood", [1, 2, 3, nan, 1, 3, 2, 3]),
        "kind=nice": ("mood", [0, 0, 1, 0, 0, 1, 0, 0]),
        "kind=plain": ("mood", [1, 0, 0, 0, 1, 0, 0, 0]),
        "kind=rude": ("mood", [0, 1, 0, 0, 0, 0, 1, 0]),
        "kind=warm": ("mood", [0, 0, 0, 1, 0, 0, 0, 1]),
        "both": ("size", [0, nan, 0, 1, 1, 1, 0, 0]),
    }


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (["word"], "'word' refines no aspect; say .* as --details mood:word"),
    ],
)
def test_bad_details(details: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        own(*details)
    assert "\n" not in str(caught.value)


def test_a_column_of_names_is_no_detail() -> None:
    lines = [f"t{i},m{i % 2},s{i % 4 // 2},n{i}" for i in range(40)]
    content = "\n".join(["text,mood,size,name", *lines])
    with pytest.raises(UserError, match="refines mood and size; say"):
        own("name", content=content)
    with pytest.raises(UserError, match="40 different values that are no numbers"):
        own("mood:name", content=content)
