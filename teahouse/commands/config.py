"""``teahouse config``: which variables the services read, and whether they are right."""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass, fields
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.settings import SERVICES, Settings, SettingsError
from teahouse.speech import Exit, Json, console, emit

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="What the services read from the environment."
)

READABLE = frozenset({"str", "int", "float", "bool"})
SECRET_WORDS = ("secret", "password", "mongo_uri")
Service = Annotated[
    list[str] | None, typer.Option("--service", help="Only this service; may be repeated.")
]


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting of one service: its variables, its value, and where that comes from."""

    service: str
    name: str
    variables: tuple[str, ...]
    value: str
    is_set: bool


@app.command()
def check(*, only: Service = None, as_json: Json = False) -> None:
    """List every setting with its value, and name every variable that is wrong.

    Reads the environment as a service does when it starts, so it tells beforehand why one
    would not. Values that hold secrets are shown as ***. Any variable may be given as a
    file instead: CATALOG_MONGO_URI_FILE=/run/secrets/uri.
    """
    knobs: list[Knob] = []
    wrong: dict[str, str] = {}
    for service in only or SERVICES:
        try:
            knobs += _knobs(settings_class(service).from_env(service))
        except SettingsError as error:
            wrong[service] = str(error)
    if as_json:
        emit({"ok": not wrong, "wrong": wrong, "settings": [_as_dict(knob) for knob in knobs]})
    else:
        _show(knobs, wrong)
    raise typer.Exit(Exit.WRONG if wrong else Exit.OK)


def settings_class(service: str) -> type[Settings]:
    """The settings a service has of its own, or those that every service has."""
    name = f"services.{service}.settings"
    if importlib.util.find_spec(name) is None:
        return Settings
    module = importlib.import_module(name)
    own = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Settings) and kind.__module__ == name
    ]
    return own[0] if own else Settings


def _knobs(settings: Settings) -> list[Knob]:
    found = []
    for knob in fields(settings):
        if str(knob.type) not in READABLE or knob.name == "service":
            continue
        prefixes = ["TEAHOUSE"] if knob.metadata.get("shared") else []
        variables = tuple(
            f"{prefix}_{knob.name}".upper() for prefix in (settings.service, *prefixes)
        )
        is_set = any(name in os.environ or f"{name}_FILE" in os.environ for name in variables)
        value = str(getattr(settings, knob.name))
        is_secret = is_set and any(word in knob.name for word in SECRET_WORDS)
        if value and (is_secret or not knob.repr):  # one secret may stand in for another
            value = "***"
        found.append(Knob(settings.service, knob.name, variables, value, is_set))
    return found


def _as_dict(knob: Knob) -> dict[str, Any]:
    return {name: getattr(knob, name) for name in Knob.__slots__}


def _show(knobs: list[Knob], wrong: dict[str, str]) -> None:
    table = Table("service", box=None)
    for column in ("variable", "value"):
        table.add_column(column, overflow="fold")
    table.add_column("from")
    for knob in knobs:
        origin = "environment" if knob.is_set else "default"
        table.add_row(knob.service, knob.variables[-1], knob.value, origin)
    console.print(table)
    for service, what in wrong.items():
        console.print(f"[bold red]{service}:[/] {what}")
