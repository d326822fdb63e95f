"""The corpora of captions, graded pairs and analysed sentences, in their two sources."""

from pathlib import Path

import pandas as pd
import pytest

from data import corpora
from data.corpus import SeveralCorpora
from data.errors import UserError

NAMES = ("captions", "ewt", "gum", "sick", "stsb")


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_copy_of_the_embedded_rows_has_their_hash(name: str, tmp_path: Path) -> None:
    source = corpora.find(name)
    made = source.embedded(1)
    made.frame.assign(unused=1).to_parquet(tmp_path / f"{name}.parquet")
    stored = source.local(tmp_path)
    assert stored.source == "local"
    assert set(stored.frame.columns) == set(made.frame.columns)
    assert stored.content_hash == made.content_hash
    assert source.embedded(2).content_hash != made.content_hash
    assert stored.licence
    assert stored.citation


@pytest.mark.parametrize("name", ["gum", "ewt"])
def test_words_and_tags_of_unequal_number_are_refused(name: str, tmp_path: Path) -> None:
    source = corpora.find(name)
    frame = source.embedded(1).frame.head(5).copy()
    frame["xpos"] = pd.Series([*frame["xpos"][:3], ("NN",), frame["xpos"][4]], dtype=object)
    frame.to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(UserError, match=rf"{name}.parquet.*do not in row 4"):
        source.local(tmp_path)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [("stsb", "score", 5.5), ("sick", "relatedness", 0.5), ("captions", "split", "dev")],
)
def test_values_out_of_range_are_refused(
    name: str, column: str, value: object, tmp_path: Path
) -> None:
    source = corpora.find(name)
    frame = source.embedded(1).frame.head(5).copy()
    frame.loc[2, column] = value
    frame.to_parquet(tmp_path / f"{name}.parquet")
    with pytest.raises(UserError, match=f"{column}.*row 3"):
        source.local(tmp_path)


def test_several_corpora_have_one_hash_of_all() -> None:
    first, second = (corpora.find(name).embedded(1) for name in ("stsb", "sick"))
    both = SeveralCorpora.of("both", first, second)
    other = SeveralCorpora.of("both", first, corpora.find("sick").embedded(2))
    assert both.content_hash != other.content_hash
    assert both.content_hash == SeveralCorpora.of("both", second, first).content_hash
    assert both.frame is first.frame
