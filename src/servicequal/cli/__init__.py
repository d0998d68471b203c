"""The command line: parse, call the public function, write. Results to files or stdout, the rest to stderr."""

from __future__ import annotations

from typing import Any

import click

from servicequal import __version__
from servicequal.cli import annotating, insight, reporting, scoring, training, trust
from servicequal.errors import ServicequalError


class _Commands(click.Group):
    """Turns our errors into one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads our output has had enough
            ctx.exit(0)
        except (ServicequalError, OSError) as error:
            click.echo(f"servicequal: {' '.join(str(error).split())}", err=True)
            ctx.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="servicequal")
def main() -> None:
    """How good is the service, really? Rates calls, chats and e-mails, with evidence."""


for _command in (
    scoring.score, scoring.convert, scoring.inspect, scoring.demo,
    training.train, training.certify, training.evaluate,
    trust.select, trust.drift, trust.bridge, trust.diff,
    reporting.report, reporting.factsheet, reporting.reveal,
    insight.benchmark, insight.trend, insight.drivers, insight.mystery, insight.demand, insight.coach,
    insight.plan,
    annotating.agreement, annotating.check, annotating.export, annotating.import_,
):  # fmt: skip
    main.add_command(_command)
