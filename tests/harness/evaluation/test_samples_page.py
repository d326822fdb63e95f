"""The page of texts that models wrote: from records with them, without them, and older ones."""

from dataclasses import replace
from pathlib import Path

from made_records import made_record

from harness.analysis.scores_csv import write_scores
from harness.contract.scores import Score
from harness.outputs.report import write_report
from harness.outputs.tables import write_tables
from harness.store.records import Record, key_of, read_record, schema_of, write_record

WRITTEN = {
    "drawn": ("a man sits .", "a | dog runs ."),
    "rebuilt": ("a man sits .", "a cat runs ."),
    "line": ("one .", "(a text of the corpus)"),
}


def spoken(method: str, texts: dict[str, tuple[str, ...]], *, seed: int = 0) -> Record:
    record = made_record(method, seed=seed, task="ptb-lm", correlation=0.0)
    inputs = {**record.inputs, "task": {"name": "ptb-lm", "kind": "language"}}
    inputs["corpus"] = {"name": "ptb"}
    return replace(
        record,
        schema=schema_of("language"),
        key=key_of(inputs),
        inputs=inputs,
        scores=(Score("iw_nll", 90.0), Score("latent_use", 3.0)),
        classes={},
        chance={},
        cells="",
        right={},
        projections={},
        cell_accuracy={},
        counts={"train": {"texts": 5}, "evaluation": {"texts": 5}},
        texts=texts,
    )


def test_texts_survive_a_record_and_older_records_have_none(tmp_path: Path) -> None:
    record = spoken("text-vae", WRITTEN)
    path = write_record(tmp_path, "quick", record)
    assert read_record(path) == record
    bare = spoken("text-vae", {})
    text = write_record(tmp_path, "quick", bare).read_text()
    path.write_text(text.replace('"texts": {},', ""))
    assert '"texts": {}' not in path.read_text()
    assert read_record(path) == bare


def test_the_page_shows_the_first_seeds_texts(tmp_path: Path) -> None:
    other = dict.fromkeys(WRITTEN, ("of the second seed",) * 2)
    for record in (spoken("text-vae", WRITTEN), spoken("text-vae", other, seed=1)):
        write_record(tmp_path, "quick", record)
    write_record(tmp_path, "quick", spoken("decoder-lm", {}))
    write_scores(tmp_path, "quick")
    write_tables(tmp_path, "quick")
    page = (tmp_path / "quick" / "tables" / "samples.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| text-vae")]
    assert lines == [
        "| text-vae | 1 | a man sits . | a man sits . | one . | yes |",
        r"| text-vae | 2 | a \| dog runs . | a cat runs . | (a text of the corpus) | no |",
    ]
    assert "second seed" not in page
    assert "decoder-lm" not in page
    assert "a cat runs ." in (tmp_path / "quick" / "tables" / "samples.csv").read_text()
    report = write_report(tmp_path, "quick").read_text(encoding="utf-8")
    assert "a cat runs ." in report
    assert "Texts that models of texts wrote themselves: ptb-lm, minilm" in report


def test_without_texts_there_is_no_page(tmp_path: Path) -> None:
    write_record(tmp_path, "quick", spoken("text-vae", {}))
    write_scores(tmp_path, "quick")
    write_tables(tmp_path, "quick")
    assert not (tmp_path / "quick" / "tables" / "samples.md").exists()
