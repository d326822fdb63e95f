"""Options that several commands take, and what they set."""

from __future__ import annotations

import os

import click
import pytest
from click.testing import CliRunner

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

    @click.command(cls=ManyValues)
    @devices_used
    def show() -> None:
        click.echo(os.environ["CUDA_VISIBLE_DEVICES"])

    assert CliRunner().invoke(show, words, catch_exceptions=False).output == f"{visible}\n"
