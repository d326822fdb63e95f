"""Methods that return nonsense, never end, print megabytes, leave or kill their worker."""

import pytest
from faulty import Bench, last_line

REASONS = {
    "nan": "ValueError: a representation is not finite for 120 of 120 texts",
    "wrong-shape": "ValueError: a representation of 120 texts has shape (120,)",
    "few-rows": "ValueError: a representation of 120 texts has shape (119, 7)",
    "scalar": "TypeError: Object of type float32 is not JSON serializable",
    "scalar-map": "TypeError: Object of type float32 is not JSON serializable",
    "endless": "did not end within --timeout 20 seconds",
    "leaving": "the method called sys.exit(3)",
    "stubborn": "its worker was killed: EXIT(1), 2 times",
    "dying": "its worker was killed: SIGKILL(-9), 2 times",
}
LONGEST_RECORD = 40_000


@pytest.mark.slow
def test_the_run_goes_on_and_starting_again_completes_it(bench: Bench) -> None:
    """Every faulty method in one run of two workers, then once more when they behave."""
    methods = ("words", *REASONS, "chatty", "unlucky")
    words = ("--method", *methods, "--workers", 2, "--threads", 2)
    first = bench.run(*words, "--timeout", 20)
    assert first.returncode == 1
    assert f"{len(REASONS) + 1} of {len(methods)} trials failed" in last_line(first.stderr)
    assert len(first.stdout) + len(first.stderr) < 20_000
    records = {method: record for (method, _), record in bench.records().items()}
    assert {m: r.reason for m, r in records.items() if m in REASONS} == REASONS
    assert {m for m, r in records.items() if r.status == "done"} == {"words", "unlucky"}
    # Nothing of the megabytes but the beginning of the message is kept.
    assert records["chatty"].reason.startswith("ValueError: mmmm")
    assert all(path.stat().st_size < LONGEST_RECORD for path in bench.paths())
    assert "trial is tried once more" in first.stderr
    kept = bench.finished()

    second = bench.run(*words, FAULTS="off")
    assert second.returncode == 0, second.stderr
    assert "10 trials done, 2 were stored already" in second.stdout
    assert {record.status for record in bench.records().values()} == {"done"}
    assert {path: path.read_bytes() for path in kept} == kept


@pytest.mark.slow
def test_in_this_process_too(bench: Bench) -> None:
    """One worker is the driver itself: what leaves, prints or fails must not end it."""
    methods = ("leaving", "chatty", "nan", "scalar", "scalar-map", "words")
    first = bench.run("--method", *methods, "--threads", 1)
    assert "5 of 6 trials failed" in last_line(first.stderr)
    assert len(first.stdout) < 20_000 + 4_000_000
    assert bench.records()["words", 0].status == "done"
    second = bench.run("--method", *methods, "--threads", 1, FAULTS="off")
    assert "5 trials done, 1 were stored already" in second.stdout
