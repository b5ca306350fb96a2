"""HTTP: balances, entries, the trial balance, the log itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Response, request

from chassis.auth import Principal, principal
from chassis.permissions import Permission
from chassis.web import Blueprint, accepts, internal, keyless, needs, untransacted
from services.payments.ledger.domain import Outcome
from services.payments.ledger.queries import EntryNotFound, LedgerQueries
from services.payments.ledger.schemas import (
    AccountQuerySchema,
    AccountSchema,
    BulkQuerySchema,
    EntriesBodySchema,
    EntrySchema,
    ExplanationSchema,
    OutcomesSchema,
    TrialBalanceSchema,
    written_rounds,
)
from services.payments.ledger.use_cases import AccountHidden, BulkLedger, Ledger, book_lines

NDJSON = "application/x-ndjson"
MAX_BULK_BYTES = 16 << 20

Owner = Callable[[str], str | None]
"""The organisation that an account belongs to, by its path; None for nobody's."""


def owner_by_path(path: str) -> str | None:
    """The organisation in the path itself: ``org:org_...:available``."""
    kind, _, rest = path.partition(":")
    return rest.partition(":")[0] or None if kind == "org" else None


def ledger_blueprint(books: LedgerQueries, owner: Owner = owner_by_path) -> Blueprint:
    """Routes that read the books.

    An organisation reads its own accounts and the entries that touch them, the platform
    reads all.
    """
    blueprint = Blueprint("ledger", __name__, url_prefix="/v1", description="The books")

    @blueprint.get("/accounts/<path>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(AccountQuerySchema, location="query")
    @blueprint.response(200, AccountSchema)
    def get_account(query: dict[str, Any], path: str) -> dict[str, Any]:
        """Give the balances of an account: those of now, or of times that are over.

        ``booked_at`` asks for what was booked by then, ``effective_at`` for what takes
        effect by then, whenever it was booked; both for what was known of it at a time.
        """
        check_owner(principal(), owner(path), path)
        effective_at, booked_at = query["effective_at"], query["booked_at"]
        if effective_at:
            return books.account_effective(path, effective_at, booked_at)
        return books.account_booked(path, booked_at) if booked_at else books.account(path)

    @blueprint.get("/entries/<entry_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, EntrySchema)
    def get_entry(entry_id: str) -> dict[str, Any]:
        """Give an entry with its legs."""
        return visible(books.entry(entry_id), principal(), owner)

    @blueprint.get("/entries/<entry_id>/explanation")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ExplanationSchema)
    def explain_entry(entry_id: str) -> dict[str, Any]:
        """Give an entry with the reason of its amounts."""
        return visible(books.explanation(entry_id), principal(), owner)

    @blueprint.get("/trial-balance")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, TrialBalanceSchema)
    def get_trial_balance() -> dict[str, Any]:
        """Give the sum of all balances for each currency: zero, if the books are right."""
        return books.trial_balance()

    @blueprint.get("/ledger/export")
    @needs(Permission.PAYMENTS_BOOKS_READ)
    @blueprint.response(200, content_type=NDJSON)
    def export_ledger() -> Response:
        """Give the whole log for ``teahouse ledger verify``, one segment a line."""
        return Response(books.export(), content_type=NDJSON)

    return blueprint


def entries_blueprint(ledger: Ledger, here: Ledger) -> Blueprint:
    """The route by which other payments processes book; ``here`` books in this one."""
    blueprint = Blueprint("ledger-entries", __name__, description="For payments itself only")

    @blueprint.post("/internal/ledger/entries")
    @internal
    @keyless
    @untransacted
    @blueprint.arguments(EntriesBodySchema)
    @blueprint.response(200, OutcomesSchema)
    def submit_entries(body: dict[str, Any]) -> dict[str, list[Outcome]]:
        """Book entries; each id once, however often it comes."""
        chosen = here if body["final"] else ledger
        return {"outcomes": chosen.submit(body["entries"])}

    return blueprint


def bulk_blueprint(ledger: BulkLedger) -> Blueprint:
    """The route that takes many entries at once."""
    blueprint = Blueprint("bulk", __name__, url_prefix="/v1", description="Many entries at once")

    @blueprint.post("/entries/bulk")
    @needs(Permission.PAYMENTS_ENTRY_BOOK)
    @accepts(NDJSON, limit_bytes=MAX_BULK_BYTES)
    @keyless
    @untransacted
    @blueprint.arguments(BulkQuerySchema, location="query")
    @blueprint.response(200, content_type=NDJSON)
    def book_bulk(query: dict[str, Any]) -> Response:
        """Book entries, one a line; each id once, however often it comes.

        Each line stands or falls alone, and has a line in the answer: its id, ``posted`` or
        ``refused``, its place in the log or its code and detail. The last line tells how many
        were answered; ``resume`` is a token to send with the same body when they are not all,
        else null. A body with a line that is linked to the next is refused as a whole.
        """
        answer = book_lines(ledger, request.get_data(), query["resume"])
        end = {"lines": answer.lines, "answered": answer.answered, "resume": answer.resume}
        told = b"".join((*written_rounds(answer.rounds), json.dumps(end).encode(), b"\n"))
        return Response(told, content_type=NDJSON)

    return blueprint


def check_owner(caller: Principal, owner: str | None, path: str) -> None:
    """Raise ``AccountHidden`` unless the account is the caller's or the caller the platform's."""
    if not caller.is_platform and (owner is None or owner != caller.organization_id):
        raise AccountHidden(f"{path} is not yours")


def visible(entry: dict[str, Any], caller: Principal, owner: Owner) -> dict[str, Any]:
    """The entry, if the caller has part in it; else it is not there.

    Of others' legs it tells what they moved and not the balance they led to: that is what the
    others have. The platform is told all. Raises ``EntryNotFound``.
    """
    if caller.is_platform:
        return entry
    own = [owner(leg["account"]) == caller.organization_id for leg in entry["legs"]]
    if not caller.organization_id or not any(own):
        raise EntryNotFound(f"no entry {entry['id']}")
    legs = [
        leg if is_own else {name: told for name, told in leg.items() if name != "balance"}
        for leg, is_own in zip(entry["legs"], own, strict=True)
    ]
    return entry | {"legs": legs}
