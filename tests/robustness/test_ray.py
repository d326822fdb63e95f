"""A sweep on a real Ray cluster of two nodes, one of which dies in the middle."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import small_backbone
from faulty import Bench, wait_until

from data import tasks
from harness.analysis.scores_csv import write_scores
from harness.contract.scores import COST_METRICS
from harness.runs.driver import run
from harness.runs.executors.serial import executor_for
from harness.runs.profiles import find
from harness.runs.request import trials_in_order
from harness.runs.trial_inputs import TrialInputs
from harness.store.records import read_records
from harness.store.trial import Trial

pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")

SEEDS = 39


@pytest.fixture
def trial_inputs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> TrialInputs:
    bench.join(monkeypatch)
    return TrialInputs(
        find("smoke"),
        {"movies": tasks.find("movies")},
        resolve=small_backbone,
        packages=("faulty_methods",),
    )


def started(cluster: Any, **node: Any) -> None:
    """Add a node; on a busy machine Ray gives up on one before it is there."""
    for attempt in range(4):
        try:
            cluster.add_node(**node)
            return
        except Exception as error:
            if attempt == 3 or "timed out during startup" not in str(error):
                raise


@pytest.fixture
def cluster(trial_inputs: TrialInputs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes of one core each; this process joins as their driver."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "memory": 3 * 2**30, "object_store_memory": 100 * 2**20}
    # A busy machine is slow, not dead.
    monkeypatch.setenv("RAY_agent_register_timeout_ms", "600000")
    monkeypatch.setenv("RAY_worker_register_timeout_seconds", "600")
    made = Cluster()
    try:
        started(made, **node, include_dashboard=False)
        started(made, **node)
        monkeypatch.setenv("RAY_ADDRESS", made.address)
        yield made
    finally:
        made.shutdown()


def scores(results: Path) -> list[list[str]]:
    with write_scores(results, "smoke").open(newline="") as stream:
        return [row for row in csv.reader(stream) if row[9] not in COST_METRICS]


@pytest.mark.slow
def test_a_sweep_survives_a_node_and_a_worker(
    cluster: Any, trial_inputs: TrialInputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here methods behave; on the nodes, which were started before, `unlucky` dies once.
    monkeypatch.setenv("FAULTS", "off")
    one = {"movies": (0.85,)}
    trials: tuple[Trial, ...] = (
        *trials_in_order(one, {"words": ("default",)}, backbone="fake", seeds=SEEDS),
        *trials_in_order(one, {"unlucky": ("default",)}, backbone="fake", seeds=1),
    )
    results, serial = tmp_path / "cluster", tmp_path / "serial"
    stored = results / "smoke" / "records"
    (node,) = cluster.worker_nodes

    def kill() -> None:
        wait_until(lambda: len(list(stored.glob("*/*/*.json"))) >= 10)
        cluster.remove_node(node, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    executor = executor_for(trial_inputs, backend="ray", workers=None, threads=1, timeout=None)
    outcome = run(trials, trial_inputs, results, executor=executor)
    killer.join()
    assert len(outcome.done) == len(trials) == 40, outcome.failed
    records = read_records(results, "smoke")
    assert {record.trial for record in records} == set(trials)
    assert {record.status for record in records} == {"done"}
    # Both nodes took part: there were several workers, and one of them died of itself.
    assert len({path.name for path in Path(tmp_path / "marks").glob("words-*")}) >= 2
    assert len(list((tmp_path / "marks").glob("unlucky-*"))) == 2

    assert len(run(trials, trial_inputs, serial).done) == 40
    assert scores(results) == scores(serial)
    # Nothing is left to do, and the cluster is not even asked.
    assert len(run(trials, trial_inputs, results).stored) == 40
