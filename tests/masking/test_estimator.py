"""The estimator that a practitioner imports."""

import shutil
from math import nan

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.validation import check_is_fitted
from transformers import AutoModel, AutoTokenizer

from data.errors import UnknownNameError, UserError
from harness.encoders.encoding import mean_vectors
from masking.estimator import KINDS, MaskedEncoder

SETTINGS = {"steps": 4, "batch_texts": 8, "layers": 1, "max_tokens": 24}
TUNED = {"clip": 0.5}


def encoder(**changes) -> MaskedEncoder:
    return MaskedEncoder("random-bert", **{"settings": SETTINGS, **changes})


@pytest.fixture
def texts(toy_rows) -> list[str]:
    return list(toy_rows(8).texts)


@pytest.fixture
def labels(toy_rows) -> dict[str, list[str]]:
    rows = toy_rows(8)
    return {
        aspect.name: [aspect.classes[code] for code in rows.labels[aspect.name]]
        for aspect in rows.aspects
    }


def test_fit_and_transform(texts, labels) -> None:
    fitted = encoder().fit(texts, labels)
    colour = fitted.transform(texts, aspect="colour")
    assert colour.shape == (32, 32)
    assert colour.dtype == np.float32
    assert fitted.classes_ == {"colour": ("blue", "red"), "animal": ("cat", "dog")}
    assert np.abs(colour - fitted.transform(texts, aspect="animal")).max() > 0.01
    assert list(fitted.get_feature_names_out()[:2]) == ["maskedencoder0", "maskedencoder1"]
    assert fitted.transform([], aspect="colour").shape == (0, 32)
    check_is_fitted(fitted)


@pytest.mark.usefixtures("in_float32")
@pytest.mark.parametrize("kind", ["weights", "units"])
def test_a_strength_walks_back_to_the_frozen_encoder_and_stays_nowhere(kind, texts, labels) -> None:
    fitted = encoder(kind=kind, aspect="colour").fit(texts, labels)
    learned = fitted.transform(texts)
    frozen = mean_vectors(fitted.method_.backbone, texts, SETTINGS["max_tokens"])
    none, half, whole = (fitted.transform(texts, strength=t) for t in (0, 0.5, 1))
    np.testing.assert_allclose(none, frozen, atol=1e-5)
    assert 1e-3 < np.abs(half - frozen).max() < np.abs(learned - frozen).max()
    np.testing.assert_array_equal(whole, learned)
    fitted.transform(texts, strength=0.25)
    np.testing.assert_array_equal(fitted.transform(texts), learned)
    with pytest.raises(UserError, match=r"strength is 1\.5; give a number"):
        fitted.transform(texts, strength=1.5)


def test_texts_and_labels_come_in_any_container(texts, labels) -> None:
    plain = encoder(aspect="colour").fit(texts, labels).transform(texts)
    frame = pd.DataFrame({"text": texts, **labels})
    again = encoder(aspect="colour").fit(frame["text"], frame[["colour", "animal"]])
    np.testing.assert_array_equal(again.transform(frame["text"]), plain)
    arrays = encoder(aspect="colour").fit(
        np.array(texts), labels["colour"], labels={"animal": np.array(labels["animal"])}
    )
    np.testing.assert_array_equal(arrays.transform(np.array(texts, dtype=object)), plain)


def test_the_report_says_what_leaks_and_what_is_kept(toy_rows) -> None:
    """Of masks that nothing has closed: they are the encoder itself."""
    rows = toy_rows(12)
    texts = list(rows.texts)
    told = {a.name: [a.classes[code] for code in rows.labels[a.name]] for a in rows.aspects}
    fitted = encoder(aspect="colour", settings={**SETTINGS, "steps": 0}).fit(texts, told)
    found = fitted.report(texts, told["colour"], labels={"animal": np.array(told["animal"])})
    assert found.reading("colour", "colour").role == "target"
    assert found.reading("colour", "animal", "linear").role == "leakage"
    assert {each.name for each in found.representations} == set(told)
    assert min(each.kept.neighbours.mean for each in found.representations) > 0.9
    assert found.warnings == ()
    assert len(found.verdicts) == 4
    with pytest.raises(UserError, match="no labels of animal"):
        fitted.report(texts, {"colour": told["colour"]})
    with pytest.raises(UnknownNameError, match="colr"):
        fitted.report(texts, {**told, "colr": told["colour"]})
    with pytest.raises(UserError, match="a label of 'animal' is missing"):
        fitted.report(texts, {**told, "animal": [nan, *told["animal"][1:]]})
    with pytest.raises(NotFittedError):
        encoder().report(texts, told)


