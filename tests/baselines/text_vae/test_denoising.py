"""The pretrained pair: what it learns from, that it learns, and that it is a backbone."""

from pathlib import Path

import pytest
import torch

from baselines.text_vae.denoising import DenoisingSettings, pretrain, restoring_nats, sentences
from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import Sequences
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae
from baselines.text_vae.transformer import frame_of, transformer_pair
from data import tasks
from data.errors import UserError
from data.tasks.language import MoviesLm
from data.texts import TextDraw, TextTask
from harness.encoders import packaged
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.device import seeded
from harness.system.progress import silent

SETTINGS = DenoisingSettings(layers=2, epochs=30, batch_texts=4, max_pieces=30, rate=3e-3)


@pytest.fixture
def made(
    backbone: Backbone, texts: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))
    resolve.cache_clear()
    return pretrain(backbone, texts, SETTINGS, packaged.seq2seq_folder(), progress=silent)


def nats(backbone: Backbone, texts: tuple[str, ...]) -> float:
    ids = piece_ids(backbone.tokenizer, texts, SETTINGS.max_pieces)
    pieces = Pieces.of(ids, len(backbone.tokenizer), frame_of(backbone))
    kept = TextVaeSettings(encoder_layers=2, decoder_layers=2)
    with seeded(0), torch.no_grad():
        pair = transformer_pair(backbone, pieces, kept, 0, conditional=True).eval()
        sequences = Sequences(ids, pieces)
        return float(restoring_nats(pair, sequences, range(len(texts)), SETTINGS))


def test_the_pretrained_pair_restores_what_the_joined_one_does_not(
    made: Path, backbone: Backbone, texts: tuple[str, ...]
) -> None:
    again = resolve("seq2seq-minilm")
    assert again.folder == made
    assert nats(again, texts) < 0.6 * nats(backbone, texts)


def test_a_text_vae_starts_from_both_sides_of_it(made: Path, texts: tuple[str, ...]) -> None:
    pretrained = resolve("seq2seq-minilm")
    whole = pretrained.whole
    assert whole is not None
    model = TextVae(TextVae.settings_for("default", "smoke"))
    model.fit(TextTask("t", texts[:6], texts[6:]), pretrained, seed=0, progress=silent)
    with seeded(0):
        pair = model.build_pair(pretrained, model._pieces)
    name = "encoder.layer.1.attention.self.query.weight"
    written = pair.writer["stack"].state_dict()[name]
    read = pair.reader.state_dict()[name]
    torch.testing.assert_close(written, whole.decoder.base_model.state_dict()[name])
    torch.testing.assert_close(read, whole.encoder.state_dict()[name])
    assert not torch.equal(written, read)


def test_it_is_made_once(
    made: Path, backbone: Backbone, texts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("baselines.text_vae.denoising.run_steps", None)
    root = packaged.seq2seq_folder()
    assert pretrain(backbone, texts, SETTINGS, root, progress=silent) == made
    with pytest.raises(TypeError):
        pretrain(backbone, texts[:5], SETTINGS, root, progress=silent)


def test_the_state_of_the_training_is_kept_until_its_result_is(
    backbone: Backbone, texts: tuple[str, ...], tmp_path: Path
) -> None:
    def made() -> Path:
        return pretrain(backbone, texts, SETTINGS, tmp_path, progress=silent)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", None)
        with pytest.raises(TypeError):
            made()
    (state,) = tmp_path.iterdir()
    assert state.suffix == ".training"
    assert [made()] == [*tmp_path.iterdir()]


def test_without_one_the_backbone_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))
    resolve.cache_clear()
    with pytest.raises(UserError, match=r"not been pretrained.*baselines.text_vae.denoising"):
        resolve("seq2seq-minilm")


def test_no_evaluation_sentence_is_learned_from() -> None:
    learned = set(sentences(None))
    assert len(learned) > 1000
    for name in ("captions-lm", "ptb-lm", "yelp-lm"):
        task = tasks.find(name)
        draw = task.draw(task.load(None), seed=0)
        assert isinstance(draw, TextDraw)
        assert not learned & {*draw.evaluation, *draw.training.valid}
        assert learned & set(draw.training.train)


def test_no_review_is_learned_from_whose_beginning_is_validated_on() -> None:
    task = MoviesLm()
    corpus = task.load(None)
    frame = task.frame(corpus)
    valid = set(frame["review"][frame["split"] == "valid"])
    reviews = corpus.frame["text"][corpus.frame["split"] == "train"]
    others = "\n".join(review for review in reviews if review not in valid)
    own = {part for review in valid for part in review.split(". ") if part not in others}
    learned = "\n".join(sentences(None))
    assert sum(part in learned for part in others.split(". ")) > 1000
    # A few stand in other corpora too.
    assert sum(part in learned for part in own) < len(own) / 10
