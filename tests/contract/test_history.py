"""Whose history is kept: of every aggregate but for those that are records themselves."""

from __future__ import annotations

import pytest

from chassis.mongo import AggregateDocument
from chassis.settings import SERVICES
from teahouse.prepare import documents_of

# A session tells when it began, was used and ended, and why; a key ring when each key came
# and went. Both are made of secrets, of which there is to be no copy. A sealed day of the
# ledger is never changed once it is signed.
RECORDS_THEMSELVES = {"sessions", "key_rings", "ledger_days"}


@pytest.fixture(params=SERVICES)
def aggregates(request):
    return [
        kind
        for kind in documents_of(f"services.{request.param}")
        if issubclass(kind, AggregateDocument)
    ]


class TestHistory:
    def test_is_kept_of_every_aggregate(self, aggregates):
        without = {kind._get_collection_name() for kind in aggregates if "owner" not in kind._meta}

        assert without <= RECORDS_THEMSELVES

    def test_belongs_to_a_field_or_to_the_platform(self, aggregates):
        owners = [(kind, kind._meta.get("owner")) for kind in aggregates]

        assert [kind for kind, owner in owners if owner and owner not in kind._fields] == []

    def test_leaves_out_only_fields_that_there_are(self, aggregates):
        for kind in aggregates:
            named = {*kind._meta.get("volatile", ()), *kind._meta.get("hidden", ())}

            assert named <= set(kind._fields), kind

    def test_holds_no_secret_and_nothing_personal(self, aggregates):
        secret = {"password_hash", "email", "keys", "head", "previous"}
        for kind in aggregates:
            kept = set(kind._fields) - set(kind._meta.get("hidden", ()))

            assert "owner" not in kind._meta or not kept & secret, kind
