"""Tasks of several kinds: who learns them, and that each is told apart in records and tables."""

from dataclasses import replace

import pytest
from fakes import make_record

from data import tasks
from data.errors import UserError
from harness.analysis.metrics import Condition, MethodVariant, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.evaluation import KINDS
from harness.runs.request import Request, plan_request
from harness.store.records import kind_of
from harness.store.trial import Trial

OPTIONS = {
    "data": {"data": "x.csv", "aspects": ("a", "b")},
    "tagged-data": {"data": "x.conll"},
}
"""What tasks on a user's own data ask for."""


def test_every_task_has_the_modules_of_its_kind() -> None:
    from importlib import import_module

    for name in tasks.names():
        kind = tasks.find(name, **OPTIONS.get(name, {})).kind
        evaluation = import_module(f"harness.evaluation.{kind}")
        assert callable(evaluation.check)
        assert callable(evaluation.evaluate)
        made = import_module(f"harness.outputs.tables.{kind}")
        assert callable(made.summary)
        assert callable(made.documents)
        assert callable(import_module(f"harness.outputs.figures.{kind}").charts)


def test_the_kinds_are_those_of_the_tasks() -> None:
    assert {tasks.find(name, **OPTIONS.get(name, {})).kind for name in tasks.names()} == set(KINDS)


def test_a_method_without_a_task_of_its_kind_is_refused() -> None:
    with pytest.raises(UserError, match=r"decoder-lm learns tasks of the kind language.*--task"):
        plan_request(Request(tasks=("movies",), methods=("decoder-lm",)))
    trials, _ = plan_request(Request(profile="quick", tasks=("movies",)))
    assert trials
    assert "decoder-lm" not in {trial.method for trial in trials}


def test_measurements_part_by_kind() -> None:
    movies, talk = Condition("movies", 0.85, "minilm"), Condition("talk", 0.0, "minilm")
    record = make_record()
    inputs = {**record.inputs, "task": {**record.inputs.get("task", {}), "kind": "language"}}
    spoken = replace(
        record, trial=Trial("talk", 0.0, "minilm", "speaker", "default", 0), inputs=inputs
    )
    assert kind_of(spoken) == "language"
    measured = ProfileScores(
        {
            condition: {MethodVariant("speaker"): {MetricKey("kl"): {0: 1.0}}}
            for condition in (movies, talk)
        },
        {talk: {MethodVariant("speaker"): {0: spoken}}},
    )
    parts = measured.by_kind()
    assert {kind: part.conditions for kind, part in parts.items()} == {
        "aspects": (movies,),
        "language": (talk,),
    }
    assert talk.title == "talk, minilm"
    assert talk.slug == "talk-minilm"
