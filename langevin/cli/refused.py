"""Every error that may end a command, as an error of the package: what, allowed, remedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from click import exceptions

from langevin.errors import LangevinError, NumericalError, UsageError


def refusal_of(error: Exception | SystemExit) -> LangevinError | None:
    """The error as an error of the package; None for a fault of langevin, which keeps its traceback."""
    if isinstance(error, LangevinError):
        error.remedy = error.remedy or "see `langevin --help`"
        return error
    if isinstance(error, click.ClickException):
        return _of_click(error)
    if isinstance(error, MemoryError):
        return NumericalError("not enough memory", remedy="run fewer walkers or record fewer frames")
    from langevin.arguments.own_failure import own_failure, system_failure

    if sentence := own_failure(error):
        return UsageError(sentence, "code of your own must run", "correct it there")
    if isinstance(error, ArithmeticError):
        return NumericalError(
            f"a number leaves the range of floats ({error})",
            remedy="give numbers nearer to 1 than to 1e308 or 1e-308",
        )
    return system_failure(error) if isinstance(error, OSError) else None


def check_text(arguments: Sequence[str]) -> None:
    """Refuse a text that is no UTF-8: no file, report or message could contain it.

    Raises:
        UsageError: such a text.
    """
    for text in arguments:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UsageError(
                f"{text.encode(errors='surrogateescape')!r} is no UTF-8",
                "what is typed must be UTF-8",
                "rename the file, or give another text",
            ) from None


def _of_click(error: click.ClickException) -> UsageError:
    """An error of click, which contains the option and its type."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "langevin"
    message = error.message if isinstance(error, exceptions.NoSuchOption) else error.format_message()
    message = " ".join(message.split()).rstrip(".")
    return UsageError(message, _allowed(error), f"see `{command} --help`")


def _allowed(error: click.ClickException) -> str:
    """The allowed values, from the kind of the error or the type of the option."""
    kind = getattr(getattr(error, "param", None), "type", None)
    words: dict[type, Callable[[], str]] = {
        exceptions.NoSuchOption: lambda: f"it must be one of {', '.join(_options(error))}",
        exceptions.NoSuchCommand: lambda: "it must be one of those that `langevin --help` lists",
        exceptions.MissingParameter: lambda: "it must be given",
        exceptions.BadOptionUsage: lambda: "it must be as `--help` shows it, with a value or without",
    }
    if type(error) in words:
        return words[type(error)]()
    if isinstance(kind, click.Choice):
        return f"it must be one of {', '.join(map(str, kind.choices))}"
    if kind is not None:
        return f"it must be {getattr(kind, 'allowed', f'a {kind.name}')}"
    context = getattr(error, "ctx", None)
    return (
        f"the form is {' '.join(context.command.collect_usage_pieces(context))}"
        if context
        else "see `--help`"
    )


def _options(error: click.ClickException) -> list[str]:
    """Options that look like the one that was typed, or all of the command."""
    context = getattr(error, "ctx", None)
    known = [name for param in context.command.params for name in param.opts[:1]] if context else []
    return list(getattr(error, "possibilities", None) or known)
