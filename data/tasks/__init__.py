"""Tasks: classes found by reading this folder; importing it loads no task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.discovery import declared, pick

if TYPE_CHECKING:
    from data.tasks.task import Task as Task

PLACE = Path(__file__).parent, __name__


def summaries() -> dict[str, str]:
    """The one-line summary of each task, by name, without importing any."""
    return {name: task.summary for name, task in declared(PLACE).items()}


def names() -> list[str]:
    """The names of all tasks."""
    return list(summaries())


def find(name: str, **options: Any) -> Task:
    """A task with its options.

    UnknownNameError where there is no such task. UserError where the task has no such option, or
    its value makes no sense.
    """
    task: type[Task] = pick("task", name, declared(PLACE)).load()
    from data.tasks.task import options_for

    return task(options_for(task, options))
