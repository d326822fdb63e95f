"""What goes to a worker, what comes back, and the interface of those who carry it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.contract.resources import Resources
from harness.runs.trial_inputs import PreparedTrial
from harness.store.records import Record
from harness.store.trial import Trial


@dataclass(frozen=True)
class Job:
    """One trial on its way to a worker.

    Attributes
    ----------
    prepared : what runs; a worker that arrives at another key has other contents or code.
    place : of the trial among all that run, such as `3/40`.
    resources : what it is given.
    attempt : 1, or 2 where a first worker was killed.
    """

    prepared: PreparedTrial
    place: str = "1/1"
    resources: Resources = field(default_factory=Resources)
    attempt: int = 1

    @property
    def trial(self) -> Trial:
        """What runs, by its names."""
        return self.prepared.trial


@dataclass(frozen=True)
class Note:
    """A warning that a worker logged: the message and its fields."""

    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """A trial that ended, well or not, with what its worker had to say."""

    record: Record
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Lost:
    """A trial whose worker ended before it did, and how, in one line."""

    reason: str


Ended = Report | Lost


class Executor(Protocol):
    """Runs trials somewhere.

    `start` is called only after `has_room` was true for the job, `wait` only while one runs.
    """

    def has_room(self, job: Job) -> bool:
        """Whether the job can be started now; always true for a first one."""

    def start(self, job: Job) -> None:
        """Begin to run the job."""

    def wait(self) -> tuple[Job, Ended]:
        """Block until a started job has ended; which, and how."""

    def close(self) -> None:
        """End all workers, and with them what still runs."""
