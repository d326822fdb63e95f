"""The example of docs/masked-encoder.md does what the page says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from harness.encoders.backbones import resolve
from harness.encoders.encoding import encode_batches, mean_pool, tokenise

PAGE = (Path(__file__).parent.parent / "docs" / "masked-encoder.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("page"))
        exec(compile(example, "docs/masked-encoder.md", "exec"), names)
        names["size"] = Path("masks/model.safetensors").stat().st_size
    return names


def test_the_mood_stays_and_the_place_goes(ran: dict[str, Any]) -> None:
    minilm = resolve("minilm")
    tokens = tokenise(minilm, ran["texts"], 32)

    def untuned(index: np.ndarray) -> Any:
        ids, mask = tokens.batch(index)
        return mean_pool(minilm.model(input_ids=ids, attention_mask=mask)[0], mask)

    plain = encode_batches(tokens, minilm.width, untuned)
    probe = LogisticRegression(max_iter=1000)
    before = cross_val_score(probe, plain, ran["place"], cv=4).mean()
    assert ran["target"] > 0.9
    assert ran["leakage"] < before - 0.1


def test_what_is_stored_gives_the_same(ran: dict[str, Any]) -> None:
    assert ran["vectors"].shape == (64, 384)
    assert ran["vectors"].dtype == np.float32
    np.testing.assert_array_equal(ran["same"].transform(ran["texts"]), ran["vectors"])
    # Three layers of MiniLM, two aspects, one bit an entry.
    entries = 2 * 3 * (4 * 384 * 384 + 2 * 384 * 1536)
    assert 8 * ran["size"] < 1.1 * entries
    batch = ran["tokenizer"](list(ran["texts"][:1]), return_tensors="pt")
    pooled = ran["model"](**batch).last_hidden_state.mean(1).detach().numpy()
    np.testing.assert_allclose(ran["vectors"][:1], pooled, atol=0.05)


def test_the_pipeline_predicts(ran: dict[str, Any]) -> None:
    assert ran["predicted"].tolist() == ["bad"]
