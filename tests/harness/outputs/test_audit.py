"""An audit finds what is planted in vectors and nothing else, in whatever file they stand."""

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet
from safetensors.numpy import save_file

from data.errors import UserError
from data.rows import Aspect, Rows
from harness import Audit, audit
from harness.analysis.statistics import Interval
from harness.cli import main
from harness.outputs.audit.files import read_labels, read_vectors
from harness.outputs.audit.measure import LEAST_A_CELL, draw
from harness.outputs.audit.page import page, text
from harness.outputs.audit.result import Reading
from harness.outputs.tables.cells import decimal

ROWS = 400
RANDOM = np.random.default_rng(0)
MOOD = np.arange(ROWS) % 2
SIZE = np.arange(ROWS) // 2 % 2
AUTHORS = np.arange(ROWS) // 4
GRADE = 2 * MOOD + RANDOM.integers(0, 2, ROWS)
NOISE = RANDOM.normal(size=(ROWS, 6)).astype(np.float32)
LABELS = {"mood": np.where(MOOD, "good", "bad").tolist(), "size": SIZE.tolist()}


def told(*columns: tuple[int, np.ndarray]) -> np.ndarray:
    """Noise in which some columns tell something."""
    vectors = NOISE.copy()
    for column, values in columns:
        vectors[:, column] += 1.5 * values
    return vectors


FEW = {name: held[:100] for name, held in LABELS.items()}
MOODY, BOTH = told((0, MOOD)), told((0, MOOD), (1, SIZE))


@cache
def leaking() -> Audit:
    """The vectors of mood tell size as well; those of size are nearly one number."""
    line = (SIZE + NOISE[:, 5] / 2)[:, None] * np.ones((1, 3))
    return audit(
        {"mood": BOTH, "size": line},
        LABELS,
        groups=AUTHORS.tolist(),
        against=BOTH,
        details={"grade": GRADE.tolist()},
    )


def test_a_planted_leak_is_found_with_an_interval_above_chance() -> None:
    found = leaking().reading("mood", "size")
    assert found.role == "leakage"
    assert found.accuracy.low > leaking().chance["size"] == 0.5
    assert found.usable_bits.low > 0
    assert leaking().reading("mood", "mood").role == "target"
    said = leaking().verdicts
    assert said[0].startswith("mood can be read from its own vectors: strongest probe .")
    assert said[1].startswith("size can be read from the mood vectors: strongest probe .")
    assert said[1].endswith("chance .500")


def test_what_is_not_there_is_not_read() -> None:
    found = leaking().reading("size", "mood")
    assert found.accuracy.low < 0.5 < found.accuracy.high
    assert found.usable_bits.low == 0
    assert leaking().verdicts[2].startswith("mood cannot be read from the size vectors")
    length = leaking().reading("size", "mood", "linear").description_length
    assert length == pytest.approx(1, abs=0.03)
    assert leaking().reading("size", "mood", "forest").description_length is None


def test_vectors_of_one_direction_are_warned_of() -> None:
    first, second = leaking().representations
    assert (first.name, second.name) == ("mood", "size")
    assert second.effective_rank == pytest.approx(1)
    assert any("size vectors have effective rank 1.00" in each for each in leaking().warnings)
    assert not any("mood vectors" in each for each in leaking().warnings)


def test_a_warning_names_the_limit_below_which_few_neighbours_are_kept() -> None:
    far, kept = leaking(), leaking().representations[1].kept
    assert kept is not None
    for chance, limit in ((0.03, ".150"), (0.2, ".600")):
        few = replace(kept, neighbours=Interval(0.01, 0.0, 0.02), neighbours_chance=chance)
        second = replace(far.representations[1], kept=few)
        (warning,) = replace(far, representations=(replace(second, effective_rank=9.0),)).warnings
        said = f"the size vectors keep .010 of the neighbours, below {limit}; chance keeps "
        assert warning == f"{said}{decimal(chance)}"


def test_what_is_kept_of_second_vectors() -> None:
    same, line = (each.kept for each in leaking().representations)
    assert same is not None
    assert line is not None
    assert same.neighbours.mean == 1
    assert (same.recovered, same.linear_cka) == (pytest.approx(1, abs=1e-3), pytest.approx(1))
    assert line.neighbours.mean < 0.3
    assert line.neighbours_chance == pytest.approx(10 / (ROWS - 4))
    assert line.recovered < 0.3


