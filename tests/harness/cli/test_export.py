"""The command `export`: from names to a folder that other libraries load, with its card."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sentence_folder import vectors_of

from harness.runs.request import Request, plan_request
from harness.system.progress import silent

WHAT = ("--profile", "smoke", "--task", "movies", "--threads", "1")
TEXTS = ("a fine film of horror", "a dull drama")


def fitted(name: str):
    """The method as the first trial of the profile `smoke` on `movies` fits it."""
    trials, inputs = plan_request(Request(profile="smoke", tasks=("movies",), methods=(name,)))
    prepared = inputs.prepare(trials[0])
    method = prepared.method_class(prepared.settings)
    backbone = inputs.backbone(trials[0].backbone)
    training = inputs.splits(trials[0]).training
    return method.fit(training, backbone, seed=prepared.training_seed, progress=silent)


def test_the_folder_holds_the_trials_method_and_what_its_record_says(
    suite: Callable[..., Result], tmp_path: Path, in_float32: None
) -> None:
    words = (*WHAT, "--method", "leace")
    done = suite("export", *words, "--aspect", "sentiment", "--to", "before")
    assert done.exit_code == 0, done.output
    assert done.output == "movies 0.85 leace seed 0 is in before\n"
    vectors = fitted("leace").encode(TEXTS, "sentiment")
    np.testing.assert_allclose(vectors_of(tmp_path / "before", TEXTS), vectors, atol=1e-4)
    card = (tmp_path / "before" / "README.md").read_text(encoding="utf-8")
    assert "# sentiment, by leace" in card
    assert "is not stored: `python -m harness run --profile smoke --task movies --meth" in card
    assert suite("run", *words).exit_code == 0
    assert suite("export", *words, "--aspect", "genre", "--to", "after").exit_code == 0
    card = (tmp_path / "after" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlibrary_name: sentence-transformers\n")
    assert "This is the representation of *genre*, of seed 0." in card
    for part in ("## Data", "## What leaks", "## What is kept", "Corpus `movies`"):
        assert part in card


def test_what_a_method_saved_is_exported_without_fitting_it_again(
    suite: Callable[..., Result],
    tmp_path: Path,
    in_float32: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    method = fitted("masked-weights")
    (tmp_path / "saved").mkdir()
    method.save(tmp_path / "saved")
    monkeypatch.setattr(type(method), "learn", lambda *_, **__: pytest.fail("it was fitted"))
    done = suite("export", "--from", "saved", "--aspect", "genre", "--to", "folder")
    assert done.exit_code == 0, done.output
    vectors = method.encode(TEXTS, "genre")
    np.testing.assert_allclose(vectors_of(tmp_path / "folder", TEXTS), vectors, atol=1e-4)
    assert "by masked-weights" in (tmp_path / "folder" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "tfidf"), "tfidf is no transformer with an affine map behind it"),
        (("--method", "leace", "inlp"), "name the one method to export"),
        ((), "name the one method to export: --method NAME, or --from DIR"),
        (("--method", "leace", "--from", "."), "leave out what it would be fitted on"),
        (("--method", "leace", "--aspect", "mood"), "unknown aspect of movies 'mood'"),
        (("--method", "lstm-vae", "--task", "captions-lm"), "models texts and represents no asp"),
        (("--method", "leace", "--to", "file/folder"), "cannot write file/folder"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line_before_anything_is_fitted(
    words: tuple[str, ...],
    said: str,
    suite: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "harness.contract.stored.StoredLearner.fit", lambda *_, **__: pytest.fail("it was fitted")
    )
    (tmp_path / "file").touch()
    task = () if "--task" in words else ("--task", "movies")
    usual = ("--profile", "smoke", *task, "--aspect", "genre", "--to", "folder")
    done = suite("export", *usual, *words)
    assert done.exit_code == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_without_anything_saved_is_said(suite: Callable[..., Result]) -> None:
    done = suite("export", "--from", ".", "--aspect", "genre", "--to", "folder")
    assert "holds no artifact" in done.stderr
