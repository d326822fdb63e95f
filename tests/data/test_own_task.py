import contextlib
import io
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import tasks
from data.errors import UserError
from data.quotas import cell_quota, smallest
from data.rows import Splits


def written(folder: Path, content: str | bytes, name: str = "own.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def table(classes: list[int], rows_per_cell: int, *, group: int = 0) -> str:
    """A CSV with aspects a0, a1, ... of so many classes, and groups of so many rows."""
    names = [f"a{k}" for k in range(len(classes))]
    lines = [",".join(["text", *names, *(["film"] if group else [])])]
    row = 0
    for copy in range(rows_per_cell):
        for cell in np.ndindex(*classes):
            fields = [f'"text {row}, copy {copy}"', *(f"c{code}" for code in cell)]
            lines.append(",".join([*fields, *([f"film{row // group}"] if group else [])]))
            row += 1
    return "\n".join(lines) + "\n"


def drawn(file: Path, columns: dict[str, object]) -> Splits:
    task = tasks.find("data", data=file, **columns)
    return task.draw(task.load(None), seed=0)


def refused(folder: Path, content: str | bytes, message: str, **columns: object) -> None:
    chosen = {"text": "text", "aspects": ["a0", "a1"], **columns}
    file = written(folder, content)
    with pytest.raises(UserError, match=message) as caught:
        drawn(file, chosen)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("classes", [[2, 2], [3, 4], [2, 3, 4], [2, 2, 2], [4, 2]])
@pytest.mark.parametrize("group", [0, 3])
def test_any_number_of_aspects_and_classes(tmp_path: Path, classes: list[int], group: int) -> None:
    file = written(tmp_path, table(classes, 240, group=group))
    aspects = [f"a{k}" for k in range(len(classes))]
    task = tasks.find("data", data=file, aspects=aspects, group="film" if group else None)
    corpus = task.load(None)
    assert corpus.source == "own"
    assert task.name == "-".join(["data-own", *aspects])
    splits = task.draw(corpus, correlation=0.7, seed=1)
    train, valid, evaluation = splits.training.train, splits.training.valid, splits.evaluation
    assert [aspect.name for aspect in train.aspects] == aspects
    assert set(evaluation.cell_counts().values()) == {120}
    for part in (train, valid):
        expected = cell_quota(classes, len(part), 0.7).tolist()
        assert list(part.cell_counts().values()) == expected
    assert len(train) > 60
    groups = [set(part.groups.tolist()) for part in (train, valid, evaluation)]
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_all_that_fits_is_used(tmp_path: Path) -> None:
    task = tasks.find("data", data=written(tmp_path, table([2, 2], 200)), aspects=("a0", "a1"))
    splits = task.draw(task.load(None), correlation=0.5, seed=0)
    used = len(splits.training.train) + len(splits.training.valid) + len(splits.evaluation)
    assert 796 <= used <= 800


def test_settings_leave_the_path_out(tmp_path: Path) -> None:
    content = table([2, 2], 3)
    one = tasks.find("data", data=written(tmp_path, content), aspects=["a0", "a1"])
    (tmp_path / "sub").mkdir()
    two = tasks.find("data", data=written(tmp_path / "sub", content), aspects=["a0", "a1"])
    assert one.settings == two.settings
    assert str(tmp_path) not in repr(one.settings)
    assert one.load(None).content_hash == two.load(None).content_hash


def test_tab_separated_with_byte_order_mark(tmp_path: Path) -> None:
    content = table([2, 2], 2).replace(",", "\t").encode("utf-8-sig")
    corpus = tasks.find(
        "data", data=written(tmp_path, content, "own.tsv"), aspects=["a0", "a1"]
    ).load(None)
    assert list(corpus.frame.columns) == ["text", "a0", "a1"]
    assert len(corpus.frame) == 8


def test_quoted_line_breaks_and_windows_line_ends(tmp_path: Path) -> None:
    file = written(tmp_path, 'text,a0,a1\r\n"one\r\ntwo, three",x,y\r\n')
    corpus = tasks.find("data", data=file, aspects=["a0", "a1"]).load(None)
    assert corpus.frame["text"].tolist() == ["one\r\ntwo, three"]


def test_labels_are_text_as_written(tmp_path: Path) -> None:
    file = written(tmp_path, "text,a0,a1\nt,NA, 01\nu,null,1.0\n")
    frame = tasks.find("data", data=file, aspects=["a0", "a1"]).load(None).frame
    assert frame["a0"].tolist() == ["NA", "null"]
    assert frame["a1"].tolist() == ["01", "1.0"]


def test_names_of_files_leave_draws_and_identity_alone(tmp_path: Path) -> None:
    content = table([2, 2], 50)
    parquet = tmp_path / "z.parquet"
    pd.read_csv(io.StringIO(content)).to_parquet(parquet)
    found = []
    for file in (written(tmp_path, content), written(tmp_path, content, "renamed.csv"), parquet):
        task = tasks.find("data", data=file, aspects=["a0", "a1"])
        corpus = task.load(None)
        splits = task.draw(corpus, seed=1)
        parts = (splits.training.train, splits.training.valid, splits.evaluation)
        drawn = [part.ids for part in parts]
        found.append((corpus.name, corpus.content_hash, task.identity(corpus), drawn))
    assert found[0] == found[1] == found[2]
    other = tasks.find("data", data=parquet, aspects=["a1", "a0"])
    assert other.identity(other.load(None)) != found[0][2]
    shorter = written(tmp_path, content.replace("text 0,", "text 00,"))
    changed = tasks.find("data", data=shorter, aspects=["a0", "a1"])
    assert changed.identity(changed.load(None)) != found[0][2]


def test_the_aspects_are_in_the_name_and_the_path_is_not(tmp_path: Path) -> None:
    task = tasks.find("data", data=tmp_path / "über uns.tsv", aspects=["a", "b/c"])
    assert task.name == "data-über-uns-a-b-c"
    assert tasks.find("data", data="o/n:test", aspects=["a", "b"]).name == "data-n-test-a-b"
    names = {tasks.find("data", data="x" * 200, aspects=["a", last]).name for last in "bcd"}
    assert sorted(map(len, names)) == [60, 60, 60]
    longest = tasks.find("data", data="x" * 51, aspects=["a", "b"]).name
    assert longest == f"data-{'x' * 51}-a-b"


def test_no_more_rows_are_drawn_than_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, table([2, 2], 200))
    assert len(drawn(file, {"aspects": ["a0", "a1"]}).evaluation) == 400
    monkeypatch.setattr("data.tasks.own.MOST_TRAINING", 80)
    monkeypatch.setattr("data.tasks.own.MOST_EVALUATION", 100)
    splits = drawn(file, {"aspects": ["a0", "a1"]})
    assert len(splits.training.train) == 80
    assert len(splits.training.valid) == smallest((2, 2), 0.85)
    assert set(splits.evaluation.cell_counts().values()) == {25}
    monkeypatch.setattr("data.tasks.own.MOST_EVALUATION", 8)
    few = drawn(file, {"aspects": ["a0", "a1"]})
    assert set(few.evaluation.cell_counts().values()) == {10}