def test_details_are_told_within_the_classes_of_their_aspect() -> None:
    first, second = leaking().representations
    assert first.details["grade"] == pytest.approx(0.5, abs=0.1)
    assert not second.details
    graded = audit(
        told((2, GRADE)), {"mood": LABELS["mood"]}, details={"mood:grade": GRADE.tolist()}
    )
    assert graded.representations[0].details["grade"] > 0.7


def test_the_json_is_strict_and_keeps_its_keys() -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    held = json.loads(leaking().to_json(), parse_constant=refuse)
    assert sorted(held) == list(held) == [
        "balanced", "chance", "classes", "groups", "notes", "readings", "representations", "rows",
        "seed", "used", "verdicts", "warnings",
    ]  # fmt: skip
    assert list(held["readings"][0]) == [
        "accuracy", "aspect", "description_length", "probe", "representation", "role",
        "usable_bits",
    ]  # fmt: skip
    assert list(held["readings"][0]["accuracy"]) == ["high", "low", "mean"]
    assert list(held["representations"][0]) == [
        "details", "effective_rank", "kept", "name", "width",
    ]  # fmt: skip
    assert list(held["representations"][0]["kept"]) == [
        "linear_cka", "neighbours", "neighbours_chance", "recovered",
    ]  # fmt: skip
    assert [each["probe"] for each in held["readings"][:6]] == [
        "linear", "mlp", "kernel", "neighbours", "forest", "strongest",
    ]  # fmt: skip
    assert (held["rows"], held["used"], held["groups"], held["balanced"]) == (400, 400, 100, True)


def test_page_and_text_say_the_same() -> None:
    said, shown = text(leaking()), page(leaking())
    for each in (*leaking().verdicts, *leaking().warnings):
        assert each in said
        assert each in shown
    assert "<h2>What is kept</h2>" in shown
    assert "http" not in shown.replace("http-equiv", "")


def test_unknown_limits_and_rare_classes() -> None:
    rare = Reading(
        "v", "mood", "strongest", "reading", Interval(0.9), Interval(0.1, 0.05, 0.15), None
    )
    found = Audit(9, 9, 9, True, 0, {"mood": ("a", "b")}, {"mood": 0.9}, (rare,), (), ())
    (said,) = found.verdicts
    assert said == (
        "mood can be read from the v vectors: strongest probe .900, chance .900, usable bits "
        ".100 ± .050"
    )
    assert json.loads(found.to_json())["readings"][0]["accuracy"]["low"] is None
    with pytest.raises(KeyError):
        found.reading("v", "mood", "linear")