def test_within_a_pipeline(texts, labels) -> None:
    pipeline = make_pipeline(encoder(aspect="colour"), LogisticRegression(max_iter=500))
    others = {"animal": labels["animal"]}
    pipeline.fit(texts, labels["colour"], maskedencoder__labels=others)
    assert pipeline.score(texts, labels["colour"]) > 0.5
    assert pipeline.named_steps["maskedencoder"].get_params()["aspect"] == "colour"


def test_masks_from_triplets_without_labels(texts) -> None:
    given = [(a, b, c) for a, b, c in zip(texts[::3], texts[1::3], texts[2::3], strict=False)]
    fitted = encoder(kind="units").fit_triplets(given, ("meaning", "form"))
    assert fitted.transform(texts, aspect="meaning").shape == (32, 32)
    with pytest.raises(UnknownNameError):
        fitted.transform(texts, aspect="first")
    with pytest.raises(UserError, match="triplet 1 has 2 texts"):
        encoder().fit_triplets([("a", "b", "c"), ("a", "b")])


@pytest.mark.parametrize(("kind", "method"), KINDS.items())
def test_settings_that_are_not_named_are_the_methods_own(
    kind, method, texts, labels, monkeypatch
) -> None:
    monkeypatch.setattr("harness.contract.learner.tuned_settings", lambda: {method.name: TUNED})
    of_labels = encoder(kind=kind).fit(texts, labels).method_.settings
    assert of_labels == method.Settings(**SETTINGS, **TUNED)
    of_triplets = encoder(kind=kind).fit_triplets([tuple(texts[:3])]).method_.settings
    assert of_triplets == method.Settings(**{**method.kind_settings["triplets"], **SETTINGS})
    assert of_labels.mask_rate != of_triplets.mask_rate


@pytest.mark.parametrize("kind", ["weights", "units"])
def test_saved_and_loaded_encoders_are_equal(kind, texts, labels, tmp_path) -> None:
    fitted = encoder(kind=kind).fit(texts, labels)
    fitted.save_pretrained(tmp_path / "masks")
    loaded = MaskedEncoder.from_pretrained(tmp_path / "masks", aspect="animal")
    np.testing.assert_array_equal(loaded.transform(texts), fitted.transform(texts, aspect="animal"))
    assert loaded.kind == kind
    assert clone(loaded).get_params()["settings"]["steps"] == 4


def test_an_exported_encoder_needs_nothing_of_this_project(texts, labels, tmp_path) -> None:
    fitted = encoder(aspect="colour").fit(texts, labels)
    fitted.export("colour", tmp_path)
    model, tokenizer = AutoModel.from_pretrained(tmp_path), AutoTokenizer.from_pretrained(tmp_path)
    batch = tokenizer(texts[:1], return_tensors="pt", truncation=True, max_length=24)
    pooled = model(**batch).last_hidden_state.mean(1).detach().numpy()
    np.testing.assert_allclose(fitted.transform(texts[:1]), pooled, atol=0.05)


