"""Trials run once, failures are recorded, and what is stored stays."""

import contextlib
import csv
import dataclasses
import errno
import shutil
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import WORDS, small_backbone, write_package
from filelock import FileLock, Timeout

from data import tasks
from data.errors import UnknownNameError, UserError
from harness.analysis.scores_csv import write_scores
from harness.contract.scores import COST_METRICS
from harness.evaluation import aspects, probes
from harness.runs import runner
from harness.runs.driver import missing, run
from harness.runs.profiles import find
from harness.runs.request import trials_in_order
from harness.runs.runner import run_trial
from harness.runs.trial_inputs import TrialInputs, split_seed
from harness.store.draws import draw_key, read_draws
from harness.store.records import read_record, read_records, record_path
from harness.store.trial import Trial
from harness.system import storage
from harness.system.cache import checkpoint_folder

Make = Callable[..., TrialInputs]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("methods")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        name = write_package(folder, "runner_methods", words=WORDS)
        __import__(f"{name}.words")
        yield name


@pytest.fixture
def trial_inputs(package: str) -> Make:
    def make(weights: str = "w0", profile: str = "smoke", **changes: Any) -> TrialInputs:
        return TrialInputs(
            dataclasses.replace(find(profile), **changes),
            {"movies": tasks.find("movies")},
            resolve=partial(small_backbone, weights=weights),
            packages=(package,),
        )

    return make


@pytest.fixture(autouse=True)
def _linear_probes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes have tests of their own; here they only have to be quick."""
    monkeypatch.setattr(aspects, "PROBES", {"linear": aspects.PROBES["linear"]})


def trials(*methods: str, seeds: int = 1, variant: str = "default") -> tuple[Trial, ...]:
    return trials_in_order(
        {"movies": (0.85,)}, dict.fromkeys(methods, (variant,)), backbone="fake", seeds=seeds
    )


def without_costs(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return [row for row in csv.reader(stream) if row[9] not in COST_METRICS]


def test_a_finished_trial_is_stored_whole(tmp_path: Path, trial_inputs: Make) -> None:
    outcome = run(trials("words"), trial_inputs(), tmp_path)
    (record,) = read_records(tmp_path, "smoke")
    assert outcome.done == (record.trial,)
    assert record.status == "done"
    assert record.counts["train"]["positive-drama"] > record.counts["train"]["positive-horror"]
    assert set(record.counts["evaluation"].values()) == {30}
    assert record.classes == {
        "sentiment": ("negative", "positive"),
        "genre": ("horror", "drama"),
    }
    assert len(record.cell_codes()) == 120
    # The linear probe and the strongest, which is the same here; two classifiers.
    assert len(record.right) == 2 * 2 * 2 + 2
    assert set(record.projections) == {"sentiment", "genre"}
    assert {score.metric for score in record.scores} >= {
        "target_accuracy",
        "leakage",
        "leakage_25_percent",
        "usable_bits",
        "neighbours_kept",
        "neighbours_chance",
        "effective_rank",
        "recovered",
        "similarity_kept",
        "description_length",
        "average_accuracy",
        "worst_group_accuracy",
        "fit_seconds",
        "encode_texts_per_second",
        "peak_memory_bytes",
        "trainable_parameters",
        "artifact_bytes",
        "adversary_accuracy",
    }
    assert record.provenance["packages"]["numpy"]
    assert record.provenance["corpus_source"] == "embedded"
    assert record.provenance["started"].endswith("+00:00")
    assert record.provenance["packing"]
    assert record.inputs["settings"]["words"][0] == "the"


@pytest.mark.parametrize(("spent", "least"), [("70.5", 70.5), (None, None)])
def test_a_trial_that_went_on_and_its_fit_take_all_of_their_time_where_that_is_known(
    spent: str | None, least: float | None, trial_inputs: Make
) -> None:
    import torch
    from safetensors.torch import save_file

    prepared = trial_inputs().prepare(trials("words")[0])
    folder = checkpoint_folder(prepared.key)
    folder.mkdir(parents=True)
    header = {"about": "?", **({} if spent is None else {"seconds": spent})}
    save_file({"a": torch.zeros(1)}, folder / "training.safetensors", metadata=header)
    try:
        record = run_trial(prepared, trial_inputs(), place="1/1")
    finally:
        shutil.rmtree(folder)
    found = [score.value for score in record.scores if score.metric == "fit_seconds"]
    assert len(found) == (least is not None)
    assert all(least <= value < least + 60 for value in found)
    assert all(value <= record.provenance["seconds"] for value in found)


def test_a_record_names_the_device_that_the_backbone_lies_on(
    trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    made = trial_inputs()
    (trial,) = trials("words")
    prepared = made.prepare(trial)
    assert run_trial(prepared, made).provenance["device"] == "cpu"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda where: f"GPU {where.index}")
    card = SimpleNamespace(uuid="card")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    elsewhere = SimpleNamespace(device=torch.device("cuda", 0))
    object.__setattr__(made.backbone(trial.backbone), "model", elsewhere)
    assert run_trial(prepared, made).provenance["device"] == "GPU 0"


def test_a_record_names_the_code_that_was_there_before_the_fit(
    trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    made = trial_inputs()
    words = made.method_class("words")
    fit = words.fit
    monkeypatch.setattr(runner, "provenance", lambda: order.append("named") or {})
    monkeypatch.setattr(words, "fit", lambda *a, **how: order.append("fitted") or fit(*a, **how))
    run_trial(made.prepare(trials("words")[0]), made)
    assert order[:2] == ["named", "fitted"]


def test_only_what_is_missing_runs(tmp_path: Path, trial_inputs: Make) -> None:
    run(trials("words", seeds=1), trial_inputs(), tmp_path)
    outcome = run(trials("words", seeds=3), trial_inputs(), tmp_path)
    assert [trial.seed for trial in outcome.stored] == [0]
    assert [trial.seed for trial in outcome.done] == [1, 2]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert run(trials("words", seeds=3), trial_inputs(), tmp_path).done == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == before
    assert len(run(trials("words", seeds=3), trial_inputs(), tmp_path, again=True).done) == 3


def test_the_rows_of_each_draw_are_stored_once(tmp_path: Path, trial_inputs: Make) -> None:
    """For trials that are stored already too, whose records do not say which rows they are of."""
    made = trial_inputs()
    run(trials("words", "broken", seeds=2), made, tmp_path)
    draws = read_draws(tmp_path, "smoke")
    assert len(draws) == 2
    (first, *_) = trials("words")
    rows = made.splits(first).evaluation
    assert (draws[draw_key(made.prepare(first).inputs)].groups == rows.groups).all()
    shutil.rmtree(tmp_path / "smoke" / "draws")
    assert run(trials("words", seeds=2), trial_inputs(), tmp_path).done == ()
    assert read_draws(tmp_path, "smoke").keys() == draws.keys()


def test_the_inputs_of_a_trial_are_computed_once(
    tmp_path: Path, trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of trials that run, fail or are skipped, and of those that are stored already."""
    computed: Counter[Trial] = Counter()
    inputs = TrialInputs.inputs

    def counted(self: TrialInputs, trial: Trial, *rest: Any) -> dict[str, Any]:
        computed[trial] += 1
        return inputs(self, trial, *rest)

    monkeypatch.setattr(TrialInputs, "inputs", counted)
    asked = trials("words", "broken", "choosy", seeds=2)
    for stored in (0, 4):
        computed.clear()
        assert len(run(asked, trial_inputs(), tmp_path).stored) == stored
        assert computed == dict.fromkeys(asked, 1)