def test_intervals_grow_with_groups() -> None:
    from harness.analysis.evidence.effects import Clusters, row_interval

    right = (np.arange(400) // 20 % 2).astype(float)
    cells = np.zeros(400, dtype=np.int64)
    alone, together = (
        row_interval(right, Clusters.of([cells], [groups]))
        for groups in (np.arange(400), np.arange(400) // 20)
    )
    assert alone.half_width == pytest.approx(1.966 * 0.5 / 399**0.5, rel=1e-3)
    assert together.half_width > 4 * alone.half_width


def made(cells: Sequence[int], groups: np.ndarray | None = None) -> Rows:
    """Rows of two aspects, so many in each of four cells."""
    codes = np.repeat(np.arange(4), cells)
    aspects = (Aspect("mood", ("bad", "good")), Aspect("size", ("0", "1")))
    blank = ("",) * len(codes)
    known = np.arange(len(codes)) if groups is None else groups
    return Rows(blank, blank, {"mood": codes // 2, "size": codes % 2}, known, aspects)


def test_rows_are_drawn_equally_from_all_cells_where_they_can() -> None:
    rows = made([300, 60, 80, 5000])
    picked, balanced = draw(rows, seed=1)
    assert balanced
    assert np.array_equal(np.bincount(rows.cells[picked]), [60] * 4)
    assert np.array_equal(picked, np.unique(picked))
    assert np.array_equal(picked, draw(rows, seed=1)[0])
    assert not np.array_equal(picked, draw(rows, seed=2)[0])
    scarce, balanced = draw(made([300, LEAST_A_CELL - 1, 80, 5000]), seed=1)
    assert len(scarce) == 5000
    assert not balanced
    everything, balanced = draw(made([70] * 4), seed=0)
    assert np.array_equal(everything, np.arange(280))
    assert balanced


def test_groups_are_drawn_whole() -> None:
    groups = np.arange(12_000) // 8
    picked, _ = draw(made([3000, 3000, 3000, 3000], groups), seed=0)
    assert len(picked) == 5000
    counts = np.bincount(groups[picked])
    assert (counts[counts > 0] == 8).mean() > 0.99


def test_correlated_labels_are_noted() -> None:
    size = np.where(np.arange(100) < 16, 1 - MOOD[:100], MOOD[:100])
    found = audit(BOTH[:100], {"mood": FEW["mood"], "size": size.tolist()})
    assert not found.balanced
    assert any("one aspect is told in part by way of the other" in each for each in found.notes)


def written(folder: Path, vectors: np.ndarray) -> list[Path]:
    """The same vectors in every format."""
    np.save(folder / "v.npy", vectors)
    np.savez(folder / "v.npz", vectors)
    save_file({"v": vectors}, folder / "v.safetensors")
    column = pa.array(vectors.tolist(), type=pa.list_(pa.float32()))
    parquet.write_table(
        pa.table({"id": np.arange(len(vectors)), "v": column}), folder / "v.parquet"
    )
    return [folder / f"v{ending}" for ending in (".npy", ".npz", ".safetensors", ".parquet")]


def test_formats_are_equal(tmp_path: Path) -> None:
    for path in written(tmp_path, MOODY):
        found = read_vectors(path)
        assert found.dtype == np.float32
        assert np.array_equal(found, MOODY), path
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(MOODY.ravel()), 6)
    parquet.write_table(pa.table({"v": fixed, "w": fixed}), tmp_path / "fixed.parquet")
    assert np.array_equal(read_vectors(tmp_path / "fixed.parquet", "w"), MOODY)
    np.savez(tmp_path / "two.npz", a=MOODY, b=BOTH)
    assert np.array_equal(read_vectors(tmp_path / "two.npz", "b"), BOTH)
    with pytest.raises(UserError, match="one array and has 2: a, b"):
        read_vectors(tmp_path / "two.npz")
    with pytest.raises(UserError, match=r"unknown array of two\.npz 'c'"):
        read_vectors(tmp_path / "two.npz", "c")


def table(folder: Path, **columns: Sequence[object]) -> Path:
    path = folder / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        lines = csv.writer(stream)
        lines.writerow(columns)
        lines.writerows(zip(*columns.values(), strict=True))
    return path


def test_labels_are_read_from_both_formats(tmp_path: Path) -> None:
    path = table(tmp_path, mood=[" a", "b"], size=[1, 2])
    assert read_labels(path, ["size", "mood"]) == {"size": ["1", "2"], "mood": ["a", "b"]}
    parquet.write_table(pa.table({"mood": ["a", None]}), tmp_path / "l.parquet")
    assert read_labels(tmp_path / "l.parquet", ["mood"]) == {"mood": ["a", None]}


def command(*words: object) -> str:
    done = CliRunner().invoke(main, ["audit", *map(str, words)])
    assert (done.exit_code == 0) == (not done.stderr), done.stderr
    return done.stdout if done.exit_code == 0 else done.stderr


def test_the_command_end_to_end_is_deterministic(tmp_path: Path) -> None:
    files = written(tmp_path, BOTH[:100])
    labels = table(tmp_path, mood=FEW["mood"], size=FEW["size"], author=AUTHORS[:100].tolist())
    about = ("--labels", labels, "--aspects", "size", "--group", "author", "--out", tmp_path / "a")
    said = command("--embeddings", files[0], *about)
    assert "size can be read from the vectors: strongest probe ." in said
    held = {"size": [*map(str, FEW["size"])]}
    expected = audit(read_vectors(files[3]), held, groups=AUTHORS[:100].tolist())
    assert (tmp_path / "a" / "audit.json").read_text() == expected.to_json()
    assert (tmp_path / "a" / "audit.html").read_text() == page(expected)


@pytest.mark.parametrize(
    ("vectors", "labels", "more", "message"),
    [
        (BOTH[:99], FEW, {}, "'vectors' has 99 rows and 'mood' has 100"),
        (BOTH[:100], FEW, {"against": BOTH[:101]}, "'vectors held against' has 101"),
        (BOTH[:100], FEW, {"groups": [1, 2]}, "'vectors' has 100 rows and 'groups' has 2"),
        (BOTH[:100], {"mood": ["a"] * 100}, {}, "all labels of 'mood' are 'a'"),
        (BOTH[:100], {"mood": [*["a"] * 99, None]}, {}, "a label of 'mood' is missing"),
        (BOTH[:100], {"mood": [*["a"] * 99, " "]}, {}, "a label of 'mood' is missing"),
        (BOTH[:100], FEW, {"groups": [None] * 100}, "a group is missing"),
        (BOTH[:100], FEW, {"groups": [1] * 100}, "fall into 1 groups"),
        (BOTH[:100], FEW, {"details": {"mood": [1] * 100}}, "'mood' is an aspect too"),
        (BOTH[:100], {}, {}, "there is no aspect"),
        (BOTH[:0], {"mood": []}, {}, "'vectors' has the shape"),
        (BOTH[0], {"mood": FEW["mood"][:6]}, {}, "has the shape"),
        ({"mood": BOTH[:100], "size": BOTH[:99]}, FEW, {}, "'vectors for size' has 99"),
        ({"mood": BOTH[:100]}, FEW, {}, "for mood and the aspects are mood, size"),
        (np.full((100, 2), "x"), FEW, {}, "holds <U1 and not numbers"),
        (np.full((100, 2), 1e300), FEW, {}, "too large for float32"),
        (np.where(np.eye(100) == 1, np.nan, 0), FEW, {}, "no finite number in row 1;"),
    ],
)  # fmt: skip
def test_bad_arguments_are_explained(
    vectors: np.ndarray, labels: dict, more: dict, message: str
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        audit(vectors, labels, **more)
    assert "\n" not in str(caught.value)


def test_bad_files_are_explained(tmp_path: Path) -> None:
    vectors, labels = written(tmp_path, BOTH)[0], table(tmp_path, **LABELS)
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "pickled.npz", np.array([{}], dtype=object))
    np.save(tmp_path / "words.npy", np.full((ROWS, 2), "x"))
    (tmp_path / "empty.npy").touch()
    (tmp_path / "no.npy").write_bytes(b"no array")
    (tmp_path / "no.npz").write_bytes(b"no array")
    (tmp_path / "no.safetensors").write_bytes(b"no array")
    (tmp_path / "no.parquet").write_bytes(b"no array")
    ragged = pa.array([[1.0], [1.0, 2.0]])
    parquet.write_table(pa.table({"v": ragged}), tmp_path / "ragged.parquet")
    parquet.write_table(pa.table({"v": pa.array([[1.0], None])}), tmp_path / "null.parquet")
    parquet.write_table(pa.table({"v": [1.0]}), tmp_path / "flat.parquet")
    (tmp_path / "header.csv").write_text("mood,size\n")
    for name, message in {
        "pickled.npy": "pickled objects, which are never loaded",
        "pickled.npz": "pickled objects, which are never loaded",
        "words.npy": "holds <U1 and not numbers",
        "empty.npy": "empty.npy is empty",
        "gone.npy": "there is no file",
        "vectors.pkl": "ends in none of .npy, .npz, .parquet, .safetensors",
        "no.npy": "cannot read no.npy",
        "no.npz": "cannot read no.npz",
        "no.safetensors": "cannot read no.safetensors",
        "no.parquet": "cannot read no.parquet",
        "ragged.parquet": "have 1 to 2 numbers; all vectors must be equally long",
        "null.parquet": "has missing values",
        "flat.parquet": "must hold one column of lists and has none",
    }.items():
        said = command(
            "--embeddings", tmp_path / name, "--labels", labels, "--aspects", "mood", "size"
        )
        assert message in said
        assert said.count("\n") == 1
    about = ("--embeddings", vectors, "--labels")
    for words, message in {
        (labels, "--aspects", "mod"): "labels.csv has no column 'mod'; did you mean 'mood'?",
        (labels, "--aspects", "mood", "mood"): "'mood' is named twice",
        (tmp_path / "header.csv", "--aspects", "mood"): "has no rows",
        (tmp_path / "gone.csv", "--aspects", "mood"): "there is no file",
        (vectors, "--aspects", "mood"): "ends in none of .csv, .tsv, .parquet",
        (labels, "--aspects", "mood", "--embeddings", vectors): "as mood=",
        (
            labels,
            "--aspects",
            "mood",
            "--embeddings",
            "mod=x",
            "--embeddings",
            f"mood={vectors}",
        ): "as mood=",
    }.items():
        said = command(*about, *words)
        assert message in said
        assert said.count("\n") == 1


def test_rows_that_are_not_measured_stay_on_the_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", BOTH)
    assert isinstance(read_vectors(tmp_path / "v.npy"), np.memmap)


def test_importing_the_harness_stays_light() -> None:
    script = "import sys, harness; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    with pytest.raises(ImportError):
        from harness import nothing  # type: ignore[attr-defined]  # noqa: F401
