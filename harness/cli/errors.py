"""Errors of the command line: one line each, where they arose on request."""

import traceback
from typing import Any

import click

from data.errors import UserError

INTERRUPTED = 130


class Suite(click.Group):
    """Turns every error into one line on stderr and a non-zero exit; its help shows whole lines."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _summary(command)) for name, command in sorted(self.commands.items())]
            )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            _complain(ctx, str(error), 1)
        except KeyboardInterrupt as error:
            _complain(ctx, str(error) or "interrupted", INTERRUPTED)
        except click.ClickException as error:
            _complain(ctx, error.format_message(), error.exit_code)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            said = " ".join(str(error).split())
            _complain(ctx, f"{type(error).__name__}: {said} (a fault; --traceback shows where)", 1)


def _summary(command: click.Command) -> str:
    """The first line of a command's help, which click would cut."""
    return (command.help or "").partition("\n")[0]


def _complain(ctx: click.Context, message: str, status: int) -> None:
    if ctx.meta.get("traceback"):
        traceback.print_exc()
    click.echo(f"error: {' '.join(message.split())}", err=True)
    ctx.exit(status)


def _remember_traceback(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta["traceback"] = value


TRACEBACK = click.Option(
    ["--traceback"],
    is_flag=True,
    expose_value=False,
    callback=_remember_traceback,
    help="Show where an error arose.",
)
"""The option that every command has."""
