"""The ``Imports`` port in memory, and the steps of an import that tests begin with."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import Conflict
from services.catalog.imports.domain import ImportNotFound, ImportState
from services.catalog.imports.engine.table import MIMETYPES
from services.catalog.imports.use_cases import (
    ConfirmImport,
    KeepFile,
    TakeFile,
    check_next_file,
    confirm_import,
    keep_file,
    publish_next_chunk,
    take_file,
)
from tests.unit.catalog.fakes import BRAND, NOW, FakeLots, an_id

MIMETYPE_OF = {form: name for name, form in reversed(MIMETYPES.items())}


class FakeImports:
    """``Imports`` in dicts."""

    def __init__(self) -> None:
        self.by_id = {}
        self.files = {}
        self.loose = {}
        self.chunks = {}
        self.bad = {}
        self.changes = {}

    def get(self, import_id):
        if import_id not in self.by_id:
            raise ImportNotFound(f"no import {import_id}")
        return self.by_id[import_id]

    def next_unchecked(self):
        return self._first(ImportState.CHECKING, lambda batch: batch.begun_at)

    def next_confirmed(self):
        return self._first(ImportState.CONFIRMED, lambda batch: batch.id)

    def file(self, import_id):
        return BytesIO(self.files[import_id])

    def chunk(self, import_id, number):
        return self.chunks[import_id][number]

    def keep(self, import_id, body, *, at):
        self.files[import_id], self.loose[import_id] = body, at

    def add(self, batch):
        if batch.id not in self.files:
            raise Conflict(f"the file of {batch.id} was swept away meanwhile")
        del self.loose[batch.id]
        return self.begin(Decision(batch))

    def sweep(self, before):
        for import_id in [key for key, since in self.loose.items() if since <= before][:1]:
            del self.loose[import_id], self.files[import_id]
            return 1
        return 0

    def begin(self, decision):
        batch = decision.state
        self.chunks[batch.id], self.bad[batch.id], self.changes[batch.id] = [], [], []
        return self.save(decision)

    def note(self, decision, found):
        batch = decision.state
        if found.wanted:
            self.chunks[batch.id].append(found.wanted)
        self.changes[batch.id] += found.changed
        return self.save(decision, found.bad)

    def save(self, decision, bad=()):
        batch = decision.state
        known = self.by_id.get(batch.id, batch)
        if known.revision.version != batch.revision.version:
            raise Conflict(f"{batch.id} moved on")
        self.bad[batch.id] += bad
        self.by_id[batch.id] = replace(batch, revision=batch.revision.after(0))
        return self.by_id[batch.id]

    def _first(self, state, order):
        found = [one for one in self.by_id.values() if one.state is state]
        return min(found, key=order, default=None)


def take(imports, body, mimetype="text/csv", now=NOW):
    body = body.encode() if isinstance(body, str) else body
    sent = KeepFile(body=body, mimetype=mimetype)
    kept = keep_file(sent, imports=imports, ids=an_id, now=now)
    return take_file(TakeFile(brand_id=BRAND, file=kept), imports=imports, now=now)


def check(imports, body, *, lots=None, now=NOW, most_lines=20_000, mimetype="text/csv"):
    """Take a file in and have it checked; answer the import as it is then."""
    batch = take(imports, body, mimetype, now)
    known = FakeLots() if lots is None else lots
    check_next_file(imports=imports, lots=known, clock=lambda: now, most_lines=most_lines)
    return imports.get(batch.id)


def confirm(imports, batch, brand_id=BRAND, now=NOW):
    command = ConfirmImport(import_id=batch.id, brand_id=brand_id)
    return confirm_import(command, imports=imports, now=now)


def publish(imports, lots, now=NOW):
    return publish_next_chunk(imports=imports, lots=lots, ids=an_id, now=now)
