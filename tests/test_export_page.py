"""The commands of docs/export.md do what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main

PAGE = (Path(__file__).parent.parent / "docs" / "export.md").read_text(encoding="utf-8")


def test_the_commands_write_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISENTANGLE_DATA", raising=False)
    (block,) = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines():
        words = shlex.split(line)
        assert words[:3] == ["python", "-m", "harness"]
        done = CliRunner().invoke(main, [*words[3:], "--threads", "1"])
        assert done.exit_code == 0, done.output
    assert not Path("sentiment-encoder/2_Dense").exists()
    assert Path("without-genre/2_Dense/model.safetensors").exists()
    card = Path("without-genre/README.md").read_text(encoding="utf-8")
    assert "python -m harness run --profile smoke --task movies --method leace" in card
