"""Settings that take one of a few words."""

from typing import Any, Literal, get_args, get_origin, get_type_hints

from data.errors import UserError


def check_choices(settings: Any) -> None:
    """Refuse a word that a field does not know with a UserError.

    `settings`: a dataclass; its fields of the type `Literal` say which words they know.
    """
    for name, kind in get_type_hints(type(settings)).items():
        value, known = getattr(settings, name), get_args(kind)
        if get_origin(kind) is Literal and value not in known:
            raise UserError(f"{name} {value!r} is unknown; use one of {', '.join(known)}")
