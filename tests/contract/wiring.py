"""The services as they are wired, built but not running."""

from __future__ import annotations

import importlib
from dataclasses import replace

from chassis import mongo
from chassis.web import ServiceApp
from chassis.worker import Worker
from tools.contracts.openapi import settings_of


def worker_of(service: str, mongo_uri: str | None = None) -> Worker:
    """One service's worker; without a URI it is for looking at only."""
    settings = settings_of(service)
    if mongo_uri is not None:
        settings = replace(settings, mongo_uri=mongo_uri)
    try:
        return importlib.import_module(f"services.{service}.app").create_worker(settings)
    finally:
        if mongo_uri is None:
            mongo.disconnect()


def app_of(service: str) -> ServiceApp:
    """One service's web app, for requests that are refused before any database is asked."""
    try:
        return importlib.import_module(f"services.{service}.app").create_app(settings_of(service))
    finally:
        mongo.disconnect()
