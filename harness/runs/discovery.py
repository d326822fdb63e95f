"""Finding methods by reading the files of their packages, without importing them.

A method is a top-level class whose body gives `name` as a literal string, in any file or folder of
`masking` or `baselines`. Its module, and with it torch, is imported when a trial runs.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.discovery import Declared, declared, declared_in, pick
from data.errors import UnknownNameError, UserError
from harness.evaluation import KINDS
from harness.runs.profiles import PROFILES

if TYPE_CHECKING:
    from harness.contract.learner import Learner

PACKAGES = ("masking", "baselines")


def methods(packages: Sequence[str] = PACKAGES) -> dict[str, Declared]:
    """All methods by name, in alphabetic order.

    `packages`: names of top-level packages that can be imported. UserError where a file cannot be
    parsed, or two classes have one name.
    """
    return declared(*(place for package in packages for place in _folders(package)))


def load(name: str, packages: Sequence[str] = PACKAGES) -> type[Learner]:
    """Import the class of a method.

    Raises
    ------
    UnknownNameError : there is no method of that name, or one of its class attributes names a
        profile, kind, variant or setting that does not exist.
    UserError : the class is no subclass of `harness.contract.learner.Learner`, or leaves parts of
        it out.
    """
    chosen = pick("method", name, methods(packages))
    return checked(chosen.load(), chosen.file)


def load_file(path: Path) -> list[type[Learner]]:
    """Import the methods of one file, which may lie outside of all packages.

    UserError where the file cannot be read or imported, has no method, or one of another's name.
    UnknownNameError as `load`.
    """
    place = path.resolve()
    spec = spec_from_file_location(_dotted(place), place) if place.suffix == ".py" else None
    if spec is None or spec.loader is None or not place.is_file():
        raise UserError(f"{path} is no file of Python code; name one that ends in .py")
    found = declared_in(place, spec.name)
    if not found:
        raise UserError(f"no class in {path} gives `name` as a literal string, as methods do")
    known = methods()
    for each in found:
        other = known.get(each.name)
        if other is not None and other.module != spec.name:
            raise UserError(
                f"the name {each.name!r} is that of a method in {other.file}; choose another"
            )
    # What stands beside the file is found by what it imports.
    sys.path.append(str(place.parent))
    module = sys.modules[spec.name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(f"cannot import {path}: {type(error).__name__}: {reason}") from error
    finally:
        sys.path.remove(str(place.parent))
    return [checked(getattr(module, each.class_name), str(path)) for each in found]


def _dotted(place: Path) -> str:
    """The name of a file's module, with those of the packages that it lies in."""
    names = [place.stem]
    for folder in place.parents:
        if not (folder / "__init__.py").is_file():
            break
        names.insert(0, folder.name)
    # Alone it may be called as an installed module is, whose place it must not take.
    return ".".join(names) if len(names) > 1 else f"_{place.stem}"


def checked(loaded: Any, file: str = "") -> type[Learner]:
    """What is called a method, if it is one.

    `file`: where it stands, for messages. UserError or UnknownNameError as `load`.
    """
    from harness.contract.learner import Learner

    file = file or loaded.__module__
    if not (inspect.isclass(loaded) and issubclass(loaded, Learner)):
        raise UserError(
            f"{loaded.__name__} in {file} has a name but is no "
            "subclass of harness.contract.method.Method; derive it"
        )
    if inspect.isabstract(loaded):
        missing = ", ".join(sorted(loaded.__abstractmethods__))
        raise UserError(f"method {loaded.name!r} in {file} lacks {missing}; add them")
    _check_names(loaded, file)
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
