"""The command line: quick to answer, and plain about what is wrong."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from commands import OWN, SMOKE, complaint, write_csv
from fakes import make_record

from harness.cli import main
from harness.store.records import read_records, write_record
from harness.system import storage

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("list",)])
def test_help_and_listings_answer_at_once(words: Sequence[str]) -> None:
    script = (
        "import sys, time\n"
        "begun = time.process_time()\n"
        "from harness.cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'scipy', 'transformers', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), time.process_time() - begun < 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[] True", done.stderr


@pytest.mark.parametrize("columns", [60, 80])
def test_help_shows_every_summary_whole(columns: int) -> None:
    output = CliRunner().invoke(main, ["--help"], terminal_width=columns).output
    shown = output.partition("Commands:")[2]
    assert "..." not in shown
    whole = " ".join(shown.split())
    for name, command in main.commands.items():
        (summary, *_) = command.help.splitlines()
        assert f"{name} {summary}" in whole
        assert summary.endswith(".")


def test_every_option_is_explained() -> None:
    for command in main.commands.values():
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, parameter.name


def test_the_range_of_correlations_is_open_at_both_ends(suite: Callable[..., Result]) -> None:
    assert "0.0<x<1.0" in suite("run", "--help").output
    for end in ("0", "1"):
        assert "0.0<x<1.0" in complaint(suite("run", "--correlation", end), 2)


def test_compare_says_what_names_there_are(suite: Callable[..., Result], tmp_path: Path) -> None:
    for method in ("untuned", "masked-weights"):
        write_record(tmp_path / "results", "quick", make_record(method))
    assert suite("tables").exit_code == 0
    for words in ((), ("untuned",)):
        assert complaint(suite("compare", *words)).endswith(
            "methods in results/quick: masked-weights, untuned"
        )
    unknown = complaint(suite("compare", "untund", "masked-weights"))
    assert "'untund' has no trial in these results; did you mean 'untuned'?" in unknown
    assert "there are: masked-weights, untuned; run it, or name another --profile" in unknown
    lone = complaint(suite("compare", str(tmp_path), "results-of-mine"))
    assert "there is no folder results-of-mine" in lone
    variant = complaint(suite("compare", "untuned", "masked-weights:wide"))
    assert "unknown variant of masked-weights 'wide'; known: default" in variant


def test_listings_name_everything(suite: Callable[..., Result]) -> None:
    whole = suite("list").output
    for name in ("untuned", "masked-weights", "movies", "data", "minilm", "quick", "paper"):
        assert f"  {name} " in whole
    assert "movies" not in suite("list", "methods").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--task", "moives"), "unknown task 'moives'; did you mean 'movies'?"),
        (("--method", "masked-weight"), "did you mean 'masked-weights'?"),
        (("--profile", "smok"), "did you mean 'smoke'?"),
        (("--method", "untuned", "--variant", "wide"), "unknown variant 'wide'"),
        (("--task", "movies", "--genres", "Drama"), "two different genres"),
        (("--task", "tweets", "--genres", "Drama", "Comedy"), "--genres belongs to the task"),
        (("--task", "movies", "--genres", "Drama", "Horor"), "did you mean 'Horror'?"),
        (("--data-dir", "nowhere"), "data folder nowhere does not exist"),
        (("--text", "body"), "name them with --data FILE"),
        (("--details", "stars"), "name them with --data FILE"),
        ((*OWN, "--details", "mood"), "'mood' is named for two purposes"),
        (("--data", "nothing.csv", "--aspects", "a", "b"), "nothing.csv"),
        (("--data", "nothing.csv", "--aspects", "a"), "two or more aspects"),
        (("--task", "movies", "--data", "own.csv"), "leave out --task"),
        (("--task", "movies", "--correlation", "0.2"), "0.2"),
    ],
)
def test_bad_requests(words: Sequence[str], said: str, suite: Callable[..., Result]) -> None:
    profile = () if "--profile" in words else ("--profile", "smoke")
    assert said in complaint(suite("run", *profile, *words))


@pytest.mark.parametrize("words", [("--seeds", "0"), ("--nonsense",), ("--correlation", "2")])
def test_bad_words(words: Sequence[str], suite: Callable[..., Result]) -> None:
    complaint(suite("run", *words), 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "standrad"), "did you mean 'standard'?"),
        (("--task", "moives"), "did you mean 'movies'?"),
        (("--results", "nowhere"), "there are no fits to choose from"),
    ],
)
def test_nothing_is_chosen_where_nothing_was_tried(
    words: Sequence[str],
    said: str,
    suite: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    defaults = (tmp_path / "tuned.toml",)
    monkeypatch.setattr("harness.runs.tuning.fits.write_defaults.__defaults__", defaults)
    assert said in complaint(suite("tune", "--choose", *words))
    assert not defaults[0].exists()


def test_standard_needs_real_data(suite: Callable[..., Result]) -> None:
    assert "--data-dir" in complaint(suite("run", "--profile", "standard"))


def test_results_that_cannot_be_written(suite: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    line = complaint(suite(*SMOKE, "--method", "untuned", "--results", "taken"))
    assert "choose another folder with --results" in line


def test_a_log_that_cannot_be_written(suite: Callable[..., Result]) -> None:
    assert "log file" in complaint(suite(*SMOKE, "--log-file", "no/such/folder.log"))


def test_a_backbone_that_is_not_there(suite: Callable[..., Result]) -> None:
    line = complaint(suite(*SMOKE, "--method", "untuned", "--backbone", "./nowhere"))
    assert "nowhere does not exist" in line


def test_a_full_disk(
    suite: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    assert "the disk is full; free some space" in complaint(suite(*SMOKE, "--method", "untuned"))


def test_tables_without_records(suite: Callable[..., Result]) -> None:
    assert "run `python -m harness run --profile quick`" in complaint(suite("tables"))


def test_a_fault_shows_where_only_when_asked(
    suite: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.runs import discovery

    def fault() -> None:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(discovery, "methods", fault)
    assert "ZeroDivisionError: one two" in complaint(suite("list"))
    shown = suite("list", "--traceback").stderr
    assert "Traceback" in shown
    assert shown.splitlines()[-1].startswith("error: ")


def test_a_run_shows_its_numbers_and_logs_its_events(
    suite: Callable[..., Result], tmp_path: Path
) -> None:
    write_csv(
        tmp_path,
        [
            [f"{i} {a} {b} {c}", a, b, c]
            for i in range(40)
            for a in ("good", "bad")
            for b in ("sea", "hill", "town")
            for c in ("north", "east", "south", "west")
        ],
        "text,mood,topic,side",
    )
    words = ("--data", "own.csv", "--aspects", "mood", "topic", "side", "--method", "untuned")
    words = (*words, "--correlation", ".3")
    done = suite(*SMOKE, *words, "--log-file", "events.jsonl")
    assert done.exit_code == 0, done.output
    assert "1 trials done, 0 were stored already, 0 skipped, 0 failed" in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "data-own-mood-topic-side, ρ = .3, random-bert"
    rows = {line.split()[0]: line.split()[1:] for line in lines[1:] if line}
    assert rows["untuned"][0] == "1"
    # Chance of a half, a third and a quarter, on average.
    assert rows["chance"][0] == ".361"
    (record,) = read_records(tmp_path / "results", "smoke")
    pairs = {(s.representation, s.factor) for s in record.scores if s.metric == "leakage"}
    assert len(pairs) == 6
    (tmp_path / "own.csv").rename(tmp_path / "renamed.csv")
    plan = suite("plan", *SMOKE[1:3], "--csv", "renamed.csv", *words[2:]).stdout
    assert "data-renamed-mood-topic-side: 960 rows; a trial draws" in plan
    assert "0 to run, 0 to resume, 1 to skip" in plan
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    # A slow machine logs progress too.
    said = [event["event"] for event in events if event["level"] == "info"]
    assert [each for each in said if "/" not in each] == ["plan", "done"]
    again = suite(*SMOKE, "--data", "renamed.csv", *words[2:])
    assert "0 trials done, 1 were stored already" in again.stdout


@pytest.mark.slow
def test_no_network_is_explained(tmp_path: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    words = ("--method", "untuned", "--backbone", "no-such/model", "--results", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "harness", *SMOKE, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert done.returncode == 1
    assert "cannot reach the model hub for 'no-such/model'" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_tables_and_figures_come_from_records_without_torch(tmp_path: Path) -> None:
    for seed in range(2):
        for method in ("untuned", "masked-weights"):
            write_record(tmp_path, "smoke", make_record(method, seed=seed))
    script = (
        "import sys\n"
        "from harness.cli import main\n"
        "main(['tables', '--profile', 'smoke', '--results', sys.argv[1]], standalone_mode=False)\n"
        "print(sorted({'torch', 'sklearn', 'transformers'} & set(sys.modules)))\n"
    )
    seen = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "[]"
        files = sorted(file for file in (tmp_path / "smoke").rglob("*.*") if file.is_file())
        seen.append({file: file.read_bytes() for file in files})
    assert seen[0] == seen[1]
    assert {"scores.csv", "tables", "figures"} <= {
        file.relative_to(tmp_path / "smoke").parts[0] for file in seen[0]
    }


def test_a_plan_asks_nothing_and_writes_nothing(
    suite: Callable[..., Result], tmp_path: Path
) -> None:
    done = suite("plan", "--profile", "smoke", "--method", "untuned", "--seeds", "2")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "2 to run, 0 to resume, 0 to skip",
        "no earlier trial of this profile and backbone says how long they take",
        "run     movies 0.85 untuned seed 0",
        "run     movies 0.85 untuned seed 1",
    ]
    assert not (tmp_path / "results").exists()
    assert "did you mean" in complaint(suite("plan", "--profile", "smok"))


@pytest.mark.parametrize(
    ("module", "words", "said"),
    [
        ("ray", ("--backend", "ray"), "disentangle-bench[cluster]"),
        ("tensorboard", ("--tensorboard", "curves"), "disentangle-bench[tensorboard]"),
    ],
)
def test_an_extra_that_is_not_installed_is_named(
    module: str,
    words: Sequence[str],
    said: str,
    suite: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    assert said in complaint(suite(*SMOKE, "--method", "untuned", *words))
