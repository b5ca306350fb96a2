"""What a command needs to talk to services it did not start."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis import mongo
from chassis.settings import Settings
from teahouse import programs
from teahouse.ports import Ports
from teahouse.run_file import RunFile
from teahouse.service_secrets import load_secrets


def settings_of(services: Iterable[str], var: Path) -> dict[str, Settings]:
    """The settings of services: those of the suite that runs in ``var``, else the environment's.

    Commands act in a service's own name with them. Raises ``SettingsError`` for an
    environment that is not right.
    """
    running = RunFile(var.absolute()).running()
    if not running:
        return {service: Settings.from_env(service) for service in services}
    env = programs.environment(Ports(running["port_base"]), load_secrets(var.absolute()))
    env |= running["environment"]
    return {service: Settings.from_env(service, env) for service in services}


def operator() -> str:
    """Who acts, as it is kept beside what was done."""
    return f"operator:{getpass.getuser()}"


@contextmanager
def database_of(service: str, var: Path) -> Iterator[None]:
    """Work on a service's own database, which holds its outbox and what it set aside."""
    mongo.connect(settings_of([service], var)[service].mongo_uri)
    try:
        yield
    finally:
        mongo.disconnect()
