"""Trials as tasks on a Ray cluster, each with its own resources.

Ray places them, and several trials share a GPU as far as their shares fit. The cluster is the one
that RAY_ADDRESS names or that runs on this machine; where there is none, this machine becomes one.
All machines must see the same files: the project, the data folder and the caches.
"""

import math
import os
import sys
from typing import Any

from data.errors import UserError
from harness.runs.executors.job import Ended, Job, Lost, Report
from harness.runs.executors.worker import Recipe, run_here

AHEAD = 2
"""Times the cores of the cluster: tasks that are submitted, so that none of them is ever idle."""

LOOK_SECONDS = 1.0
"""How long a wait lasts before signals are looked at again."""

VARIABLES = ("DISENTANGLE_", "HF_HUB_OFFLINE")
"""What begins the names of the settings that workers take over from the driver."""


class Cluster:
    """Tasks on a Ray cluster.

    Parameters
    ----------
    recipe : what each worker makes its trial inputs from.
    workers : trials at a time, at most; by default as many as the cluster has room for.

    Raises
    ------
    UserError : Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, recipe: Recipe, *, workers: int | None = None) -> None:
        self._ray = _ray()
        self._workers = workers
        self._running: dict[Any, Job] = {}
        self._owned = not self._ray.is_initialized()
        if self._owned:
            self._join()
        self._recipe = self._ray.put(recipe)
        # A second try is the driver's business, which also counts it.
        self._task = self._ray.remote(max_retries=0)(run_here)

    def has_room(self, job: Job) -> bool:
        """Whether more may be submitted; where and when it runs is Ray's to say."""
        if not self._running:
            return True
        cores = self._ray.cluster_resources().get("CPU", 1.0)
        limit = self._workers or max(int(AHEAD * cores), 1)
        return len(self._running) < limit

    def start(self, job: Job) -> None:
        """Submit the job."""
        asked = job.resources
        gpus = self._ray.cluster_resources().get("GPU", 0.0)
        task = self._task.options(
            name=str(job.trial),
            num_cpus=asked.cores,
            num_gpus=asked.gpu if gpus else 0,
            memory=math.ceil(asked.memory_gib * 2**30),
        )
        sent = task.remote(
            self._recipe, job.trial, job.prepared.key, place=job.place, threads=asked.cores
        )
        self._running[sent] = job

    def wait(self) -> tuple[Job, Ended]:
        """Block until a task has ended, or its worker or node has died."""
        done: list[Any] = []
        while not done:
            done, _ = self._ray.wait(list(self._running), num_returns=1, timeout=LOOK_SECONDS)
        job = self._running.pop(done[0])
        try:
            report: Report = self._ray.get(done[0])
        except UserError as error:
            raise UserError(f"a worker of the cluster: {getattr(error, 'cause', error)}") from error
        except self._ray.exceptions.RayTaskError as error:
            raise UserError(
                f"a worker of the cluster cannot run trials: {_last_line(error)}; install the "
                "same version of the project on every machine"
            ) from error
        except self._ray.exceptions.RayError as error:
            return job, Lost(f"its worker or node was killed: {type(error).__name__}")
        return job, report

    def close(self) -> None:
        """Cancel what still runs, and leave the cluster as it was found."""
        for task in self._running:
            self._ray.cancel(task, force=True)
        self._running.clear()
        if self._owned:
            self._ray.shutdown()

    def _join(self) -> None:
        variables = {name: v for name, v in os.environ.items() if name.startswith(VARIABLES)}
        path = [entry or os.getcwd() for entry in sys.path]
        variables["PYTHONPATH"] = os.pathsep.join(path)
        try:
            self._ray.init(
                log_to_driver=False, include_dashboard=False, runtime_env={"env_vars": variables}
            )
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise UserError(
                f"cannot join the Ray cluster ({_last_line(error)}); check RAY_ADDRESS, and "
                "`ray status` on its head node"
            ) from error


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise UserError(
            "--backend ray needs Ray; install it with `pip install 'disentangle-bench[cluster]'`, "
            "or `pip install '.[cluster]'` in a checkout"
        ) from error
    return ray


def _last_line(error: Exception) -> str:
    return str(error).strip().rsplit("\n", 1)[-1]
