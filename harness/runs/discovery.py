"""Finding methods by reading the files of their packages, without importing them.

A method is a top-level class whose body gives `name` as a literal string, in any file or folder of
`masking` or `baselines`. Its module, and with it torch, is imported when a trial runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from data.discovery import Declared, declared, pick
from data.errors import UnknownNameError, UserError
from harness.evaluation import KINDS
from harness.runs.profiles import PROFILES

if TYPE_CHECKING:
    from harness.contract.learner import Learner

PACKAGES = ("masking", "baselines")


def methods(packages: Sequence[str] = PACKAGES) -> dict[str, Declared]:
    """All methods by name, in alphabetic order.

    Parameters
    ----------
    packages : names of top-level packages that can be imported.

    Raises
    ------
    UserError : a file cannot be parsed, or two classes have one name.
    """
    found: dict[str, Declared] = {}
    for package in packages:
        for folder, dotted in _folders(package):
            for name, method in declared(folder, dotted).items():
                if name in found:
                    raise UserError(
                        f"two methods have the name {name!r}: {_file(found[name])} and "
                        f"{_file(method)}; rename one"
                    )
                found[name] = method
    return dict(sorted(found.items()))


def load(name: str, packages: Sequence[str] = PACKAGES) -> type[Learner]:
    """Import the class of a method.

    Raises
    ------
    UnknownNameError : there is no method of that name, or one of its class attributes names a
        profile, kind, variant or setting that does not exist.
    UserError : the class is no subclass of `harness.contract.learner.Learner`, or leaves parts of
        it out.
    """
    from harness.contract.learner import Learner

    chosen = pick("method", name, methods(packages))
    loaded = chosen.load()
    if not (inspect.isclass(loaded) and issubclass(loaded, Learner)):
        raise UserError(
            f"{chosen.class_name} in {_file(chosen)} has a name but is no "
            "subclass of harness.contract.method.Method; derive it"
        )
    if inspect.isabstract(loaded):
        missing = ", ".join(sorted(loaded.__abstractmethods__))
        raise UserError(f"method {name!r} in {_file(chosen)} lacks {missing}; add them")
    _check_names(loaded, _file(chosen))
    return loaded


def _check_names(method: type[Learner], file: str) -> None:
    """Refuse what the class attributes call by a name that nothing has."""
    settings = [field.name for field in fields(method.Settings)]
    variants = ("default", *method.variants)
    profiles = [profile.name for profile in PROFILES]

    def check(what: str, where: str, names: Iterable[str], known: Iterable[str]) -> None:
        for name in names:
            if name not in known:
                raise UnknownNameError(f"{what} in {where} of {method.name} ({file})", name, known)

    check("kind", "kinds", method.kinds, KINDS)
    check("profile", "profiles", method.profiles, profiles)
    check("kind", "kind_settings", method.kind_settings, KINDS)
    check("kind", "studies", method.studies, KINDS)
    check("variant", "main_variants", method.main_variants, variants)
    check("setting", "search", method.search, settings)
    for study in method.studies.values():
        check("variant", "studies", study, variants)
    for where in ("profiles", "variants", "kind_settings"):
        for changes in getattr(method, where).values():
            check("setting", where, changes, settings)


def _folders(package: str) -> Iterator[tuple[Path, str]]:
    """The package's folder and all folders below it that are packages, with dotted names."""
    spec = find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(location)
        inner = (file.parent for file in sorted(root.rglob("__init__.py")))
        for folder in dict.fromkeys([root, *inner]):
            yield folder, ".".join((package, *folder.relative_to(root).parts))


def _file(method: Declared) -> str:
    return method.module.replace(".", "/") + ".py"
