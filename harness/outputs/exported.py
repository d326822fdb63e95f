"""From a trial, or from what a method saved, to a folder that other libraries load."""

from pathlib import Path

from data.errors import UnknownNameError, UserError
from harness.analysis.metrics import Condition, MethodVariant
from harness.analysis.profile_scores import ProfileScores
from harness.contract.artifacts import described, writing
from harness.contract.learner import Learner
from harness.contract.method import Method
from harness.outputs.report import cards
from harness.outputs.report.sources import command
from harness.runs import discovery
from harness.runs.progress_bars import shown
from harness.runs.trial_inputs import PreparedTrial, TrialInputs
from harness.store.trial import Trial


def export_trial(
    trial: Trial, trial_inputs: TrialInputs, aspect: str, folder: Path, results: Path
) -> None:
    """Fit a trial's method as the trial does, and write one aspect's encoder.

    The `folder` is made where it is missing; the trial's record, of which the model card tells, is
    looked for in `results`. UserError where the method is no encoder, or does not learn the task or
    the aspect, and as a draw, a backbone or the folder are refused.
    """
    from harness.runs.fitting import fitted

    prepared = trial_inputs.prepare(trial)
    method = _exportable(prepared.method_class(prepared.settings), aspect)
    training = trial_inputs.splits(trial).training
    names = [each.name for each in training.aspects]
    if aspect not in names:
        raise UnknownNameError(f"aspect of {trial.task}", aspect, names)
    if (unsupported := method.supports(training)) is not None:
        raise UserError(f"{trial.method} cannot learn {trial.task}: {unsupported}")
    with writing(folder):
        card = _card(prepared, trial_inputs, aspect, results)
    backbone = trial_inputs.backbone(trial.backbone)
    with shown(f"fit {trial}") as progress:
        learner = fitted(prepared, training, backbone, progress=progress)
    _write(_exportable(learner, aspect), aspect, folder, card)


def export_saved(source: Path, aspect: str, folder: Path, backbone: str | None) -> str:
    """Write one aspect's encoder of a method that was saved in `source`; the method's name.

    The backbone is by default the one that it was learned under. UserError where nothing was saved
    there, the method is no encoder or was not fitted on the aspect, or the backbone is another one.
    """
    from harness.encoders.backbones import resolve

    about = described(source)
    found = resolve(backbone or about.backbone)
    method = _exportable(discovery.load(about.method)(), aspect).load(source, found)
    summary = discovery.methods()[about.method].summary
    measure = "`python -m harness audit` measures the vectors of texts with labels"
    card = _unmeasured(aspect, about.method, summary, found.name, ", as it was saved", measure)
    _write(method, aspect, folder, card)
    return about.method


def _unmeasured(
    aspect: str, method: str, summary: str, backbone: str, where: str, measure: str
) -> str:
    """The card of what no record tells of."""
    return f"""# {aspect}, by {method}

{summary}

The representation of *{aspect}*, on the encoder `{backbone}`{where}.

What it leaks and what it keeps is not stored: {measure}.
"""


def _exportable(method: Learner, aspect: str) -> Method:
    """The method, where it is not known before it is fitted that it is no plain encoder."""
    if not isinstance(method, Method):
        raise UserError(f"{method.name} models texts and represents no aspect; nothing to export")
    if type(method).plain_encoder is Method.plain_encoder:
        method.plain_encoder(aspect)
    return method


def _write(method: Method, aspect: str, folder: Path, card: str) -> None:
    from harness.encoders.exporting import write_encoder

    encoder = method.plain_encoder(aspect)
    with writing(folder):
        write_encoder(encoder, folder, card)


def _card(prepared: PreparedTrial, trial_inputs: TrialInputs, aspect: str, results: Path) -> str:
    """What the stored record of a trial says, or that there is none."""
    trial, profile = prepared.trial, trial_inputs.profile.name
    condition = Condition(trial.task, trial.correlation, trial.backbone)
    method_variant = MethodVariant(trial.method, trial.variant)
    if (results / profile / "scores.csv").exists():
        scores = ProfileScores.read(results, profile).at(condition)
        if prepared.key in {record.key for record in scores.records(method_variant)}:
            text = cards.card(scores, method_variant, profile)
            if text is not None:
                return f"This is the representation of *{aspect}*, of seed {trial.seed}.\n\n{text}"
    corpus = trial_inputs.corpus(trial.task).name
    again = command(profile, condition, trial.method)
    summary = discovery.methods(trial_inputs.packages)[trial.method].summary
    where = f", learned on the task {trial.task} of the corpus {corpus}"
    measure = f"`{again}` measures and stores it, and then this page tells of it"
    return _unmeasured(aspect, trial.method, summary, trial.backbone, where, measure)
