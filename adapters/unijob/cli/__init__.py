"""The command line: `unijob`."""

from __future__ import annotations

import click

from unijob.cli.lazy import LazyGroup, debug_option
from unijob.cli.texts import EXIT_CODES

# A command's name: where it is, and its short help, so that `unijob --help` imports none of them.
COMMANDS = {
    "call": ("unijob.cli.call:call", "Call any operation that a provider documents."),
    "cancel": ("unijob.cli.act:cancel", "Ask that a job be cancelled."),
    "config": ("unijob.cli.config:config", "Show the settings, and where each comes from."),
    "delete": ("unijob.cli.act:delete", "Delete a job, or a schedule."),
    "drift": ("unijob.cli.drift:drift", "Show what a running proxy has seen that its contracts do not know."),
    "get": ("unijob.cli.get:get", "Show a job, or a schedule."),
    "kinds": ("unijob.cli.kinds:kinds", "List the kinds of jobs and schedules, and what each can do."),
    "list": ("unijob.cli.listing:jobs", "List jobs of a kind."),
    "parse": ("unijob.cli.parse:parse", "Read an upstream's answer, and print the Job as JSON."),
    "pause": ("unijob.cli.act:pause", "Ask that a job halt until it is resumed."),
    "pieces": ("unijob.cli.pieces:pieces", "List what belongs to a job: its files, its events."),
    "proxy": ("unijob.cli.proxy:proxy", "Relay to upstream APIs, and hold all traffic against their contracts."),
    "resume": ("unijob.cli.act:resume", "Let a paused job go on."),
    "retry": ("unijob.cli.act:retry", "Run a job again in place."),
    "sandbox": ("unijob.cli.sandbox:sandbox", "Serve every provider's API, for demonstrations and tests."),
    "schedules": ("unijob.cli.listing:schedules", "List schedules of a kind."),
    "start": ("unijob.cli.start:start", "Start a job, and print its reference."),
    "trigger": ("unijob.cli.act:trigger", "Fire a schedule now, and print the run's reference."),
    "wait": ("unijob.cli.wait:wait", "Wait until jobs have ended."),
    "watch": ("unijob.cli.wait:watch", "Show every change of jobs until they have ended."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="unijob")
@debug_option
def main() -> None:
    """One job client for every AI platform's long-running jobs."""
