"""Jobs go where there is room, lost ones once more, and everything comes back."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import make_record
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UserError
from harness.contract.resources import Resources
from harness.runs import driver
from harness.runs.driver import Taken, dispatch
from harness.runs.executors import local
from harness.runs.executors.cluster import Cluster
from harness.runs.executors.job import Ended, Job, Lost, Report
from harness.runs.executors.local import Local
from harness.runs.executors.serial import Serial, executor_for
from harness.store.trial import Trial


def job(seed: int, **needs: Any) -> Job:
    trial = Trial("toy", 0.85, "random-bert", "untuned", "default", seed)
    prepared: Any = SimpleNamespace(trial=trial, key=f"key-{seed}")
    return Job(prepared, resources=Resources(**needs))


class Pretended:
    """Some workers; trials end in an order that is given, and those named are lost so often."""

    def __init__(self, workers: int, order: Iterator[int], losses: dict[int, int]) -> None:
        self.workers, self.order, self.losses = workers, order, losses
        self.running: list[Job] = []
        self.started: list[tuple[int, int]] = []
        self.most = 0

    def has_room(self, job: Job) -> bool:
        return len(self.running) < self.workers

    def start(self, job: Job) -> None:
        assert self.has_room(job)
        self.running.append(job)
        self.started.append((job.trial.seed, job.attempt))
        self.most = max(self.most, len(self.running))

    def wait(self) -> tuple[Job, Ended]:
        job = self.running.pop(next(self.order) % len(self.running))
        if job.attempt <= self.losses.get(job.trial.seed, 0):
            return job, Lost("killed")
        return job, Report(make_record(seed=job.trial.seed))

    def close(self) -> None:
        pass


@given(
    workers=st.integers(1, 5),
    count=st.integers(0, 12),
    losses=st.dictionaries(st.integers(0, 11), st.integers(1, 3)),
    order=st.lists(st.integers(0, 99), min_size=40, max_size=40),
)
def test_every_job_ends_once(
    workers: int, count: int, losses: dict[int, int], order: list[int]
) -> None:
    executor = Pretended(workers, iter(order), losses)
    told: list[Job] = []
    ends = list(dispatch(executor, map(job, range(count)), told.append))
    assert sorted(each.trial.seed for each, _ in ends) == list(range(count))
    for each, end in ends:
        assert isinstance(end, Lost) == (losses.get(each.trial.seed, 0) >= 2)
    assert len(told) == len(executor.started) == len(set(executor.started))
    assert executor.most <= workers
    tries = [attempt for _, attempt in executor.started]
    assert tries.count(2) == sum(1 for seed in losses if seed < count)


def test_jobs_are_asked_for_when_there_is_room() -> None:
    asked: list[int] = []

    def take(job: Job) -> Taken:
        asked.append(job.trial.seed)
        return Taken.STORED if job.trial.seed == 1 else Taken.HERE

    executor = Pretended(2, iter([0] * 99), {})
    ends = dispatch(executor, map(job, range(9)), lambda _: None, take)
    next(ends)
    assert asked == [0, 1, 2]
    assert executor.started == [(0, 1), (2, 1)]


def test_what_another_run_has_is_asked_for_until_it_is_stored_or_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(driver.time, "sleep", slept.append)
    answers = {0: [Taken.ELSEWHERE] * 4 + [Taken.STORED], 2: [Taken.ELSEWHERE] * 2 + [Taken.HERE]}

    def take(job: Job) -> Taken:
        left = answers.get(job.trial.seed)
        return left.pop(0) if left else Taken.HERE

    executor = Pretended(1, iter([0] * 99), {})
    ends = [each.trial.seed for each, _ in dispatch(executor, map(job, range(4)), id, take)]
    assert ends == [1, 3, 2]
    assert not answers[0]
    # Only where nothing ran here.
    assert set(slept) == {driver.LOOK_SECONDS}


@pytest.fixture
def futures(monkeypatch: pytest.MonkeyPatch) -> list[Future[Report]]:
    """Local workers without processes: the futures of what was sent to them."""
    sent: list[Future[Report]] = []

    class Pool:
        def submit(self, *_: Any) -> Future[Report]:
            sent.append(Future())
            return sent[-1]

        def shutdown(self, **_: Any) -> None:
            pass

    monkeypatch.setattr(Local, "_pool", lambda *_: Pool())
    return sent


def local_executor(**options: Any) -> Local:
    return Local(SimpleNamespace(), **{"threads": 4, "memory_gib": 8.0, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "needs", "fit"),
    [
        ({"workers": 4}, {}, 4),
        ({"workers": 2}, {}, 2),
        ({"workers": 4}, {"memory_gib": 3.0}, 2),
        ({"workers": 4}, {"cores": 2}, 2),
        ({"workers": 4}, {"cores": 64}, 1),
        ({"workers": 4}, {"memory_gib": 999.0}, 1),
        ({"workers": 4, "gpus": ("0", "1")}, {"gpu": 0.5}, 4),
        ({"workers": 4, "gpus": ("0",)}, {"gpu": 0.5}, 2),
        ({"workers": 4, "gpus": ("0", "1")}, {"gpu": 0.6}, 2),
        ({"workers": 4}, {"gpu": 1.0}, 4),
    ],
)
def test_as_many_run_as_fit(
    options: dict[str, Any], needs: dict[str, Any], fit: int, futures: list[Future[Report]]
) -> None:
    executor = local_executor(**options)
    jobs = [job(seed, **needs) for seed in range(fit + 1)]
    for each in jobs[:fit]:
        assert executor.has_room(each)
        executor.start(each)
    assert not executor.has_room(jobs[fit])
    futures[0].set_result(Report(make_record()))
    assert executor.wait()[0] is jobs[0]
    assert executor.has_room(jobs[fit])


def test_a_worker_computes_on_its_share_or_what_its_trial_asks_for(
    futures: list[Future[Report]],
) -> None:
    executor = local_executor(workers=2, threads=4)
    assert executor._needs(job(0)).cores == 2
    assert executor._needs(job(0, cores=3)).cores == 3
    assert executor._needs(job(0, cores=9)).cores == 4


def test_one_worker_is_this_process_unless_time_is_short() -> None:
    common: dict[str, Any] = {"backend": "local", "threads": 1}
    trial_inputs: Any = SimpleNamespace()
    assert isinstance(executor_for(trial_inputs, workers=None, timeout=None, **common), Serial)
    assert isinstance(executor_for(trial_inputs, workers=1, timeout=None, **common), Serial)
    assert isinstance(executor_for(trial_inputs, workers=1, timeout=5.0, **common), Local)
    assert isinstance(executor_for(trial_inputs, workers=2, timeout=None, **common), Local)


def test_each_gpu_has_a_worker_unless_another_number_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial_inputs: Any = SimpleNamespace()
    for gpus, workers, slots in (
        (("3", "5"), None, ["3", "5"]),
        (("3", "5"), 3, ["3", "5", "3"]),
        (("3",), None, None),
    ):
        monkeypatch.setattr(local, "visible_gpus", lambda gpus=gpus: gpus)
        found = executor_for(
            trial_inputs, backend="local", workers=workers, threads=4, timeout=None
        )
        made = [slot.gpu for slot in found._slots] if isinstance(found, Local) else None
        assert made == slots


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    trial_inputs: Any = SimpleNamespace()
    with pytest.raises(UserError, match=r"pip install 'disentangle-bench\[cluster\]'"):
        executor_for(trial_inputs, backend="ray", workers=2, threads=1, timeout=None)


def test_a_cluster_computes_as_the_driver_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}
    ray = SimpleNamespace(
        is_initialized=lambda: False,
        init=lambda **how: told.update(how["runtime_env"]["env_vars"]),
        put=lambda recipe: recipe,
        remote=lambda **_: lambda task: task,
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    names = ("CACHE", "CACHE_GIB", "DATA", "PACKING", "PRECISION")
    wanted = {f"DISENTANGLE_{name}": name for name in names} | {"HF_HUB_OFFLINE": "1"}
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    Cluster(SimpleNamespace())  # type: ignore[arg-type]
    assert told.pop("PYTHONPATH")
    assert told == wanted


def test_memory_of_the_machine_is_known() -> None:
    assert 0.1 < local.machine_memory() < 2**21