def test_the_wrong_backbone_is_refused(texts, labels, tmp_path) -> None:
    encoder().fit(texts, labels).save_pretrained(tmp_path / "masks")
    fitted = encoder(aspect="colour").fit(texts, labels)
    fitted.export("colour", tmp_path / "other")
    with pytest.raises(UserError, match="was learned on the backbone 'random-bert'"):
        MaskedEncoder.from_pretrained(tmp_path / "masks", backbone=str(tmp_path / "other"))
    with pytest.raises(UserError, match="no artifact that this version reads"):
        MaskedEncoder.from_pretrained(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"y": {"colour": "same"}}, "two or more are needed, not 1"),
        ({"X": "one text"}, "not one text"),
        ({"X": []}, "no text to learn from"),
        ({"X": ["a", "", "c", "d"]}, "text 1 is ''"),
        ({"X": ["a", None, "c", "d"]}, "text 1 is None"),
        ({"X": np.array([["a", "b"]])}, "not an array of shape"),
        ({"y": {"a": [0, 1], "b": [0, 1, 0, 1]}}, "'a' has shape (2,) for 4 texts"),
        ({"y": {"a": [0, 0, 1, None], "b": [0, 1, 0, 1]}}, "'a' has no value for text 3"),
        ({"y": {"a": ["x", nan, "y", "y"], "b": [0, 1, 0, 1]}}, "'a' has no value for text 1"),
        ({"y": {"a": [1, 1, 1, 1], "b": [0, 1, 0, 1]}}, "'a' has one class only"),
        ({"y": {"a": [0, 0, 1, 1], "b": [0, 0, 1, 1]}}, "nothing can tell them apart"),
        ({"y": [0, 0, 1, 1]}, "name the aspect that its labels belong to"),
        ({"groups": [1, 2]}, "groups has shape (2,)"),
        ({"groups": ["g", "h", nan, "i"]}, "groups has no value for text 2"),
    ],
)
def test_bad_input_is_said_in_words(change, said) -> None:
    good = {"X": ["a", "b", "c", "d"], "y": {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1]}}
    call = {**good, **change}
    if call["y"] == {"colour": "same"}:
        call["y"] = {"colour": [0, 1, 0, 1]}
    with pytest.raises(UserError) as caught:
        encoder().fit(call.pop("X"), call.pop("y"), **call)
    assert said in str(caught.value)


def test_unknown_names_are_guessed(texts, labels) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'units'"):
        encoder(kind="unit").fit(texts, labels)
    with pytest.raises(UnknownNameError, match="did you mean 'steps'"):
        encoder(settings={"step": 3}).fit(texts, labels)
    with pytest.raises(UserError, match="name an aspect, one of 'colour', 'animal'"):
        encoder().fit(texts, labels).transform(texts)
    with pytest.raises(UserError, match=r"valid_share is 0\.7; it must be from 0 to \.5"):
        encoder(valid_share=0.7).fit(texts, labels)


def test_groups_stay_on_one_side(texts, labels, monkeypatch) -> None:
    seen = {}
    original = MaskedEncoder._fit_source

    def spy(self, method, source, parts):
        seen["parts"] = parts
        return original(self, method, source, parts)

    monkeypatch.setattr(MaskedEncoder, "_fit_source", spy)
    groups = [f"film {i // 2}" for i in range(len(texts))]
    encoder(valid_share=0.25).fit(texts, labels, groups=groups)
    parts = seen["parts"]
    assert parts.valid is not None
    assert not {*parts.train.groups.tolist()} & {*parts.valid.groups.tolist()}
    assert len(parts.train) + len(parts.valid) == len(texts)


CHECKS = (
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_mixin_order",
)
"""Those of scikit-learn's checks that ask nothing of the input."""

OTHERS = {
    "input of numbers: texts are not arrays of numbers": (
        "check_fit1d",
        "check_fit2d_1feature",
        "check_fit2d_1sample",
        "check_dtype_object",
        "check_complex_data",
        "check_estimators_nan_inf",
        "check_estimators_dtypes",
        "check_estimators_empty_data_messages",
        "check_estimator_sparse_tag",
        "check_estimator_sparse_array",
        "check_estimator_sparse_matrix",
        "check_f_contiguous_array_estimator",
        "check_readonly_memmap_input",
        "check_n_features_in",
        "check_n_features_in_after_fitting",
        "check_positive_only_tag_during_fit",
        "check_pipeline_consistency",
        "check_fit_score_takes_y",
        "check_estimators_overwrite_params",
        "check_fit_check_is_fitted",
        "check_requires_y_none",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_transformer_preserve_dtypes",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_dict_unchanged",
        "check_fit_idempotent",
        "check_estimators_fit_returns_self",
        "check_estimators_unfitted",
        "check_transformers_unfitted",
        "check_dont_overwrite_parameters",
        "check_fit2d_predict1d",
        "check_array_api_input",
        "check_transformer_n_iter",
    ),
    "pickles: nothing here is pickled, save_pretrained and from_pretrained take their place": (
        "check_estimators_pickle",
    ),
}


@pytest.mark.parametrize("name", CHECKS)
def test_scikit_learn_checks_that_apply_to_texts(name: str) -> None:
    getattr(estimator_checks, name)("MaskedEncoder", encoder())


