"""`TextVAE`: what it gives, what it refuses, and that what is stored comes back."""

from pathlib import Path

import numpy as np
import pytest
from tiny_t5 import write_t5

from baselines.text_vae.api import TextVAE
from data.errors import UnknownNameError, UserError
from harness.encoders.backbones import Backbone

SETTINGS = {"latent_size": 4, "batch_texts": 4, "max_pieces": 12, "curve_points": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_t5(tmp_path_factory.mktemp("t5-api"))


@pytest.fixture(params=["random-bert", "t5"])
def vae(request: pytest.FixtureRequest, folder: Path, texts: tuple[str, ...]) -> TextVAE:
    name = str(folder) if request.param == "t5" else "random-bert"
    return TextVAE.from_pretrained(name, settings=SETTINGS).fit(texts)


def test_shapes(vae: TextVAE, texts: tuple[str, ...]) -> None:
    latents = vae.encode(texts)
    assert latents.shape == (len(texts), 4)
    assert latents.dtype == np.float32
    assert len(vae.decode(latents)) == len(texts)
    assert len(vae.interpolate(texts[0], texts[1], steps=3)) == 3
    assert len(vae.sample(2)) == 2
    assert vae.sample(2) == vae.sample(2)


def test_what_is_stored_comes_back(vae: TextVAE, texts: tuple[str, ...], tmp_path: Path) -> None:
    vae.save_pretrained(tmp_path / "vae")
    names = {file.name for file in (tmp_path / "vae").iterdir()}
    assert names == {"model.safetensors", "config.json"}
    same = TextVAE.from_pretrained(tmp_path / "vae")
    np.testing.assert_array_equal(vae.encode(texts), same.encode(texts))
    latents = vae.encode(texts)
    assert vae.decode(latents) == same.decode(latents)
    assert vae.interpolate(texts[0], texts[1]) == same.interpolate(texts[0], texts[1])
    # It can be fitted again, with the same settings.
    assert same.fit(texts).encode(texts).shape == latents.shape


def test_fits_under_one_seed_are_equal(texts: tuple[str, ...]) -> None:
    first, second, other = (
        TextVAE("random-bert", settings=SETTINGS, random_state=s).fit(texts).encode(texts)
        for s in (0, 0, 1)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_large_share_of_few_texts_leaves_one_to_train_on(texts: tuple[str, ...]) -> None:
    fitted = TextVAE("random-bert", settings=SETTINGS, valid_share=0.99).fit(texts[:4])
    (pieces,) = (score.value for score in fitted.model_.scores())
    # Three around a text, and any other.
    assert pieces > 4


def test_refusals(texts: tuple[str, ...], tmp_path: Path, backbone: Backbone) -> None:
    with pytest.raises(UserError, match="not fitted"):
        TextVAE("random-bert").encode(texts)
    with pytest.raises(UserError, match="text 1 is ' '"):
        TextVAE("random-bert").fit(["a", " ", "b", "c", "d"])
    with pytest.raises(UserError, match="not one text"):
        TextVAE("random-bert").fit("letters are no texts")
    with pytest.raises(UserError, match="from 0 to below 1"):
        TextVAE("random-bert", valid_share=1.0).fit(texts)
    with pytest.raises(UserError, match="too few"):
        TextVAE("random-bert").fit(["a", "a", "b"])
    with pytest.raises(UnknownNameError, match="setting 'epoch'"):
        TextVAE("random-bert", settings={"epoch": 3}).fit(texts)
    fitted = TextVAE("random-bert", settings=SETTINGS).fit(texts)
    with pytest.raises(UserError, match=r"\[n, 4\]"):
        fitted.decode(np.zeros((2, 5)))
    with pytest.raises(UserError, match="2 at least"):
        fitted.interpolate("a", "b", steps=1)
    with pytest.raises(UserError, match="not one text"):
        fitted.encode("letters are no texts")
    fitted.save_pretrained(tmp_path / "vae")
    with pytest.raises(UserError, match="leave settings out, or fit a new TextVAE"):
        TextVAE.from_pretrained(tmp_path / "vae", settings=SETTINGS)
    weights = tmp_path / "vae" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(UserError, match="fit and save"):
        TextVAE.from_pretrained(tmp_path / "vae")
