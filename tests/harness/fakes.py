"""Methods, records and packages that the tests of the harness share."""

import dataclasses
from pathlib import Path
from textwrap import dedent

import numpy as np

from harness.contract.scores import Score
from harness.encoders.backbones import Backbone, resolve
from harness.store.base64_arrays import pack_bits, pack_codes, pack_points
from harness.store.records import Projection, Record, key_of, schema_of
from harness.store.trial import Trial

WORDS = '''
    """Counts of a few words. Source: none."""

    from __future__ import annotations

    import json
    from collections.abc import Mapping, Sequence
    from dataclasses import dataclass
    from pathlib import Path
    from typing import Any, ClassVar

    import numpy as np

    from harness.contract.method import Method
    from harness.contract.scores import Score


    class Words(Method):
        """Counts of common words. Source: none."""

        name = "words"
        variants = {"short": {"words": ("the", "a")}}

        @dataclass(frozen=True)
        class Settings:
            words: tuple[str, ...] = ("the", "a", "and", "of", "not", "was", "is")

        def fit(self, task, backbone, *, seed, progress):
            progress(1, 1)
            self.noise = np.random.default_rng(seed).normal(size=len(self.settings.words))
            return self

        def encode(self, texts, aspect):
            counts = [[t.split().count(w) for w in self.settings.words] for t in texts]
            return (np.array(counts) + self.noise).astype(np.float32)

        def save(self, folder):
            (folder / "words.json").write_text(json.dumps(self.settings.words))

        def load(self, folder, backbone):
            return self

        @property
        def trainable_parameters(self):
            return len(self.settings.words)

        def scores(self):
            return (Score("adversary_accuracy", 0.5),)


    class Broken(Words):
        """Fails while it is fitted."""

        name = "broken"

        def fit(self, task, backbone, *, seed, progress):
            raise RuntimeError("no\\nconvergence")


    class Unsure(Words):
        """Measures what is no number."""

        name = "unsure"

        def scores(self):
            return (Score("adversary_accuracy", float("nan")),)


    class Choosy(Words):
        """Runs nowhere."""

        name = "choosy"

        def supports(self, task):
            return "needs parse trees"
'''


def small_backbone(name: str, weights: str = "w0") -> Backbone:
    """The random encoder under another name, for methods that do without it."""
    return dataclasses.replace(resolve("random-bert"), name=name, weights_hash=weights)


def write_package(folder: Path, name: str, **files: str) -> str:
    """A package of methods, one file for each keyword; returns its name."""
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text('"""Methods of a test."""\n')
    for stem, content in files.items():
        (package / f"{stem}.py").write_text(dedent(content).lstrip())
    return name


def make_record(
    method: str = "untuned",
    *,
    seed: int = 0,
    task: str = "toy",
    content: str = "c0",
    status: str = "done",
    value: float = 0.75,
    started: str = "2026-01-01T00:00:00+00:00",
) -> Record:
    """A small whole record with four evaluation rows."""
    trial = Trial(task, 0.85, "random-bert", method, "default", seed)
    inputs = {
        **dataclasses.asdict(trial),
        "schema": schema_of(),
        "task": {"name": task, "options": {}, "sizes": {}},
        "corpus": {"name": task, "content": content},
        "backbone": {"name": "random-bert", "weights": "w0"},
        "settings": {},
    }
    names = {"schema": schema_of(), "key": key_of(inputs), "trial": trial, "inputs": inputs}
    provenance = {"started": started, "seconds": 1.5}
    if status != "done":
        return Record(**names, status=status, reason="for a reason", provenance=provenance)
    right = pack_bits(np.array([True, True, False, True]))
    return Record(
        **names,
        status="done",
        reason="",
        counts={"evaluation": {"red-cat": 2, "blue-dog": 2}},
        classes={"colour": ("red", "blue"), "animal": ("cat", "dog")},
        scores=(
            Score("fit_seconds", 12.25),
            Score("target_accuracy", value, "colour", "colour", "linear"),
            Score("leakage", 1 / 3, "colour", "animal", "linear"),
            Score("peak_memory_bytes", 123456789.0),
        ),
        chance={"colour": 0.5, "animal": 0.5},
        cells=pack_codes(np.array([0, 0, 3, 3])),
        right={"colour/colour/linear": right, "colour/animal/linear": right},
        cell_accuracy={"colour": {"red-cat": 1.0, "blue-dog": 0.5}},
        projections={
            "colour": Projection(
                pack_points(np.array([[0.0, 1.0], [2.0, 3.0]])), pack_codes(np.array([1, 2]))
            )
        },
        warnings=("a warning",),
        provenance=provenance,
    )
