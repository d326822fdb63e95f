"""The example of docs/text-vae.md does what the page says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.text_vae.text_vae import DEFECTS
from harness.evaluation.text.likelihood import latent_use

PAGE = (Path(__file__).parent.parent / "docs" / "text-vae.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        exec(compile(example, "docs/text-vae.md", "exec"), names)
    return names


def test_the_latent_is_used(ran: dict[str, Any]) -> None:
    model, texts = ran["vae"].model_, ran["texts"]
    use = latent_use(model, texts, model.posterior(texts), draws=2, seed=0)
    assert use.mean() > 0.5
    assert ran["latents"].shape == (100, 16)
    assert ran["latents"].dtype == np.float32
    assert len(ran["written"]) == len(ran["samples"]) == 3
    assert len(ran["line"]) == 5


def test_what_is_stored_gives_the_same(ran: dict[str, Any]) -> None:
    np.testing.assert_array_equal(ran["same"].encode(ran["texts"]), ran["latents"])


def test_the_page_names_every_defect() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, flags=re.MULTILINE)) - {"settings"} == set(
        DEFECTS
    )
