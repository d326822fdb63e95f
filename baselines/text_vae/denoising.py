"""The backbone `seq2seq-minilm`: a joined pair, pretrained once by denoising sentences.

    python -m baselines.text_vae.denoising --data-dir DATA

The second paper starts from a pretrained encoder-decoder. Here an encoder and a copy of it as
decoder learn to restore sentences from which pieces and stretches are deleted (Lewis et al. 2020),
on training sentences of the corpora alone.
"""

import copy
import hashlib
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import torch
from torch.nn import functional as F  # noqa: N812
from transformers import EncoderDecoderConfig, EncoderDecoderModel

from baselines.text_vae.pieces import Pieces, piece_ids
from baselines.text_vae.sequences import IntArray, Sequences, epoch_batches
from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.transformer import TransformerPair, frame_of, transformer_pair
from data import tasks
from data.tasks.language import LanguageTask, MoviesLm, distinct
from harness.cli import options
from harness.contract.artifacts import writing
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.device import seeded
from harness.encoders.packaged import seq2seq_folder
from harness.system.progress import Progress
from harness.training.checkpoint import Checkpoint
from harness.training.settings import StoppingSettings
from harness.training.steps import backpropagated, run_steps

_END = re.compile(r"(?<=[.!?])\s+|<br\s*/?>")
SHORTEST, LONGEST = 3, 40
"""Words of a sentence cut from a review that is kept."""


@dataclass(frozen=True)
class DenoisingSettings:
    """How the pair is pretrained.

    Attributes
    ----------
    layers : of encoder and decoder each, the backbone's first.
    epochs, batch_texts, max_pieces : times that every sentence is seen; sentences a step, and the
        pieces to which they are cut.
    deletion, span : probability with which the encoder misses a piece, and the share of pieces that
        it misses in one stretch.
    rate, weight_decay, clip : of AdamW, and the largest norm of the gradient.
    """

    layers: int = 3
    epochs: int = 1
    batch_texts: int = 64
    max_pieces: int = 48
    deletion: float = 0.1
    span: float = 0.2
    rate: float = 5e-4
    weight_decay: float = 0.01
    clip: float = 1.0


def sentences(data_dir: Path | None) -> tuple[str, ...]:
    """Distinct training sentences of the language tasks and of the training reviews of `movies`.

    What a language task validates or evaluates on is left out, wherever else it stands, and so are
    the reviews whose beginnings `movies-lm` validates on.
    """
    found: dict[str, None] = {}
    held_out: set[str] = set()
    # A user's own task cannot be made without its file.
    named = (tasks.find(name) for name in tasks.names() if not name.endswith("data"))
    for task in (task for task in named if isinstance(task, LanguageTask)):
        pools = distinct(task.pools(task.load(data_dir)))
        found |= dict.fromkeys(pools["train"])
        held_out.update(pools["valid"], pools["evaluation"])
    task = MoviesLm()
    begun = task.frame(task.load(data_dir))
    watched = set(begun["review"][begun["split"] == "valid"])
    reviews = tasks.find("movies").load(data_dir).frame
    for review in reviews["text"][(reviews["split"] == "train") & ~reviews["text"].isin(watched)]:
        parts = (part.strip() for part in _END.split(review))
        found |= dict.fromkeys(p for p in parts if SHORTEST <= len(p.split()) <= LONGEST)
    return tuple(text for text in found if text not in held_out)


