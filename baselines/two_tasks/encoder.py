"""The method `joint-encoder`: the backbone finetuned for both tasks at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.two_tasks.method import (
    Item,
    Reader,
    TwoTaskMethod,
    TwoTaskSettings,
    mask_of,
    padded,
)
from baselines.two_tasks.words import words_of
from harness.encoders.backbones import Backbone
from harness.encoders.precision import autocast


@dataclass(frozen=True)
class EncoderSettings(TwoTaskSettings):
    """Beside those of both methods: the cut.

    Attributes
    ----------
    max_tokens : texts are cut to this many word pieces; no tag is found behind them.
    """

    epochs: int = 3
    batch_texts: int = 16
    rate: float = 1e-4
    dropout: float = 0.1
    max_tokens: int = 128


class PieceReader(Reader):
    """A copy of the backbone's encoder: words read off their first piece, texts off the first.

    Pieces are found by the characters that they stand for, so that nothing slips where a tokenizer
    drops a symbol: such a word is left out, and so is what stands behind the cut.
    """

    def __init__(self, backbone: Backbone, max_tokens: int) -> None:
        super().__init__()
        self.width = self.text_width = backbone.width
        self._tokenizer, self._max_tokens = backbone.tokenizer, max_tokens
        self.model = backbone.copy_model().requires_grad_(True)
        if getattr(self.model, "pooler", None) is not None:
            # Trained for another task, or not at all.
            self.model.register_module("pooler", None)
        self.pooler = nn.Sequential(nn.Linear(self.width, self.width), nn.Tanh())

    def items(self, texts: Sequence[str]) -> list[Item]:
        found = []
        for text in texts:
            encoded = self._tokenizer(
                text, truncation=True, max_length=self._max_tokens, return_offsets_mapping=True
            )
            ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
            firsts, piece = {}, 0
            for begin, end in words_of(text):
                while piece < len(ids) and offsets[piece][1] <= begin:
                    piece += 1
                if piece < len(ids) and offsets[piece][0] < end:
                    firsts[begin, end] = piece
            # Without any word left, the text is one, read off what stands before it.
            firsts = firsts or {(0, len(text)): 0}
            numbers = torch.tensor(ids), torch.tensor(list(firsts.values()))
            found.append(Item(list(firsts), numbers))
        return found

    def forward(self, items: Sequence[Item]) -> tuple[Tensor, Tensor, Tensor]:
        device = self.model.device
        ids, firsts = zip(*(item.parts for item in items), strict=True)
        lengths = (torch.tensor([len(each) for each in part]) for part in (ids, firsts))
        there, mask = (mask_of(each).to(device) for each in lengths)
        batch = padded(ids, self._tokenizer.pad_token_id or 0).to(device)
        with autocast():
            read = self.model(input_ids=batch, attention_mask=there.long())
        hidden = read.last_hidden_state.float()
        rows = torch.arange(len(batch), device=device)[:, None]
        first = hidden[:, 0]
        pooled = first if self.pooler is None else self.pooler(first)
        return hidden[rows, padded(firsts).to(device)], mask, pooled


class JointEncoder(TwoTaskMethod):
    """The backbone finetuned for label and tags, with a CRF. Source: Carreto Fidalgo et al. 2021.

    System 1 of the winner of ProfNER: the label from the first piece through a layer with tanh, the
    tags from the first piece of each word through a linear map and a linear-chain CRF, and the
    whole encoder trained. The published encoder is BETO, which is Spanish; the packaged English
    ones are a stand-in for it. `--backbone dccuchile/bert-base-spanish-wwm-cased`, or any other
    encoder on the hub, takes its place where a hub can be reached.
    """

    name = "joint-encoder"
    Settings = EncoderSettings
    profiles = {"smoke": {"epochs": 2, "max_tokens": 48}}

    def build_reader(self, known: Sequence[str]) -> Reader:
        return PieceReader(self.backbone, self.settings.max_tokens)
