"""Texts of a model's own: what is written, and that no text of a corpus is stored."""

import numpy as np
from text_fakes import LinearGaussian

from data.texts import TextDraw, TextTask
from harness.evaluation.language import evaluate
from harness.evaluation.text.samples import DRAWN, LINE, REBUILT, SHOWN, WITHHELD, own_texts
from harness.system.progress import silent


def test_each_sort_has_a_handful_and_the_seed_says_which() -> None:
    model = LinearGaussian()
    found = own_texts(model, ["99"], seed=0)
    assert list(found) == [DRAWN, REBUILT, LINE]
    assert {len(texts) for texts in found.values()} == {SHOWN}
    assert found == own_texts(model, ["99"], seed=0)
    assert found != own_texts(model, ["99"], seed=1)
    # Its posterior is off by a tenth: texts shrink a little when they are rebuilt.
    drawn, rebuilt, line = (np.array(texts, dtype=float) for texts in found.values())
    assert np.allclose(rebuilt, 0.81 * drawn, atol=0.06)
    assert np.allclose(line, np.linspace(line[0], line[-1], SHOWN), atol=0.06)


def test_what_repeats_a_text_of_the_corpus_is_withheld() -> None:
    model = LinearGaussian()
    free = own_texts(model, (), seed=0)
    first, *others = free[DRAWN]
    # The corpus has more digits than the model writes; through the tokenizer they are the same.
    held = own_texts(model, [f"{float(first):.3f}"], seed=0)
    assert held[DRAWN] == (WITHHELD, *others)
    everything = [text for texts in free.values() for text in texts]
    assert set().union(*own_texts(model, everything, seed=0).values()) == {WITHHELD}


def test_an_evaluation_keeps_none_of_its_texts() -> None:
    texts = tuple(f"{i / 10:.1f}" for i in range(-60, 61))
    draw = TextDraw(TextTask("toy", texts[:40], texts[40:80]), texts[80:])
    found = evaluate(LinearGaussian(), draw, seed=0, pictures=False, progress=silent)
    written = {text for sort in found.texts.values() for text in sort}
    assert WITHHELD in written
    assert not written & set(texts)


def test_a_model_without_a_latent_writes_nothing() -> None:
    class Flat(LinearGaussian):
        latent_size = 0

    texts = tuple(f"{i / 10:.1f}" for i in range(20))
    draw = TextDraw(TextTask("toy", texts, texts), texts)
    assert evaluate(Flat(), draw, seed=0, pictures=False, progress=silent).texts == {}