def pretrain(
    backbone: Backbone,
    texts: Sequence[str],
    settings: DenoisingSettings,
    root: Path,
    *,
    progress: Progress,
) -> Path:
    """Train the pair and write it into a folder of `root`, named by what it was made from.

    One that is there already is not made again, and a training that was stopped goes on.
    """
    about = repr((backbone.weights_hash, asdict(settings), list(texts)))
    folder = root / hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    if (folder / "config.json").is_file():
        return folder
    ids = piece_ids(backbone.tokenizer, texts, settings.max_pieces)
    pieces = Pieces.of(ids, len(backbone.tokenizer), frame_of(backbone))
    sequences = Sequences(ids, pieces, backbone.device)
    kept = TextVaeSettings(encoder_layers=settings.layers, decoder_layers=settings.layers)
    with seeded(0):
        pair = transformer_pair(backbone, pieces, kept, 0, conditional=True).to(backbone.device)
        parameters = list(pair.parameters())
        optimiser = torch.optim.AdamW(
            parameters, lr=settings.rate, weight_decay=settings.weight_decay, fused=True
        )
        batches = [
            batch
            for epoch in range(settings.epochs)
            for batch in epoch_batches(sequences.lengths, settings.batch_texts, seed=0, epoch=epoch)
        ]
        order = iter(batches)
        checkpoint = Checkpoint(folder.with_suffix(".training"), about)

        def backward(step: int, index: IntArray) -> torch.Tensor:
            # Noise depends on the step alone, so that a training that goes on draws the same.
            torch.manual_seed(step)
            return backpropagated(restoring_nats(pair, sequences, index, settings))

        run_steps(
            optimiser,
            len(batches),
            lambda: next(order),
            backward,
            clip=settings.clip,
            progress=progress,
            stopping=StoppingSettings(patience=0),
            checkpoint=checkpoint,
        )
    with writing(root), tempfile.TemporaryDirectory(dir=root) as scratch:
        made = Path(scratch) / folder.name
        _save(pair, pieces, backbone, made)
        made.rename(folder)
    checkpoint.remove()
    return folder


def restoring_nats(
    pair: TransformerPair, sequences: Sequences, index: IntArray, settings: DenoisingSettings
) -> torch.Tensor:
    """-log p of a piece of the whole sentences given the damaged ones, nats, the mean."""
    batch = sequences.batch(index, deletion=settings.deletion, span=settings.span)
    states = pair.states(batch.ids, batch.mask)
    written = pair.write_after(states, batch.mask, batch.given, batch.there)
    there = batch.there.bool()
    return F.cross_entropy(pair.logits(written[there]), batch.targets[there])


def _save(pair: TransformerPair, pieces: Pieces, backbone: Backbone, folder: Path) -> None:
    """As a checkpoint of transformers' `EncoderDecoderModel`, with the backbone's tokenizer.

    The layer before its output is new and not used here.
    """
    reader: Any = pair.reader
    writer: Any = pair.writer["stack"]
    configs = [copy.deepcopy(stack.config) for stack in (reader, writer)]
    config = EncoderDecoderConfig.from_encoder_decoder_configs(*configs)
    frame = pieces.given
    config.decoder_start_token_id, config.pad_token_id = frame.start, frame.padding
    with seeded(0):
        whole: Any = EncoderDecoderModel(config=config)
    given: Any = backbone.model.get_input_embeddings()
    embedding = given.weight.detach().clone()
    embedding[pieces.known] = pair.embedding.weight.detach()[: len(pieces.known)]
    for stack, learned in ((whole.encoder, reader), (whole.decoder.base_model, writer)):
        stack.load_state_dict(learned.state_dict(), strict=False)
        stack.get_input_embeddings().weight.data.copy_(embedding)
    whole.save_pretrained(folder)
    backbone.tokenizer.save_pretrained(folder)


@click.command()
@options.option("--data-dir", "DIR", "Folder of real corpora.", required=True)
@options.option("--backbone", "NAME", "The encoder to start from.", default="minilm")
@options.precision_used
@options.devices_used
@options.threads_used
def main(*, data_dir: Path, backbone: str, threads: int | None) -> None:
    """Pretrain the pair `seq2seq-minilm`: some 90 minutes on two cores; it can be stopped."""
    from harness.runs.progress_bars import shown

    options.use_threads(threads)
    texts = sentences(data_dir)
    click.echo(f"{len(texts):,} sentences")
    with shown("pretrain") as progress:
        folder = pretrain(
            resolve(backbone), texts, DenoisingSettings(), seq2seq_folder(), progress=progress
        )
    click.echo(folder)


if __name__ == "__main__":
    main()
