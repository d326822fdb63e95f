"""The listing of methods: aligned, and true to what is stored."""

import dataclasses
from pathlib import Path

from click.testing import CliRunner
from made_records import made_record, stored

from baselines.untuned import Untuned
from data.discovery import Declared
from harness.cli import main
from harness.cli.listing import UNKNOWN, method_lines, settings_lines, trained_numbers
from harness.contract.learner import NoSettings
from harness.contract.scores import Score
from harness.runs import discovery

FOUND = {
    "long-name": Declared("long-name", "Does much: a lot. Source: A & B 2020, 3.1.", "m", "C"),
    "short": Declared("short", "Does little.", "m", "D"),
}


def test_columns_stand_under_each_other() -> None:
    heads, first, second = method_lines(FOUND, {"short": 1_234_567})
    for head, text in (("method", "long-name"), ("what it does", "Does"), ("source", "A & B")):
        assert heads.index(head) == first.index(text)
    assert second.index("Does little") == first.index("Does much: a lot")
    assert first.endswith("  A & B 2020, 3.1")
    assert second.endswith("Does little")
    end = heads.index("trained") + len("trained")
    assert first[:end].endswith(UNKNOWN)
    assert second[:end].endswith(" 1,234,567")


def with_number(method: str, number: float, **names: object) -> object:
    record = made_record(method, **names)
    scores = tuple(s for s in record.scores if s.metric != "trainable_parameters")
    return dataclasses.replace(record, scores=(*scores, Score("trainable_parameters", number)))


def test_numbers_are_those_of_stored_trials_on_that_backbone(tmp_path: Path) -> None:
    assert trained_numbers(tmp_path, "minilm") == {}
    stored(
        tmp_path,
        [
            with_number("a", 10.0),
            with_number("a", 12.0, task="tweets"),
            with_number("a", 99.0, variant="wide"),
            with_number("b", 7.0, backbone="other"),
            made_record("c", status="failed", reason="no"),
        ],
    )
    stored(tmp_path, [with_number("a", 11.0), with_number("d", 0.0)], "standard")
    assert trained_numbers(tmp_path, "minilm") == {"a": 12, "d": 0}
    assert trained_numbers(tmp_path, "other") == {"b": 7}


def test_the_command_says_what_is_not_measured_yet(tmp_path: Path) -> None:
    stored(tmp_path, [with_number("untuned", 0.0), with_number("masked-weights", 5_000.0)])
    said = CliRunner().invoke(main, ["list", "methods", "--results", str(tmp_path)]).output
    rows = {line.split()[0]: line for line in said.splitlines()[2:]}
    assert " 5,000  Binary masks over the weights" in rows["masked-weights"]
    assert rows["masked-weights"].endswith("Zhang et al. 2021, section 3")
    assert UNKNOWN in rows["finetuned"]
    assert UNKNOWN not in rows["untuned"]
    words = ["list", "methods", "--backbone", "other", "--results", str(tmp_path)]
    assert UNKNOWN in CliRunner().invoke(main, words).output.splitlines()[-1]


def test_settings_of_a_method_with_their_meanings() -> None:
    said = CliRunner().invoke(main, ["list", "methods", "--settings", "masked-weights"])
    assert said.exit_code == 0, said.output
    settings, *changed = said.output.split("\n\n")
    heads, *rows = settings.splitlines()
    method = discovery.load("masked-weights")
    defaults = dataclasses.asdict(method.Settings())
    assert [row.split()[0] for row in rows] == list(defaults)
    for row in rows:
        name, default = row.split()[:2]
        assert default.startswith(repr(defaults[name])[:3]) or float(default) == defaults[name]
        assert len(row) > heads.index("meaning"), f"{name} has no meaning"
    assert [part.split()[0] for part in changed] == ["profile", "kind", "variant"]
    for name, changes in method.variants.items():
        (line,) = (row for row in changed[-1].splitlines() if row.split()[0] == name)
        assert all(f"{field}=" in line for field in changes)


def test_settings_are_asked_of_a_method() -> None:
    for words, complaint in (
        (("--settings", "maskd-weights"), "did you mean 'masked-weights'"),
        (("tasks", "--settings", "untuned"), "ask `list methods --settings untuned`"),
    ):
        done = CliRunner().invoke(main, ["list", *words])
        assert done.exit_code == 1
        assert complaint in done.stderr


def test_a_method_without_settings_says_so() -> None:
    class Bare(Untuned):
        Settings = NoSettings

    lines = settings_lines(Bare)
    assert lines == ["nothing can be set"]
