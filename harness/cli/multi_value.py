"""Options that take several values, as in `--aspects sentiment genre`."""

import click


class ManyValues(click.Command):
    """A command whose repeatable options also take several values after one name.

    `--task movies tweets` reads as `--task movies --task tweets`. The command has no positional
    arguments, so a word that follows a value can only be one more value.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        several = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple
            for name in parameter.opts
        }
        spread: list[str] = []
        name: str | None = None
        for before, word in zip(["", *args], args, strict=False):
            if word.startswith("-") and word != "-":
                name = word if word in several else None
            elif name is not None and before != name:
                spread.append(name)
            spread.append(word)
        return super().parse_args(ctx, spread)
