"""What has to exist before a service may start: collections, indexes, topics, first keys."""

from __future__ import annotations

import importlib
import importlib.util
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from mongoengine import Document

from chassis import mongo, topics
from chassis.broker_client import BrokerSilent
from chassis.cluster import Cluster
from chassis.health import mongo_answers
from chassis.settings import Settings

POLL_SECONDS = 0.05
DEFINES_DOCUMENT = re.compile(r"^class \w+\(.*Document\b.*\):", re.MULTILINE)


def prepare_service(service: str) -> list[str]:
    """Make the collections and indexes of one service, and what its ``prepare.py`` makes.

    Settings come from the environment. A second run changes nothing. Answers the names of
    the collections.
    """
    settings = Settings.from_env(service)
    mongo.connect(settings.mongo_uri)
    try:
        names = mongo.ensure_indexes(documents_of("chassis", f"services.{service}"))
        if importlib.util.find_spec(f"services.{service}.prepare"):
            importlib.import_module(f"services.{service}.prepare").prepare()
    finally:
        mongo.disconnect()
    return names


def prepare_topics(service: str, *, within_seconds: float) -> list[str]:
    """Make the topics one service writes to; answer their names.

    Waits for a broker that does not answer yet, then raises ``TimeoutError``. A topic with
    another number of partitions than it must keep raises ``WrongPartitions``.
    """
    deadline = time.monotonic() + within_seconds
    cluster = Cluster(Settings.from_env(service))
    try:
        while True:
            try:
                return sorted(cluster.ensure(topics.produced_by(service), mend=False))
            except BrokerSilent as silence:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"the broker did not answer within {within_seconds:.0f} s: {silence}"
                    ) from silence
                time.sleep(POLL_SECONDS)
    finally:
        cluster.close()


def wait_for_mongo(service: str, *, within_seconds: float) -> None:
    """Return when the database of a service answers; raise ``TimeoutError`` otherwise."""
    deadline = time.monotonic() + within_seconds
    mongo.connect(Settings.from_env(service).mongo_uri)
    try:
        while not mongo_answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"MongoDB did not answer within {within_seconds:.0f} s")
            time.sleep(POLL_SECONDS)
    finally:
        mongo.disconnect()


def documents_of(*packages: str) -> Sequence[type[Document]]:
    """Every stored document that these packages define, in the order of their names."""
    for package in packages:
        _import_all(package)
    inside = tuple(f"{package}." for package in packages)
    found = [kind for kind in _kinds(Document) if kind.__module__.startswith(inside)]
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


def _import_all(package: str) -> None:
    """Import the modules that define documents: the whole package would take seconds."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for source in sorted(Path(folder).rglob("*.py")):
            if DEFINES_DOCUMENT.search(source.read_text(encoding="utf-8")):
                inner = source.relative_to(folder).with_suffix("").parts
                importlib.import_module(".".join((package, *inner)).removesuffix(".__init__"))


def _kinds(kind: type[Document]) -> Iterator[type[Document]]:
    for heir in kind.__subclasses__():
        if not heir._meta.get("abstract"):
            yield heir
        yield from _kinds(heir)