def test_what_the_checks_for_numbers_ask_holds_for_texts(texts, labels) -> None:
    """Returns itself, changes neither input nor parameters, fits again alike, keeps order."""
    fitted = encoder(aspect="colour")
    with pytest.raises(NotFittedError, match="call fit or from_pretrained first"):
        fitted.transform(texts)
    before, parameters = list(texts), dict(fitted.get_params())
    assert fitted.fit(texts, labels) is fitted
    assert texts == before
    assert fitted.get_params() == parameters
    first = fitted.transform(texts)
    state = {k: v for k, v in vars(fitted).items() if not k.endswith("_")}
    assert state == parameters
    np.testing.assert_array_equal(clone(fitted).fit(texts, labels).transform(texts), first)
    scale = np.abs(first).max()
    assert np.abs(fitted.transform(texts[::-1])[::-1] - first).max() < 0.05 * scale
    assert np.abs(fitted.transform(texts[:5]) - first[:5]).max() < 0.05 * scale
    again = encoder(aspect="colour").fit_transform(texts, labels)
    np.testing.assert_array_equal(again, first)
    with pytest.raises(TypeError):
        fitted.fit(texts)
    framed = fitted.set_output(transform="pandas").transform(texts)
    assert list(framed.columns[:2]) == ["maskedencoder0", "maskedencoder1"]


def test_every_check_of_scikit_learn_is_run_or_has_a_reason() -> None:
    listed = {*CHECKS, *(name for names in OTHERS.values() for name in names)}
    yielded = {
        getattr(check, "func", check).__name__
        for check in estimator_checks._yield_all_checks(TakesArrays(), legacy=True)
    }
    assert yielded == listed


class TakesArrays(MaskedEncoder):
    """The same estimator as scikit-learn would see it if it took arrays: it yields every check."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags


class Hub:
    """As much of a model hub as uploads need; what was pushed is kept."""

    refuses = False

    def __init__(self, folder) -> None:
        self.folder = folder
        self.made: list[tuple[str, bool]] = []

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> None:
        assert exist_ok
        if self.refuses:
            raise OSError("401 Unauthorized\nplease sign in")
        self.made.append((repo_id, private))

    def upload_folder(self, *, repo_id: str, folder_path) -> str:
        shutil.copytree(folder_path, self.folder / repo_id)
        return f"https://hub/{repo_id}/commit/1"

    def download(self, name: str, allow_patterns: list[str]) -> str:
        return str(self.folder / name)


@pytest.fixture
def hub(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    found = Hub(tmp_path / "hub")
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: found)
    monkeypatch.setattr("huggingface_hub.snapshot_download", found.download)
    return found


def test_masks_go_to_the_hub_and_come_back(texts, labels, hub: Hub) -> None:
    fitted = encoder().fit(texts, labels)
    address = fitted.push_to_hub("me/masks", private=True)
    assert address == "https://hub/me/masks/commit/1"
    assert hub.made == [("me/masks", True)]
    assert {file.name for file in (hub.folder / "me" / "masks").iterdir()} == {
        "config.json",
        "model.safetensors",
    }
    same = MaskedEncoder.from_pretrained("me/masks", aspect="colour")
    np.testing.assert_array_equal(same.transform(texts), fitted.transform(texts, "colour"))


def test_an_aspects_encoder_goes_to_the_hub_as_it_is_exported(texts, labels, hub: Hub) -> None:
    fitted = encoder().fit(texts, labels)
    fitted.push_to_hub("me/colour", aspect="colour")
    pushed = hub.folder / "me" / "colour"
    assert (pushed / "modules.json").exists()
    card = (pushed / "README.md").read_text(encoding="utf-8")
    assert "keeps *colour* and suppresses:\nanimal." in card
    AutoModel.from_pretrained(pushed)


def test_a_hub_that_refuses_is_one_line(texts, labels, hub: Hub) -> None:
    hub.refuses = True
    with pytest.raises(UserError, match=r"did not take 'me/masks'.*Unauthorized please sign in"):
        encoder().fit(texts, labels).push_to_hub("me/masks")
    with pytest.raises(NotFittedError):
        encoder().push_to_hub("me/masks")
