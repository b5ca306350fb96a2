"""Databases for tests: new, connected to, and gone at the end whatever went wrong."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from mongoengine import Document

from chassis import mongo
from chassis.embedded.mongod import Mongod


@contextmanager
def empty_database(server: Mongod, documents: Sequence[type[Document]]) -> Iterator[str]:
    """The URI of a new database that this process is connected to, indexes made.

    A server that died is started again: its death fails one test, not all that follow.
    """
    if not server.process.is_alive():
        code, tail = server.process.exit_code, server.process.tail()
        logging.getLogger(__name__).error("mongod had ended with %s:\n%s", code, tail)
        server.start()
    uri = server.uri(f"test_{uuid.uuid4().hex}")
    try:
        mongo.connect(uri)
        mongo.ensure_indexes(documents)
        yield uri
        mongo.client().drop_database(mongo.database().name)
    finally:
        mongo.disconnect()
