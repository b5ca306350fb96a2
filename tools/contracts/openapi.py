"""OpenAPI documents, error codes and who may call what, asked of each service by itself."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask

from chassis.settings import Settings
from chassis.web.blueprints import mark
from tools.contracts.catalogue import ROOT


def asked(service: str) -> dict[str, Any]:
    """What ``describe`` answers of one service.

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
    """A service's OpenAPI document, error codes with their status, and who may call each route.

    It needs no database: the service is built, not run.
    """
    for found in pkgutil.walk_packages(
        importlib.import_module(f"services.{service}").__path__, f"services.{service}."
    ):
        importlib.import_module(found.name)
    problems = importlib.import_module("chassis.web.problems")
    app = importlib.import_module(f"services.{service}.app").create_app(settings_of(service))
    return {
        "openapi": app.api.spec.to_dict(),
        "codes": {code: said["status"] for code, said in problems.catalogue().items()},
        "callers": dict(sorted(callers_of(app))),
    }


def callers_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Each route with the permission it needs, or who else may call it."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if mark(view, "internal"):
            who = "any process inside" if mark(view, "public") else "other services"
        elif mark(view, "public") or mark(view, "operation") is None:
            who = "anybody"
        else:
            who = mark(view, "permission") or "any user"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}", str(who)


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
