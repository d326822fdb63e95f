"""Every architecture: methods are fitted, stored, loaded and exported, without a network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from architectures import ARCHITECTURES, write
from sentence_folder import vectors_of
from transformers import AutoModel, AutoTokenizer

from data.errors import UserError
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.encoding import mean_pool, mean_vectors
from harness.encoders.exporting import write_encoder
from harness.encoders.split_encoder import SplitEncoder
from harness.runs import discovery
from harness.system.progress import silent

TEXTS = ("row 3 red cat", "another blue dog 7", "a longer text of one red dog 1 2 3 4 5", "one")

MATRIX = {
    "leace": {},
    "readout": {},
    "masked-weights": {"steps": 3, "batch_texts": 8, "layers": 2, "start_deviation": 1.0},
    "masked-units": {"steps": 2, "batch_texts": 8, "layers": 3, "start_deviation": 1.0},
    "finetuned": {"steps": 2, "batch_texts": 8},
    "diff-pruning": {"steps": 2, "batch_texts": 8, "layers": 1},
    "adapters": {"steps": 2, "batch_texts": 8, "layers": 1},
}
"""Methods and their settings."""


@pytest.fixture(scope="module", autouse=True)
def code_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where transformers keeps the code of checkpoints."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("code"))
        patch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", folder)
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("architectures")


@pytest.fixture(params=ARCHITECTURES)
def encoder(request: pytest.FixtureRequest, folders: Path, in_float32: None) -> Backbone:
    folder = folders / request.param
    if not folder.exists():
        write(request.param, folder)
    return resolve(str(folder))


def test_the_encoder_is_that_of_the_checkpoint(encoder: Backbone) -> None:
    """Of an encoder-decoder the encoder, although `AutoModel` gives the decoder's states."""
    plain = AutoModel.from_pretrained(encoder.folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(encoder.folder)
    found = mean_vectors(encoder, TEXTS, 32)
    for text, vector in zip(TEXTS, found, strict=True):
        ids = torch.tensor([tokenizer(text)["input_ids"]])
        with torch.no_grad():
            if plain.config.is_encoder_decoder:
                whole = plain(input_ids=ids, decoder_input_ids=ids)
                expected, other = whole.encoder_last_hidden_state, whole.last_hidden_state
                assert (expected - other).abs().max() > 0.1
            else:
                expected = plain(input_ids=ids).last_hidden_state
        np.testing.assert_allclose(vector, expected[0].mean(0), atol=1e-5)
    assert np.ptp(found, axis=0).mean() > 0.05


@pytest.mark.parametrize("first", [0, 1, 3])
def test_prefix_and_suffix_together_equal_the_whole(encoder: Backbone, first: int) -> None:
    split = SplitEncoder(encoder, first)
    batch = split.prefixes(TEXTS, 32).batch(np.arange(len(TEXTS)))
    with torch.no_grad():
        got = mean_pool(split.run(batch), batch.mask)
        other = mean_pool(split.run(replace(batch, states=batch.states.flip(0))), batch.mask)
    np.testing.assert_allclose(got, mean_vectors(encoder, TEXTS, 32), atol=1e-5)
    assert (got - other).abs().max() > 0.05


def test_an_empty_text_has_a_vector(encoder: Backbone) -> None:
    assert np.isfinite(mean_vectors(encoder, ("", "one"), 32)).all()


@pytest.mark.parametrize("name", MATRIX)
def test_methods_are_fitted_stored_loaded_and_exported(
    encoder: Backbone, name: str, toy_task, tmp_path: Path
) -> None:
    found = discovery.load(name)
    settings = found.Settings(**MATRIX[name], max_tokens=9)
    method = found(settings).fit(toy_task(), encoder, seed=0, progress=silent)
    vectors = {aspect: method.encode(TEXTS, aspect) for aspect in ("colour", "animal")}
    assert np.abs(vectors["colour"] - vectors["animal"]).max() > 1e-4
    method.save(tmp_path)
    loaded = found().load(tmp_path, encoder)
    np.testing.assert_array_equal(loaded.encode(TEXTS, "colour"), vectors["colour"])
    folder = tmp_path / "exported"
    folder.mkdir()
    if name == "adapters" and encoder.whole is not None:
        with pytest.raises(UserError, match="adapters out of an encoder-decoder"):
            write_encoder(method.plain_encoder("colour"), folder, "")
        return
    write_encoder(method.plain_encoder("colour"), folder, "# A card\n")
    np.testing.assert_allclose(vectors_of(folder, TEXTS), vectors["colour"], atol=1e-4)
