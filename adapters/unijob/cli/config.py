"""`unijob config`."""

from __future__ import annotations

import click

from unijob.cli import options


@click.group()
def config() -> None:
    """Show the settings, and where each comes from.

    A flag wins over the environment, the environment over the file, `~/.config/unijob/config.toml` (or what
    UNIJOB_CONFIG names). The file holds profiles, each with accounts, as in

    \b
        profile = "work"             # --profile and UNIJOB_PROFILE win
        [profiles.work.mka1]         # as in mka1:eval_run/...
        key = "..."
        base_url = "https://gateway.example"
        [profiles.work."mka1@prod"]  # as in mka1@prod:eval_run/...
        key = "..."

    An account may set key, base_url, revision, on_behalf_of, ca_file, proxy and verify. Accounts with a name are set
    in the file only.
    """  # noqa: D301  click wants the character itself, before what stays as it is


@config.command()
@options.settings_options
def show() -> None:
    """Show every setting in force, and where it comes from. Keys are masked."""
    from unijob.cli.output import show_json, show_table  # noqa: PLC0415  `--help` does without
    from unijob.registry import provider_names  # noqa: PLC0415

    settings = options.settings()
    found = [setting for account in settings.names(provider_names()) for setting in settings.of(account)]
    if options.as_json():
        show_json(
            {
                "file": str(settings.file),
                "file_exists": settings.has_file,
                "profile": {"value": settings.profile, "from": settings.profile_origin},
                "settings": [
                    {"account": one.account, "name": one.name, "value": one.shown, "from": one.origin} for one in found
                ],
            }
        )
        return
    click.echo(f"profile: {settings.profile} ({settings.profile_origin})")
    click.echo(f"file: {settings.file}{'' if settings.has_file else ' (there is none)'}\n")
    show_table(("setting", "from", "value"), [_row(one.account, one.name, one.shown, one.origin) for one in found])


def _row(account: str, name: str, value: str | bool | None, origin: str) -> tuple[str, str, str]:  # noqa: FBT001
    shown = "" if value is None else str(value).lower() if isinstance(value, bool) else value
    return f"{account}.{name}", origin, shown
