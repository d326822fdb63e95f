"""Text VAEs for practitioners: from a pretrained transformer, fit on texts, encode and decode."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from baselines.text_vae.settings import TextVaeSettings
from baselines.text_vae.text_vae import TextVae
from data.errors import UnknownNameError, UserError
from data.texts import TextTask, as_texts
from harness.contract.artifacts import described, writing
from harness.encoders.backbones import resolve
from harness.evaluation.text.samples import on_line, prior_samples
from harness.system.progress import Progress, silent

FEWEST_TEXTS = 4


class TextVAE:
    """A pretrained transformer as a variational autoencoder of texts.

    Parameters
    ----------
    backbone : a built-in name, a folder with a checkpoint, or a model-hub name: a T5, or an encoder
        of BERT's type that warm-starts both sides.
    settings : fields of `baselines.text_vae.settings.TextVaeSettings` to change.
    valid_share : share of the texts, from 0 to below 1, on which phase 1 is ended and curves are
        measured.
    random_state : seed of everything that is random.

    Attributes
    ----------
    model_ : the fitted model, as the benchmark uses it.

    Source: Park and Lee (2021).
    """

    def __init__(
        self,
        backbone: str = "minilm",
        *,
        settings: Mapping[str, Any] | None = None,
        valid_share: float = 0.1,
        random_state: int = 0,
    ) -> None:
        self.backbone = backbone
        self.settings = settings
        self.valid_share = valid_share
        self.random_state = random_state

    @classmethod
    def from_pretrained(cls, name: str | Path, **parameters: Any) -> Self:
        """A fitted VAE from a folder of `save_pretrained`, or one to be fitted from a transformer.

        `name`: that folder, or what `backbone` takes. `parameters`: those of the constructor.
        UserError where what is stored is damaged, its transformer cannot be had, or it is given
        other settings than it was fitted with.
        """
        if not _is_saved(Path(name)):
            return cls(str(name), **parameters)
        found = described(Path(name))
        if "settings" in parameters:
            raise UserError(
                f"what {name} holds was fitted with its own settings; leave settings out, or fit a "
                f"new TextVAE({found.backbone!r}, settings=...)"
            )
        backbone = resolve(found.backbone)
        model = TextVae().load(Path(name), backbone)
        made = cls(found.backbone, settings=dataclasses.asdict(model.settings), **parameters)
        made.model_ = model
        return made

    def fit(self, texts: Sequence[str], *, progress: Progress = silent) -> Self:
        """Train in two phases.

        Parameters
        ----------
        texts : four at least; equal ones count as one.
        progress : called after every step.

        Raises
        ------
        UserError : too few texts, one that is no text, or a share that leaves none to train on.
        UnknownNameError : no such setting.
        """
        if not 0 <= self.valid_share < 1:
            raise UserError(f"valid_share is {self.valid_share}; it must be from 0 to below 1")
        distinct = list(dict.fromkeys(as_texts(texts)))
        if len(distinct) < FEWEST_TEXTS:
            raise UserError(f"{len(distinct)} distinct texts are too few; give {FEWEST_TEXTS}")
        order = np.random.default_rng(self.random_state).permutation(len(distinct))
        held_out = min(max(round(self.valid_share * len(distinct)), 1), len(distinct) - 1)
        valid, train = np.sort(order[:held_out]), np.sort(order[held_out:])
        task = TextTask(
            "texts", tuple(distinct[i] for i in train), tuple(distinct[i] for i in valid)
        )
        self.model_ = TextVae(self._settings()).fit(
            task, resolve(self.backbone), seed=self.random_state, progress=progress
        )
        return self

    def _settings(self) -> TextVaeSettings:
        given = dict(self.settings or {})
        known = {field.name for field in dataclasses.fields(TextVaeSettings)}
        for name in given:
            if name not in known:
                raise UnknownNameError("setting", name, known)
        return TextVaeSettings(**given)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [texts, size of the latent]: means of the posteriors.

        UserError where it is given one text, or what is no text.
        """
        return self._fitted().posterior(as_texts(texts, empty=True)).mean.astype(np.float32)

    def decode(self, latents: ArrayLike) -> list[str]:
        """The text that greedy decoding gives for each latent, [n, size].

        UserError where the latents have another size.
        """
        model = self._fitted()
        array = np.asarray(latents, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != model.latent_size:
            raise UserError(
                f"latents have the shape {array.shape}; give an array of [n, {model.latent_size}]"
            )
        return model.decode(array)

    def interpolate(self, first: str, last: str, *, steps: int = 5) -> list[str]:
        """Texts at even steps on the line from one text's latent to another's, both ends too."""
        if steps < 2:
            raise UserError(f"{steps} steps have no two ends; give 2 at least")
        model = self._fitted()
        return on_line(model, model.posterior([first, last]).mean, steps=steps)

    def sample(self, count: int) -> list[str]:
        """Texts decoded from draws of the prior, by `random_state`."""
        return prior_samples(self._fitted(), count, seed=self.random_state)

    def save_pretrained(self, folder: str | Path) -> None:
        """Store the fitted model: safetensors and JSON, with the hash of its transformer."""
        model = self._fitted()
        with writing(Path(folder)):
            model.save(Path(folder))

    def _fitted(self) -> TextVae:
        if not hasattr(self, "model_"):
            raise UserError("the text VAE is not fitted; call fit(texts), or load a stored one")
        model: TextVae = self.model_
        return model


def _is_saved(folder: Path) -> bool:
    """Whether the folder is one of `save_pretrained`, and not that of a transformer."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("method") == TextVae.name