def test_a_failure_is_recorded_and_the_rest_goes_on(tmp_path: Path, trial_inputs: Make) -> None:
    outcome = run(trials("broken", "choosy", "unsure", "words"), trial_inputs(), tmp_path)
    assert [reason for _, reason in outcome.failed] == [
        "RuntimeError: no",
        "ValueError: adversary_accuracy is nan, which is no measurement",
    ]
    assert [reason for _, reason in outcome.skipped] == ["needs parse trees"]
    assert len(outcome.done) == 1
    records = {record.trial.method: record for record in read_records(tmp_path, "smoke")}
    assert records["broken"].status == "failed"
    assert "no\nconvergence" in records["broken"].trace
    assert records["choosy"].reason == "needs parse trees"
    rerun = run(trials("broken", "choosy", "words"), trial_inputs(), tmp_path)
    assert [trial.method for trial, _ in rerun.failed] == ["broken"]
    assert {trial.method for trial in rerun.stored} == {"choosy", "words"}


def test_two_runs_give_equal_scores_but_for_the_costs(tmp_path: Path, trial_inputs: Make) -> None:
    files = []
    for name in ("one", "two"):
        run(trials("words", seeds=2), trial_inputs(), tmp_path / name)
        files.append(without_costs(write_scores(tmp_path / name, "smoke")))
    assert files[0] == files[1]
    assert len(files[0]) > 20


