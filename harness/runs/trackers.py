"""Telling TensorBoard how a run goes."""

from __future__ import annotations

from pathlib import Path

from data.errors import UserError
from harness.analysis.metrics import file_name
from harness.store.records import Record


class TensorBoard:
    """Curves over the seeds of every method and task, for `tensorboard --logdir FOLDER`.

    Parameters
    ----------
    folder : one run of TensorBoard a method, variant and setting is made in it.

    Raises
    ------
    UserError : TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise UserError(
                "--tensorboard needs TensorBoard; install it with "
                "`pip install 'disentangle-bench[tensorboard]'`, or `pip install "
                "'.[tensorboard]'` in a checkout"
            ) from error
        self._new = SummaryWriter
        self._folder = folder

    def __call__(self, record: Record) -> None:
        """Write all scores of a trial, its seed as the step; of a failure the reason."""
        trial = record.trial
        named = f"{trial.task}-{trial.correlation:g}-{trial.backbone}-{trial.method}"
        variant = "" if trial.variant == "default" else f"-{trial.variant}"
        # A writer of its own: thousands of open files would be the run's end.
        writer = self._new(str(self._folder / file_name(named + variant)))
        try:
            for score in record.scores:
                names = (score.metric, score.representation, score.factor, score.probe)
                tag = "/".join(name for name in names if name)
                writer.add_scalar(tag, score.value, trial.seed)
            if record.status != "done":
                writer.add_text(record.status, record.reason, trial.seed)
        finally:
            writer.close()
