"""OpenAPI 3.1 documents and error codes, asked of each service in a process of its own."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from typing import Any

from chassis.settings import Settings
from tools.contracts.catalogue import ROOT


def asked(service: str) -> dict[str, Any]:
    """``{"openapi": ..., "codes": {code: status}}`` of one service; it needs no database.

    A process each: the services are separate programs, each with one database connection.
    """
    command = [sys.executable, "-m", "tools.contracts.openapi", service]
    done = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{service} could not describe itself:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def describe(service: str) -> dict[str, Any]:
    """What ``asked`` answers, in this process."""
    for found in pkgutil.walk_packages(
        importlib.import_module(f"services.{service}").__path__, f"services.{service}."
    ):
        importlib.import_module(found.name)
    problems = importlib.import_module("chassis.web.problems")
    app = importlib.import_module(f"services.{service}.app").create_app(settings_of(service))
    return {
        "openapi": app.api.spec.to_dict(),
        "codes": {code: said["status"] for code, said in problems.catalogue().items()},
    }


def settings_of(service: str) -> Settings:
    """Settings with which the service can be built, though not run."""
    module = importlib.import_module(f"services.{service}.settings")
    own = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Settings)
        and kind.__module__ == module.__name__
    ]
    return (own or [Settings])[0].from_env(service, {"TEAHOUSE_SANDBOX": "1"})


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1])))