def test_errors_say_what_was_left_out_and_why(tmp_path: Path) -> None:
    same = "text,a0,a1\n" + "".join(f"Same,p{i % 2},q{i // 2 % 2}\n" for i in range(40))
    refused(
        tmp_path,
        same,
        r"cell p0-q0 has 0 rows for evaluation and needs 2 \(of 10 rows 10 have a text that other "
        r"rows label differently, and are left out\)",
    )
    few = table([2, 2], 4)
    repeated = few + 3 * "".join(few.splitlines(keepends=True)[1:])
    refused(
        tmp_path,
        repeated,
        r"beside 2 rows kept for evaluation \(of 16 rows 12 repeat the text of another row, and "
        r"are left out\)",
    )


GOOD = table([2, 2], 50)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": "body"}, "own.csv has no column 'body'; its columns are 'text', 'a0', 'a1'"),
        ({"aspects": ["a0", "b", "c"]}, "has no columns 'b', 'c'"),
        ({"group": "film"}, "has no column 'film'"),
        ({"aspects": ["a0"]}, "two or more aspects"),
        ({"aspects": []}, "two or more aspects"),
        ({"aspects": ["a0", "a0"]}, "'a0' is named for two purposes"),
        ({"aspects": ["a0", "text"]}, "the column 'text' is named for two purposes"),
        ({"group": "a1"}, "the column 'a1' is named for two purposes"),
        ({"group": "text"}, "the column 'text' is named for two purposes"),
        ({"colour": "red"}, "no option 'colour'; its options are data, text, aspects, group"),
    ],
)
def test_bad_columns(tmp_path: Path, columns: dict[str, object], message: str) -> None:
    refused(tmp_path, GOOD, message, **columns)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no rows"),
        ("text,a0,a1\n", "no rows"),
        ("text,a0,a1\nx,p,q\n  ,p,q\n", "column 'text' is blank in row 2"),
        ("text,a0,a1\nx,,q\n", "column 'a0' is blank in row 1"),
        ("text,a0,a1\nx,p\n", "row 1 has 2 fields and the header 3"),
        ("text,a0,a1\nx,p,q,r\n", "row 1 has 4 fields"),
        ('text,a0,a1\n"x,p,q\n', "line 2 is not valid csv"),
        ("text,a0,a0,a1\nx,p,q,r\n", "two columns named 'a0'"),
        (b"text,a0,a1\nna\xefve,p,q\n", r"is not UTF-8: byte 0xef at offset 13"),
        ("text,a0,a1\n" + "".join(f"t{i},p,c{i % 2}\n" for i in range(9)), "'a0' needs two or mo"),
        (
            "text,a0,a1\n" + "".join(f"t{i},c{i},d{i}\n" for i in range(9)),
            r"the classes \(a0 9, a1 9\) make 81 cells, more than the 9 rows",
        ),
        (table([2, 2], 4), r"needs \d+ .*nothing fits|needs \d+ .*would fit"),
        ("text,a0,a1\nt,c0,c0\nt,c1,c1\nu,c0,c1\nv,c1,c0\n", "has 0 rows for evaluation"),
    ],
)
def test_bad_content(tmp_path: Path, content: str | bytes, message: str) -> None:
    refused(tmp_path, content, message)


