"""A profile that runs from nothing, held against what is stored."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from made_records import made_record

from data.errors import UserError
from harness.cli import main
from harness.contract.scores import COST_METRICS, Score
from harness.outputs.reproduction import OTHER_FIT, hold
from harness.store.records import Record, read_records, write_record

METHODS = ("untuned", "readout")
WORDS = ("--profile", "smoke", "--method", *METHODS, "--threads", "1")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("stored")
    done = CliRunner().invoke(main, ["run", *WORDS, "--results", str(results)])
    assert done.exit_code == 0, done.output
    return results


def reproduce(stored: Path, to: Path) -> Any:
    return CliRunner().invoke(
        main, ["reproduce", *WORDS, "--results", str(stored), "--to", str(to)]
    )


@pytest.mark.slow
def test_the_same_scores_come_out_in_a_folder_of_its_own(stored: Path, tmp_path: Path) -> None:
    cache = os.environ["DISENTANGLE_CACHE"]
    to = tmp_path / "again"
    done = reproduce(stored, to)
    assert done.exit_code == 0, done.output
    *_, time, verdict = done.stdout.splitlines()
    assert done.stdout.startswith(f"2 trials of the profile smoke in {to}, about ")
    assert time.startswith("2 trials done in ")
    equal = sum(
        score.metric not in COST_METRICS
        for record in read_records(stored, "smoke")
        for score in record.scores
    )
    assert verdict.startswith(f"reproduced: {equal} of {equal} scores are equal, 0 within")
    assert (to / "cache").is_dir()
    assert os.environ["DISENTANGLE_CACHE"] == cache

    # Stored scores that nobody gets: the same command runs nothing, and says so.
    (first, second) = read_records(stored, "smoke")
    other = tmp_path / "other"
    moved = tuple(replace_value(score, score.value + 0.4) for score in first.scores)
    write_record(other, "smoke", replace(first, scores=moved))
    done = reproduce(other, to)
    assert done.exit_code == 1
    *_, time, verdict = done.stdout.splitlines()
    assert time.endswith(", 2 were done before")
    assert verdict.startswith("not reproduced: ")
    assert f"1 could not be compared:\n  {second.trial}: not stored" in done.stdout


def replace_value(score: Score, value: float) -> Score:
    return Score(score.metric, value, score.representation, score.factor, score.probe)


def test_results_are_not_run_into_themselves(stored: Path) -> None:
    done = reproduce(stored, stored)
    assert done.exit_code == 1
    assert "has the stored results; name another folder with --to" in done.stderr


@pytest.mark.parametrize(("asked", "workers"), [((), 3), (("--workers", "2"), 2)])
def test_trials_run_one_a_core_unless_more_is_said(
    asked: tuple[str, ...],
    workers: int,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    def carried_out(*_: object, workers: int, **__: object) -> None:
        seen.append(workers)
        raise UserError("that is enough")

    monkeypatch.setattr("harness.cli.reproducing.carried_out", carried_out)
    words = ["reproduce", *WORDS[:-1], "3", *asked, "--results", str(stored)]
    CliRunner().invoke(main, [*words, "--to", str(tmp_path / "again")])
    assert seen == [workers]


def moved(record: Record, metric: str, by: float, **where: object) -> Record:
    scores = tuple(
        replace_value(s, s.value + by) if s.metric == metric else s for s in record.scores
    )
    return replace(record, scores=scores, provenance={**record.provenance, **where})


def verdicts(before: Record, now: Record, metric: str) -> set[str]:
    return {h.verdict for h in hold([now], [before], {}).held if h.score.metric == metric}


def test_equal_within_and_outside() -> None:
    # The interval of 400 rows, some right and some wrong, is about .04 on either side.
    before = made_record("masked-weights", rows=400)
    assert verdicts(before, before, "leakage") == {"equal"}
    assert verdicts(before, moved(before, "leakage", 0.01), "leakage") == {"within"}
    assert verdicts(before, moved(before, "leakage", -0.2), "leakage") == {"outside"}
    # Another processor makes another fit of what is trained.
    untrained = moved(before, "trainable_parameters", -1_234_567.0)
    for record, verdict in ((before, "within"), (untrained, "outside")):
        by = OTHER_FIT - 0.005
        assert verdicts(record, moved(record, "leakage", by), "leakage") == {"outside"}
        assert verdicts(record, moved(record, "leakage", by, cpu="x"), "leakage") == {verdict}


def test_without_rows_nothing_is_judged_but_what_is_missing() -> None:
    before = made_record("masked-weights")
    now = moved(before, "worst_group_accuracy", 0.3)
    assert verdicts(before, now, "worst_group_accuracy") == {"not judged"}
    fewer = tuple(score for score in before.scores if score.metric != "leakage")
    assert verdicts(before, replace(before, scores=fewer), "leakage") == {"outside"}


def test_five_in_a_hundred_may_lie_outside() -> None:
    before = made_record("masked-weights")
    found = hold([before], [before], {})
    (one, *_) = [each for each in found.held if each.score.metric == "leakage"]
    far = replace(one, fresh=0.0)
    assert replace(found, held=(*[one] * 19, far)).reproduced
    assert not replace(found, held=(*[one] * 18, far)).reproduced
    assert not replace(found, held=()).reproduced
    failing = replace(before, status="failed", reason="no", scores=())
    assert hold([failing], [before], {}).verdict.endswith(
        "1 trials failed, first movies 0.85 masked-weights seed 0: failed: no"
    )