@pytest.mark.parametrize(
    "changed",
    [
        {"weights": "w1"},
        {"rows": (96, 32, 31)},
    ],
)
def test_other_contents_run_anew(
    changed: dict[str, Any], tmp_path: Path, trial_inputs: Make
) -> None:
    run(trials("words"), trial_inputs(), tmp_path)
    assert missing(trials("words"), trial_inputs(), tmp_path) == ()
    assert len(missing(trials("words"), trial_inputs(**changed), tmp_path)) == 1
    assert len(missing(trials("words", variant="short"), trial_inputs(), tmp_path)) == 1


def test_an_unreadable_record_runs_again(tmp_path: Path, trial_inputs: Make) -> None:
    run(trials("words"), trial_inputs(), tmp_path)
    (path,) = (tmp_path / "smoke" / "records").rglob("*.json")
    path.write_text(path.read_text()[:500])
    assert len(run(trials("words"), trial_inputs(), tmp_path).done) == 1
    assert read_record(path).status == "done"


def test_a_failure_never_replaces_a_finished_record(
    tmp_path: Path, trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(trials("words"), trial_inputs(), tmp_path)
    monkeypatch.setattr(runner, "evaluate", None)
    assert len(run(trials("words"), trial_inputs(), tmp_path, again=True).failed) == 1
    (record,) = read_records(tmp_path, "smoke")
    assert record.status == "done"


def test_a_full_disk_keeps_what_is_stored(
    tmp_path: Path, trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = storage.os.fsync, []

    def fsync(handle: int) -> None:
        calls.append(handle)
        # The first call checks the folder, the next two store the first record and its name.
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(storage.os, "fsync", fsync)
    with pytest.raises(UserError, match="the disk is full"):
        run(trials("words", seeds=3), trial_inputs(), tmp_path)
    (record,) = read_records(tmp_path, "smoke")
    assert record.trial.seed == 0
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".json"]


def test_an_interrupted_trial_leaves_no_record(
    tmp_path: Path, trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(trials("words"), trial_inputs(), tmp_path)

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "evaluate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(trials("words", seeds=2), trial_inputs(), tmp_path)
    assert len(read_records(tmp_path, "smoke")) == 1


def test_methods_are_paired_and_train_on_seeds_of_their_own(trial_inputs: Make) -> None:
    shared = trial_inputs()
    (first, second) = trials("words", "broken")
    assert shared.splits(first) is shared.splits(second)
    seeds = [shared.prepare(each).training_seed for each in (first, second)]
    assert seeds[0] != seeds[1]
    assert len({split_seed("movies", seed) for seed in range(50)}) == 50
    other = dataclasses.replace(first, correlation=0.5)
    assert shared.splits(first).evaluation.ids == shared.splits(other).evaluation.ids


def test_an_impossible_draw_is_said_before_anything_runs(
    tmp_path: Path, trial_inputs: Make
) -> None:
    big = trial_inputs(rows=(5000, 32, 30))
    with pytest.raises(UserError, match="rows"):
        run(trials("words"), big, tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_an_unknown_variant_is_refused(trial_inputs: Make) -> None:
    with pytest.raises(UnknownNameError, match="unknown variant of words 'wide'"):
        trial_inputs().prepare(dataclasses.replace(trials("words")[0], variant="wide"))


def test_records_lie_where_the_design_says(tmp_path: Path, trial_inputs: Make) -> None:
    shared = trial_inputs()
    (trial,) = trials("words")
    run((trial,), shared, tmp_path)
    path = record_path(tmp_path, "smoke", shared.prepare(trial))
    assert path.is_file()
    assert path.relative_to(tmp_path).parts[:4] == ("smoke", "records", "movies", "words")


def test_a_gpu_is_held_while_a_method_fits_and_encodes_and_not_while_probes_run(
    tmp_path: Path, trial_inputs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))
    monkeypatch.setattr("harness.encoders.device.gpu_identity", lambda _: "card")
    found: dict[str, bool] = {}

    def watched(where: Any, name: str) -> None:
        does = getattr(where, name)

        def watch(*given: Any, **named: Any) -> Any:
            lock = FileLock(tmp_path / "turns" / "card.lock")
            with contextlib.suppress(Timeout), lock.acquire(blocking=False):
                found[name] = False
            found.setdefault(name, True)
            return does(*given, **named)

        monkeypatch.setattr(where, name, watch)

    inputs = trial_inputs()
    watched(inputs.method_class("words"), "fit")
    watched(aspects, "encoding_speed")
    watched(probes, "read_factors")
    (trial,) = trials("words")
    assert run_trial(inputs.prepare(trial), inputs).status == "done"
    assert found == {"fit": True, "encoding_speed": True, "read_factors": False}
