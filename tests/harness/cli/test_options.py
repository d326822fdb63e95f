"""Options that several commands take, and what they set."""

import os

import click
import pytest
from click.testing import CliRunner

from data.errors import UserError
from harness.cli.multi_value import ManyValues
from harness.cli.options import devices_used


@pytest.mark.parametrize(
    ("words", "visible"),
    [([], "7"), (["--devices", "0", "2"], "0,2"), (["--devices", "cpu"], "")],
)
def test_devices_are_what_torch_will_see(
    words: list[str], visible: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)

    @click.command(cls=ManyValues)
    @devices_used
    def show() -> None:
        click.echo(os.environ["CUDA_VISIBLE_DEVICES"])

    assert CliRunner().invoke(show, words, catch_exceptions=False).output == f"{visible}\n"


def test_devices_that_are_not_there_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was, a trial began on the processor without a word."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)

    @click.command(cls=ManyValues)
    @devices_used
    def show() -> None:
        click.echo("begun")

    found = CliRunner().invoke(show, ["--devices", "0", "7"])
    assert "begun" not in found.output
    assert isinstance(found.exception, UserError)
    assert "of the GPUs 0, 7 1 can be used here" in str(found.exception)
