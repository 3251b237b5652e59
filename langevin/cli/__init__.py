"""The command `langevin`: parse, call, print. Each command has one file, which is imported only when it is named."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

import click

import langevin
from langevin import stopping
from langevin.cli.begun import BEGUN, Begun
from langevin.cli.plugins import plugins_option
from langevin.cli.refused import check_text, refusal_of

# Set before NumPy is imported: its linear algebra would keep a thread spinning on every processor for vectors
# as short as 10 000, which makes sparse solves five times slower as soon as one processor is busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "simulate": "Simulate a toy landscape and compare it with theory.",
    "rate": "Estimate a small escape rate by splitting.",
    "train": "Train a network by SGLD and record it like a toy run.",
    "measure": "Measure the networks of a training on their stored weights.",
    "sweep": "Make many runs from a plan file.",
    "plot": "Draw a run file, or a sweep.",
    "config": "Print the settings of a run file as a plan file.",
    "compare": "Measure a run file again and compare it with theory.",
    "run": "Run a sim, a script that tests claims of a paper.",
    "score": "Score theories of the delay between memorising and generalising.",
    "gallery": "Write results/README.md from the answers of the sims.",
    "plan": "Compute how many walkers can distinguish two theories.",
    "check": "Check a landscape's gradient, Jacobian and contracts.",
    "list": "List landscapes, laws of motion, theories, networks and sims.",
    "export": "Write a run file as netCDF, CSV or NumPy.",
    "info": "Show the content and the origin of a run file.",
}


class LazyGroup(click.Group):
    """A group with a list of the names of its commands. It imports a command when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"langevin.cli.{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_" if cmd_name == "list" else cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, after a check of the text of each argument."""
        check_text(args)
        ctx.meta[BEGUN] = Begun(tuple(args), datetime.now(UTC))
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run under `guarded`."""
        run = super().main
        guarded(lambda: run(*args, **{**options, "standalone_mode": False}))


def guarded(run: Callable[[], Any]) -> NoReturn:
    """Run a command. Langevin's errors and errors of user-defined code become a sentence and an exit code."""
    warnings.showwarning = _show_warning
    with stopping.listening():
        try:
            result = run()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt, stopping.Terminated):
            sys.exit(stopping.print_stopped())
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(0)
        except (Exception, SystemExit) as error:  # user-defined code may call sys.exit
            if stopping.code():  # a library has turned the exception of the signal into another one
                sys.exit(stopping.print_stopped())
            refusal = refusal_of(error)
            if refusal is None:
                raise
            _fail(str(refusal), refusal.exit_code)
    sys.exit(result if isinstance(result, int) else 0)


def _show_warning(message: Warning | str, *details: Any, **more: Any) -> None:
    click.echo(f"Warning: {message}", err=True)


def _fail(message: str, code: int) -> NoReturn:
    shown = "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in message)
    click.echo(f"Error: {shown}", err=True)  # names in it may come from a file
    sys.exit(code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(langevin.__version__, prog_name="langevin")
@plugins_option
def main() -> None:
    """Langevin diffusion on zero-loss manifolds: simulate, measure, compare with theory.

    \b
    Examples:
      langevin simulate --manifold cube --samples 0:8 --plot cube.png
      langevin simulate --potential double-well --temperature 0.2
      langevin train models.digits
      langevin compare digits.h5

    Exit codes: 0 done, 2 usage, 3 numerical failure, 4 bad input file, 5 output, 130 Ctrl-C,
    143 SIGTERM.
    """  # noqa: D301
