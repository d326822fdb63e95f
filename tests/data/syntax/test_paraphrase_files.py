"""A user's own pairs of paraphrases."""

from pathlib import Path

import pytest

from data.errors import UserError
from data.syntax.triplets import read_paraphrases


def written(folder: Path, content: bytes) -> Path:
    file = folder / "pairs.txt"
    file.write_bytes(content)
    return file


def test_pairs_are_read_with_or_without_a_score(tmp_path: Path) -> None:
    text = "a cat sat\tthere sat a cat\t0.8\n\nyes\tYes\nhello\tgood day\nhello\tgood day\n"
    found = read_paraphrases(written(tmp_path, text.encode()))
    assert found == (("a cat sat", "there sat a cat"), ("hello", "good day"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one column\n", "line 1 is no pair"),
        (b"a\tb\nc\t \n", "line 2 is no pair"),
        (b"same\tSame\n", "no pair of different"),
        (b"", "no pair of different"),
        (b"a\xff\tb\n", "not UTF-8: byte 0xff at offset 1"),
    ],
)
def test_bad_files_are_refused_with_what_to_do(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        read_paraphrases(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="check the path"):
        read_paraphrases(tmp_path / "nowhere.txt")
