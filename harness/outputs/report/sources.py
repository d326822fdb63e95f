"""Where each number of a report comes from: its records, and the command that made them."""

from pathlib import Path

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition, MethodVariant, file_name
from harness.runs.profiles import find
from harness.store.records import Record, record_path

DATA = " --data-dir DATA"
"""What names the folder of real corpora in a command."""


Source = dict[str, object]
"""What templates show of one record. The `anchor`, which numbers link to, is that of the method's
first record; the `file` is its path below the folder of the profile."""


def anchor(condition: Condition, method_variant: MethodVariant) -> str:
    """The name of the first source of a method within the page."""
    return file_name(f"source-{condition.slug}-{method_variant.method}-{method_variant.variant}")


def sources(scores: ConditionScores) -> tuple[Source, ...]:
    """The records of a condition, by method and seed."""
    return tuple(
        _source(record, anchor(scores.condition, method_variant) if i == 0 else "")
        for method_variant in sorted(scores.trials)
        for i, record in enumerate(scores.records(method_variant))
    )


def hover(scores: ConditionScores, method_variant: MethodVariant) -> str:
    """One line that names the records of a method: seeds, files, revision."""
    return "; ".join(
        f"seed {record.trial.seed}: {record.key}.json, revision {_revision(record)}"
        for record in scores.records(method_variant)
    )


def command(profile: str, condition: Condition, *methods: str) -> str:
    """What runs the trials of a task, or of some methods in it, where they are missing."""
    words = [f"--task {condition.task}"]
    if methods:
        words.append(f"--method {' '.join(methods)}")
    if find(profile).backbone != condition.backbone:
        words.append(f"--backbone {condition.backbone}")
    return " ".join([whole(profile).removesuffix(DATA), *words]) + _data(profile)


def whole(profile: str) -> str:
    """What runs all that a profile lacks."""
    return f"python -m harness run --profile {profile}{_data(profile)}"


def _data(profile: str) -> str:
    return DATA if find(profile).real_data else ""


def _source(record: Record, name: str) -> Source:
    trial, made = record.trial, record.provenance
    device = made.get("device") or "device unknown"
    machine = f"{made.get('cpu')}, {made.get('threads')} threads" if device == "cpu" else device
    seconds = made.get("seconds")
    return {
        "anchor": name,
        "method_variant": MethodVariant(trial.method, trial.variant),
        "record": record,
        "file": record_path(Path(), "", record).as_posix(),
        "revision": _revision(record),
        "started": str(made.get("started", ""))[:16].replace("T", " "),
        "seconds": float(seconds) if isinstance(seconds, int | float) else None,
        "machine": machine,
    }


def _revision(record: Record) -> str:
    """Of the code that made it, ten digits, with `+` where files were changed since."""
    revision = record.provenance.get("git_revision")
    if not revision:
        return "unknown"
    return f"{str(revision)[:10]}{'+' if record.provenance.get('git_dirty') else ''}"
