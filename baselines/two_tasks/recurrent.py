"""The method `joint-rnn`: recurrent networks over words and characters, learned from nothing."""

from collections import Counter
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

CHARACTERS = 1024
"""Characters share a vector where their code points are equal modulo this: those of one script do
not, and no table of them has to be kept."""

LONGEST_WORD = 20
"""Characters of a word that are read."""


@dataclass(frozen=True)
class RecurrentSettings(TwoTaskSettings):
    """Beside those of both methods: sizes; published are 512 `units`, here of both directions.

    Attributes
    ----------
    least_count : times that a word stands in the training texts to have a vector of its own.
    embedding : width of the words' vectors.
    character_units, units, pooler_units : of each direction of the networks over characters, over
        words, and behind these for the label.
    tag_units : of the layer between words and tags.
    """

    least_count: int = 2
    embedding: int = 300
    character_units: int = 64
    units: int = 256
    pooler_units: int = 64
    tag_units: int = 128


class BothWays(nn.Module):
    """A recurrent layer of a `kind` in both directions, of `units` each, that skips padding."""

    def __init__(self, kind: type[nn.GRU | nn.LSTM], width: int, units: int) -> None:
        super().__init__()
        self.onward, self.back = (kind(width, units, batch_first=True) for _ in range(2))

    def forward(self, vectors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """States [b, t, 2 units] and the last of each direction, [b, 2 units].

        `vectors`: [b, t, width]. `mask`: bool [b, t].
        """
        # Not packed, since a processor reads a padded batch in one call and a packed one by steps.
        ends = mask.sum(1) - 1
        rows = torch.arange(len(mask), device=mask.device)
        places = torch.arange(mask.shape[1], device=mask.device)
        turned = rows[:, None], (ends[:, None] - places).clamp(min=0)
        onward, back = self.onward(vectors)[0], self.back(vectors[turned])[0]
        last = torch.cat([onward[rows, ends], back[rows, ends]], dim=1)
        return torch.cat([onward, back[turned]], dim=2), last


class RecurrentReader(Reader):
    """GRUs over the words of a text, each its own vector beside what a GRU makes of its letters.

    `known`: words in lower case that have a vector; all others share one.
    """

    def __init__(self, known: Sequence[str], settings: RecurrentSettings) -> None:
        super().__init__()
        embedding, letters = settings.embedding, settings.character_units
        self.width, self.text_width = settings.tag_units, 2 * settings.pooler_units
        self._numbers = {word: number for number, word in enumerate(known, start=1)}
        self.words = nn.Embedding(len(known) + 1, embedding)
        self.characters = nn.Embedding(CHARACTERS + 1, letters)
        self.spelling = BothWays(nn.GRU, letters, letters)
        self.text = BothWays(nn.GRU, embedding + 2 * letters, settings.units)
        self.tagger = nn.Sequential(nn.Linear(2 * settings.units, settings.tag_units), nn.ReLU())
        self.pooler = BothWays(nn.LSTM, 2 * settings.units, settings.pooler_units)
        self.dropout = nn.Dropout(settings.dropout)

    def items(self, texts: Sequence[str]) -> list[Item]:
        found = []
        for text in texts:
            words = words_of(text)
            written = [text[begin:end] or " " for begin, end in words]
            numbers = torch.tensor([self._numbers.get(word.lower(), 0) for word in written])
            codes = [[1 + ord(c) % CHARACTERS for c in word[:LONGEST_WORD]] for word in written]
            spelled = [[*row, *[0] * (LONGEST_WORD - len(row))] for row in codes]
            found.append(Item(words, (numbers, torch.tensor(spelled, dtype=torch.int16))))
        return found

    def forward(self, items: Sequence[Item]) -> tuple[Tensor, Tensor, Tensor]:
        device = self.words.weight.device
        numbers, spelled = zip(*(item.parts for item in items), strict=True)
        mask = mask_of(torch.tensor([len(each) for each in numbers]))
        # Words stand in a batch more than once, and each spelling is read once.
        distinct, which = torch.unique(torch.cat(spelled), dim=0, return_inverse=True)
        letters = mask_of((distinct > 0).sum(1))
        codes = distinct[:, : letters.shape[1]].long().to(device)
        _, spelling = self.spelling(self.dropout(self.characters(codes)), letters.to(device))
        places = padded(which.split(mask.sum(1).tolist())).to(device)
        vectors = torch.cat([self.words(padded(numbers).to(device)), spelling[places]], dim=2)
        mask = mask.to(device)
        states = self.text(self.dropout(vectors), mask)[0]
        pooled = states[:, 0] if self.pooler is None else self.pooler(states, mask)[1]
        return states if self.tagger is None else self.tagger(states), mask, pooled


class JointRnn(TwoTaskMethod):
    """GRUs over words and characters, a label and a CRF. Source: Carreto Fidalgo et al. 2021.

    System 2 of the winner of ProfNER: a GRU over the characters of a word, its last states beside
    the word's vector, a GRU over these in both directions; for the label the last states of an
    LSTM, for the tags a layer with ReLU and a linear-chain CRF. Words have vectors that are learned
    from the training texts; the published ones began as skip-gram vectors of tweets. Nothing of the
    backbone is used.
    """

    name = "joint-rnn"
    Settings = RecurrentSettings
    profiles = {
        "smoke": {"epochs": 2, "embedding": 16, "units": 16, "pooler_units": 8, "tag_units": 8},
        "quick": {"units": 128},
    }

    def known_words(self, texts: Sequence[str]) -> Sequence[str]:
        counts = Counter(text[b:e].lower() for text in texts for b, e in words_of(text))
        return sorted(word for word, times in counts.items() if times >= self.settings.least_count)

    def build_reader(self, known: Sequence[str]) -> Reader:
        return RecurrentReader(known, self.settings)