def test_bad_files(tmp_path: Path) -> None:
    (tmp_path / "own.xlsx").write_text("text,a,b")
    for name, message in (
        ("gone.csv", "cannot read .*No such file"),
        ("own.xlsx", r"ends in none of \.csv, \.tsv"),
    ):
        with pytest.raises(UserError, match=message):
            tasks.find("data", data=tmp_path / name, aspects=["a", "b"]).load(None)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserError, match=r"holds no \.csv"):
        tasks.find("data", data=tmp_path / "folder.csv", aspects=["a", "b"]).load(None)
    with pytest.raises(UserError, match="needs a file, a folder"):
        tasks.find("data")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_unreadable_file(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    file.chmod(0)
    with pytest.raises(UserError, match="Permission denied"):
        tasks.find("data", data=file, aspects=["a0", "a1"]).load(None)


def draw_or_refuse(file: Path, aspects: list[str], rho: float) -> None:
    with contextlib.suppress(UserError):
        task = tasks.find("data", data=file, aspects=aspects)
        corpus = task.load(None)
        splits = task.draw(corpus, correlation=rho, seed=0)
        assert (
            len(splits.evaluation)
            % math.prod(len(aspect.classes) for aspect in splits.training.aspects)
            == 0
        )


noisy = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@noisy
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"text,a0,a1\n", b"\xef\xbb\xbftext,a0,a1\r"])
)
def test_fuzzed_bytes_give_a_draw_or_one_error(tmp_path: Path, body: bytes, head: bytes) -> None:
    draw_or_refuse(written(tmp_path, head + body), ["a0", "a1"], 0.85)


FIELD = st.one_of(
    st.sampled_from(["p", "q", "r", '"', "", " ", '"a,b"', "\x00", "\u2028", "\n", "\r", "nan"]),
    st.text(max_size=4),
)


@noisy
@given(
    st.lists(st.lists(FIELD, min_size=2, max_size=4), max_size=30),
    st.lists(st.sampled_from(["a0", "a1", "text", "", "b"]), max_size=3),
    st.floats(),
)
def test_fuzzed_tables_give_a_draw_or_one_error(
    tmp_path: Path, rows: list[list[str]], aspects: list[str], rho: float
) -> None:
    content = "\n".join(["text,a0,a1", *(",".join(row) for row in rows)])
    draw_or_refuse(written(tmp_path, content.encode("utf-8", "surrogatepass")), aspects, rho)


@noisy
@given(st.integers(0, 10_000), st.integers(0, 255), st.floats(0.5, 0.99))
def test_one_flipped_byte_gives_a_draw_or_one_error(
    tmp_path: Path, place: int, byte: int, rho: float
) -> None:
    content = bytearray(GOOD.encode())
    content[place % len(content)] = byte
    draw_or_refuse(written(tmp_path, bytes(content)), ["a0", "a1"], rho)
