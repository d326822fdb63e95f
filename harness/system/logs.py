"""Structured logging: an event, its fields as key=value for people and as JSON for machines."""

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import UserError

LOGGER = logging.getLogger("harness")


def event(message: str, **fields: Any) -> None:
    """Log what happened, and with what."""
    LOGGER.info(message, extra={"fields": fields})


def warn(message: str, **fields: Any) -> None:
    """Log what somebody should look at, and with what."""
    LOGGER.warning(message, extra={"fields": fields})


class KeyValueFormatter(logging.Formatter):
    """One line: time, level where it is not info, message, key=value pairs."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        pairs = "".join(f" {name}={_shown(value)}" for name, value in _fields(record).items())
        return f"{time} {level}{record.getMessage()}{pairs}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **_fields(record),
        }
        return json.dumps(line, default=str)


class BarAwareHandler(logging.Handler):
    """Writes on stderr around progress bars instead of through them."""

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        try:
            tqdm.write(self.format(record), file=sys.stderr)
        except Exception:
            # Such as a full disk behind stderr: no trial fails for what is said of it.
            self.handleError(record)


def set_up(*, level: int = logging.INFO, log_file: Path | None = None) -> None:
    """Send events to stderr and, as JSON lines, to a file; UserError where it cannot be written."""
    for handler in LOGGER.handlers[:]:
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    console = BarAwareHandler(level)
    console.setFormatter(KeyValueFormatter())
    LOGGER.addHandler(console)
    if log_file is not None:
        try:
            stored = logging.FileHandler(log_file, encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"cannot write the log file {log_file}: {error.strerror}; choose another path"
            ) from error
        stored.setFormatter(JsonFormatter())
        LOGGER.addHandler(stored)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    return fields


def _shown(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return json.dumps(text) if not text or any(c in text for c in ' "=\n') else text
