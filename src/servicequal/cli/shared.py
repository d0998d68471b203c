"""What the commands share: options, and reading what they name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from servicequal.annotation import Annotation, read_annotations
from servicequal.errors import ServicequalError
from servicequal.files.exchange.tools import TOOLS
from servicequal.reference import Reference


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001
    pairs = [value.partition("=") for value in values]
    if wrong := ["".join(pair) for pair in pairs if not pair[0] or not pair[1]]:
        raise click.BadParameter(f"{wrong[0]!r} is no KEY=VALUE; expected one such as company=voltana")
    return {key: value for key, _, value in pairs}


PATH = click.Path(path_type=Path)
inputs_argument = click.argument("inputs", nargs=-1, required=True)
reference_option = click.option("--reference", type=PATH, help="Facts of the companies, JSONL.")
cases_option = click.option("--cases", type=PATH, help="Mystery cases with the facts they need, JSONL.")
contacts_option = click.option(
    "--contacts", multiple=True, required=True, help="The contacts annotated; may be given several times."
)
scheme_option = click.option("--scheme", required=True, type=PATH, help="The rating scheme, JSON.")
tool_option = click.option("--tool", required=True, type=click.Choice(list(TOOLS)), help="The annotation tool.")
set_option = click.option(
    "--set", "attributes", multiple=True, metavar="KEY=VALUE", callback=_pairs,
    help="An attribute for contacts that lack it, such as company=voltana.",
)  # fmt: skip


def annotations_in(paths: Iterable[str | Path]) -> list[Annotation]:
    """Read the annotations of several files or folders."""
    return [annotation for path in paths for annotation in read_annotations(path)]


def load_reference(reference: Path | None, cases: Path | None) -> Reference | None:
    """Read what the options name; None without a reference."""
    if reference is None:
        if cases is not None:
            raise ServicequalError("--cases is given without --reference; a case names facts of a reference: give both")
        return None
    return Reference.load(reference, cases=cases)
