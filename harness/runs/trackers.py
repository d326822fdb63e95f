"""Telling TensorBoard how a run goes."""

from collections.abc import Callable
from pathlib import Path

from data.errors import UserError
from harness.analysis.metrics import file_name
from harness.store.records import Record


def tensorboard_in(folder: Path) -> Callable[[Record], None]:
    """A tracker that writes curves over the seeds, for `tensorboard --logdir FOLDER`.

    It writes all scores of a trial, its seed as the step; of a failure the reason.

    `folder`: one run of TensorBoard a method, variant and condition is made in it. UserError where
    TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UserError(
            "--tensorboard needs TensorBoard; install it with "
            "`pip install 'disentangle-bench[tensorboard]'`, or `pip install '.[tensorboard]'` in "
            "a checkout"
        ) from error

    def write(record: Record) -> None:
        trial = record.trial
        named = f"{trial.task}-{trial.correlation:g}-{trial.backbone}-{trial.method}"
        variant = "" if trial.variant == "default" else f"-{trial.variant}"
        # A writer of its own: thousands of open files would be the run's end.
        with SummaryWriter(str(folder / file_name(named + variant))) as writer:
            for score in record.scores:
                names = (score.metric, score.representation, score.factor, score.probe)
                writer.add_scalar("/".join(filter(None, names)), score.value, trial.seed)
            if record.status != "done":
                writer.add_text(record.status, record.reason, trial.seed)

    return write
