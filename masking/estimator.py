"""Masked encoders for practitioners: fit on labelled texts, transform, save, export."""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from data.errors import UnknownNameError, UserError
from harness.contract.artifacts import described, writing
from harness.encoders.backbones import resolve
from harness.encoders.encoding import mean_vectors
from harness.encoders.hub import from_hub, to_hub
from harness.system.progress import silent
from harness.training.sources import ExplicitTriplets, LabelledTexts, Source
from masking.labelled import Parts, as_texts, parts_of
from masking.masked_method import MaskedMethod
from masking.units import MaskedUnits
from masking.weights import MaskedWeights

if TYPE_CHECKING:
    from harness import Audit

CARD = """# {aspect}

A mask over the encoder `{backbone}` (weights {weights}) that keeps *{aspect}* and suppresses:
{others}. Burned in, so that this is an ordinary encoder. What it leaks and what it keeps was not
measured here: `MaskedEncoder.report` of disentangle-bench measures it, on texts that the mask was
not learned on.
"""
"""What an exported encoder says of itself."""

KINDS: Mapping[str, type[MaskedMethod]] = {"weights": MaskedWeights, "units": MaskedUnits}


class MaskedEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A public encoder that sees one aspect of a text at a time, by learned binary masks.

    Parameters
    ----------
    backbone : a built-in name, a folder with a checkpoint, or a model-hub name.
    kind : `weights` or `units`: what is masked.
    aspect : whose representation `transform` gives where it is not asked for another.
    settings : fields of `masking.settings.MaskSettings` to change, such as `{"steps": 400}`; the
        others are the method's own, for labels or for triplets.
    valid_share : share of the texts whose loss says when training ends, 0 to .5. Where it is 0, or
        a combination of classes has too few texts or groups for it, all are learned from in all
        steps, as triplets are.
    random_state : seed of everything that is random.

    Attributes
    ----------
    classes_ : aspect to the classes found in its labels, sorted; empty for aspects of triplets.
    method_ : the fitted method, as the benchmark uses it.

    Source: Zhang, van de Meent and Wallace (2021), section 3.
    """

    def __init__(
        self,
        backbone: str = "minilm",
        *,
        kind: str = "weights",
        aspect: str | None = None,
        settings: Mapping[str, Any] | None = None,
        valid_share: float = 0.15,
        random_state: int = 0,
    ) -> None:
        self.backbone = backbone
        self.kind = kind
        self.aspect = aspect
        self.settings = settings
        self.valid_share = valid_share
        self.random_state = random_state

    def fit(
        self,
        X: Sequence[str],  # noqa: N803
        y: Mapping[str, ArrayLike] | pd.DataFrame | ArrayLike,
        *,
        labels: Mapping[str, ArrayLike] | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn one mask for each aspect.

        Parameters
        ----------
        X : n texts.
        y : aspect to n labels of any kind, or a table with a column for each aspect. Within a
            pipeline, the n labels of `aspect` alone, with the others in `labels`.
        labels : further aspects.
        groups : n values; texts of one group are never split between training and validation.

        Raises
        ------
        UserError : a text or a label is missing, lengths differ, an aspect has one class, or
            aspects always go together, so that their effects cannot be separated.
        UnknownNameError : no such kind or setting.
        """
        named = {**self._by_aspect(y), **(labels or {})}
        parts = parts_of(
            as_texts(X),
            named,
            groups=groups,
            valid_share=self.valid_share,
            seed=self.random_state,
        )
        method = self._new_method("aspects")
        source = LabelledTexts(parts.train, method.settings, seed=self.random_state)
        return self._fit_source(method, source, parts)

    def fit_triplets(
        self,
        triplets: Sequence[tuple[str, str, str]],
        aspects: tuple[str, str] = ("first", "second"),
    ) -> Self:
        """Learn two masks from triplets (x0, x1, x2) of texts, without labels.

        Parameters
        ----------
        triplets : x0 and x1 share the first aspect, x0 and x2 the second, and nothing else.
        aspects : what to call them.
        """
        checked = [as_texts(triplet) for triplet in triplets]
        if wrong := next((i for i, texts in enumerate(checked) if len(texts) != 3), None):
            raise UserError(f"triplet {wrong} has {len(checked[wrong])} texts; give three")
        method = self._new_method("triplets")
        source = ExplicitTriplets(
            [(x0, x1, x2) for x0, x1, x2 in checked],
            aspects,
            method.settings,
            seed=self.random_state,
        )
        return self._fit_source(method, source, None)

    def transform(
        self,
        X: Sequence[str],  # noqa: N803
        aspect: str | None = None,
        *,
        strength: float | None = None,
    ) -> NDArray[np.float32]:
        """float32 [n, width]: the texts as one aspect's masked encoder sees them.

        Parameters
        ----------
        X : n texts.
        aspect : by default the one that the encoder was made with.
        strength : t from 0 to 1 of the masks `(1 - t) 1 + t M`, which are open at 0 and as learned
            at 1; what pruning took stays away. By default the setting `walk`.

        Raises
        ------
        NotFittedError : neither `fit` nor `from_pretrained` came before.
        UserError : no aspect is named, a text is missing, or the strength lies outside.
        """
        method, texts, aspect = self._fitted(), as_texts(X, empty=True), self._aspect(aspect)
        if strength is None:
            return method.encode(texts, aspect)
        if not 0 <= strength <= 1:
            raise UserError(f"strength is {strength}; give a number from 0 to 1")
        with method.walked(strength):
            return method.encode(texts, aspect)

    def report(
        self,
        X: Sequence[str],  # noqa: N803
        y: Mapping[str, ArrayLike] | pd.DataFrame | ArrayLike,
        *,
        labels: Mapping[str, ArrayLike] | None = None,
        groups: ArrayLike | None = None,
        details: Mapping[str, ArrayLike] | None = None,
    ) -> Audit:
        """What each representation tells of its own aspect and of the others, and what it keeps.

        Fresh probes are cross-fitted on these texts, and the representations are held against those
        of the frozen encoder. `verdicts` of the answer says it in words, and `warnings` which
        representations are nearly one number or keep hardly any neighbours.

        Parameters
        ----------
        X : n texts, which the encoder was not fitted on.
        y, labels, groups : as for `fit`, for every aspect of the encoder.
        details : n values of columns that refine an aspect, as `harness.audit` takes them.

        Raises
        ------
        NotFittedError : neither `fit` nor `from_pretrained` came before.
        UnknownNameError : the encoder has no such aspect.
        UserError : labels of an aspect are missing, or as `harness.audit` says.
        """
        from harness import audit

        method = self._fitted()
        texts = as_texts(X)
        named = {**self._by_aspect(y), **(labels or {})}
        for aspect in named:
            if aspect not in method.aspects:
                raise UnknownNameError("aspect of the encoder", aspect, method.aspects)
        if lacking := [aspect for aspect in method.aspects if aspect not in named]:
            raise UserError(
                f"there are no labels of {', '.join(lacking)}; give those of all aspects"
            )
        return audit(
            {aspect: method.encode(texts, aspect) for aspect in named},
            {aspect: _listed(found) for aspect, found in named.items()},
            groups=None if groups is None else _listed(groups),
            against=mean_vectors(method.backbone, texts, method.settings.max_tokens),
            details={name: _listed(found) for name, found in (details or {}).items()},
            seed=self.random_state,
        )

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Names of the columns, `maskedencoder0` and so on."""
        width = self._fitted().backbone.width
        return np.array([f"{type(self).__name__.lower()}{i}" for i in range(width)], dtype=object)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write masks, heads and settings: one bit for each mask entry, JSON and safetensors.

        Raises
        ------
        UserError : the folder cannot be written.
        """
        method = self._fitted()
        with writing(Path(folder)):
            method.save(Path(folder))

    @classmethod
    def from_pretrained(
        cls, folder: str | Path, *, backbone: str | None = None, aspect: str | None = None
    ) -> Self:
        """The encoder that `save_pretrained` wrote.

        Parameters
        ----------
        folder : where it wrote, or the name on the model hub that `push_to_hub` was given.
        backbone : where to load the backbone from, by default the name it was learned under.
        aspect : as for the class.

        Raises
        ------
        UserError : the folder holds no masks, or the backbone has other weights than the one that
            they were learned on.
        """
        path = Path(folder)
        if not path.exists() and re.fullmatch(r"[\w.-]+/[\w.-]+", str(folder)):
            path = from_hub(str(folder))
        about = described(path)
        kinds = {method.name: kind for kind, method in KINDS.items()}
        if about.method not in kinds:
            raise UserError(f"{path} was made by the method {about.method!r}, which has no masks")
        kind = kinds[about.method]
        found = resolve(backbone or about.backbone)
        method = KINDS[kind]().load(path, found)
        encoder = cls(
            found.name, kind=kind, aspect=aspect, settings=dataclasses.asdict(method.settings)
        )
        encoder.method_ = method
        encoder.classes_ = dict.fromkeys(method.aspects, ())
        return encoder

    def export(self, aspect: str, folder: str | Path) -> None:
        """Write a checkpoint with one mask applied: AutoModel and SentenceTransformer load it.

        The mean of its last token vectors is what `transform` gives, up to rounding.

        Raises
        ------
        UnknownNameError : the masks were not learned for this aspect.
        UserError : the folder cannot be written.
        """
        from harness.encoders.exporting import write_encoder

        method = self._fitted()
        encoder = method.plain_encoder(aspect)
        card = CARD.format(
            aspect=aspect,
            others=", ".join(name for name in method.aspects if name != aspect) or "none",
            backbone=method.backbone.name,
            weights=method.backbone.weights_hash[:12],
        )
        with writing(Path(folder)):
            write_encoder(encoder, Path(folder), card)

    def push_to_hub(self, name: str, *, aspect: str | None = None, private: bool = False) -> str:
        """Put the masks, or one aspect's encoder, on the model hub; the address of the commit.

        Parameters
        ----------
        name : owner and repository, as `me/my-masks`; it is made where it is missing.
        aspect : whose encoder, as `export` writes it; without it what `save_pretrained` writes,
            which `from_pretrained(name)` loads.
        private : whether a new repository is.

        Raises
        ------
        NotFittedError : neither `fit` nor `from_pretrained` came before.
        UnknownNameError : the masks were not learned for this aspect.
        UserError : the hub cannot be reached, or refuses.
        """
        with tempfile.TemporaryDirectory() as folder:
            if aspect is None:
                self.save_pretrained(folder)
            else:
                self.export(aspect, folder)
            return to_hub(Path(folder), name, private=private)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "method_")

    def _by_aspect(self, y: Any) -> dict[str, ArrayLike]:
        if isinstance(y, pd.DataFrame):
            return {str(name): y[name].to_numpy() for name in y.columns}
        if isinstance(y, Mapping):
            return dict(y)
        if self.aspect is None:
            raise UserError(
                "give y as a mapping from aspects to labels, or name the aspect that its labels "
                "belong to: MaskedEncoder(aspect=...)"
            )
        return {self.aspect: y}

    def _new_method(self, task: str) -> MaskedMethod:
        if self.kind not in KINDS:
            raise UnknownNameError("kind of masks", self.kind, KINDS)
        method = KINDS[self.kind]
        defaults = method.settings_for(kind=task)
        for name in self.settings or {}:
            if not hasattr(defaults, name):
                raise UnknownNameError("setting", name, dataclasses.asdict(defaults))
        return method(dataclasses.replace(defaults, **(self.settings or {})))

    def _fit_source(self, method: MaskedMethod, source: Source, parts: Parts | None) -> Self:
        method.remember(resolve(self.backbone), dict(source.aspects))
        valid = None
        if parts and parts.valid:
            valid = LabelledTexts(parts.valid, method.settings, seed=self.random_state)
        method.learn_from(source, valid, seed=self.random_state, progress=silent)
        self.method_ = method
        self.classes_ = parts.classes if parts else dict.fromkeys(source.aspects, ())
        return self

    def _fitted(self) -> MaskedMethod:
        if not hasattr(self, "method_"):
            raise NotFittedError(
                f"this {type(self).__name__} has no masks yet; call fit or from_pretrained first"
            )
        method: MaskedMethod = self.method_
        return method

    def _aspect(self, asked: str | None) -> str:
        aspect = asked or self.aspect
        if aspect is None:
            known = ", ".join(map(repr, self._fitted().aspects))
            raise UserError(f"name an aspect, one of {known}: transform(texts, aspect=...)")
        return aspect


def _listed(values: ArrayLike) -> list[Any]:
    """The values as they are; those of an array of texts would all be texts, the missing too."""
    listed: list[Any] = np.asarray(values, dtype=object).tolist()
    return listed
