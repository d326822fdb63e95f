"""The command line, one command a function.

Only what help and listings need is imported here; everything heavy waits for its command.
"""

import click

from harness.cli.auditing import audit
from harness.cli.checking import check
from harness.cli.errors import TRACEBACK, Suite
from harness.cli.exporting import export
from harness.cli.preparing import download, tune
from harness.cli.reproducing import reproduce
from harness.cli.running import plan, run
from harness.cli.showing import compare, list_names, report, tables


@click.group(cls=Suite, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """How cleanly can the aspects of a text be separated, by which method, at what cost?

    Start with `python -m harness reproduce`: it needs no data and no network.
    """


COMMANDS = (
    *(list_names, plan, run, reproduce, tables, report, compare, tune, download),
    *(audit, check, export),
)

for command in COMMANDS:
    command.params.append(TRACEBACK)
    main.add_command(command)
