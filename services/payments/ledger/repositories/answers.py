"""From rulings back to outcomes that a caller can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import from_int
from chassis.kernel.time import to_rfc3339
from services.payments.ledger.domain import EntryRequest, Outcome, Status
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.decision import Verdict
from services.payments.ledger.engine.identity import Place
from services.payments.ledger.engine.reading import Entry, entry_at
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.repositories.numbering import Numbered


def outcomes(
    books: Books, requests: Sequence[EntryRequest], numbered: Numbered, verdict: Verdict
) -> list[Outcome]:
    """The outcomes of the first requests: as many as the verdict ruled on.

    To be called before the segment is applied: the details speak of the balances as
    they were.
    """
    ruled = len(verdict.rulings)
    whole = ruled == len(numbered.positions)
    upto = len(requests) if whole else numbered.positions[ruled]
    answers = {
        position: refused(requests[position].id, refusal)
        for position, refusal in numbered.refused.items()
        if position < upto
    }
    for row, position in enumerate(numbered.positions[:ruled]):
        answers[position] = outcome(books, requests[position], verdict, row)
    return [answers[position] for position in range(upto)]


def described(books: Books, entry: Entry) -> dict[str, Any]:
    """An entry of the log in words and paths."""
    prefix, reference = entry.reference
    return {
        "kind": entry.kind.word,
        "code": books.words.listed[entry.code],
        "reference": from_int(books.words.listed[prefix], reference) if prefix else None,
        "expires_at": _moment(entry.expires_at),
        "pending": from_int("ent", entry.pending) if entry.pending is not None else None,
        "legs": [
            _leg(*books.accounts.names[account], amount)
            for account, amount in zip(entry.accounts, entry.amounts, strict=True)
        ],
    }


def outcome(books: Books, request: EntryRequest, verdict: Verdict, row: int) -> Outcome:
    """The outcome of the request that the verdict ruled on in this row, as ``outcomes``."""
    ruling = Ruling(int(verdict.rulings[row]))
    if ruling is Ruling.ACCEPTED and verdict.segment is not None:
        place = Place(verdict.segment.sequence, int(verdict.indexes[row]))
        return _standing(request, Status.POSTED, place)
    if ruling is Ruling.EXISTS:
        return _standing(request, Status.EXISTS, verdict.places[row])
    if ruling is Ruling.ID_CONFLICT:
        place = verdict.places[row]
        return Outcome(
            id=request.id,
            status=Status.REFUSED,
            code=ruling.code,
            detail=f"{request.id} is taken; it differs in {', '.join(verdict.conflicts[row])}",
            segment=place.segment,
            index=place.index,
            difference=_difference(books, request, place, verdict.conflicts[row]),
        )
    detail = _shortfall(books, request) if ruling is Ruling.FLOOR_BROKEN else _about(request)
    return Outcome(id=request.id, status=Status.REFUSED, code=ruling.code, detail=detail)


def _standing(request: EntryRequest, status: Status, place: Place) -> Outcome:
    return Outcome(id=request.id, status=status, segment=place.segment, index=place.index)


def refused(entry_id: str, refusal: DomainError) -> Outcome:
    """The outcome of a request that cannot be written into columns."""
    return Outcome(id=entry_id, status=Status.REFUSED, code=refusal.code, detail=str(refusal))


def _about(request: EntryRequest) -> str:
    return f"{request.kind.word} {request.id}" + (
        f" of {request.pending_id}" if request.pending_id else ""
    )


def _shortfall(books: Books, request: EntryRequest) -> str:
    for leg in request.legs:
        available = books.accounts.balance(leg.account, leg.currency).available
        if leg.minor < 0 and available + leg.minor < 0:
            return f"{leg.account} has {available} {leg.currency} available, {-leg.minor} asked"
    return "another entry submitted at the same time took the money first"


def _difference(
    books: Books, request: EntryRequest, place: Place, names: Sequence[str]
) -> Mapping[str, Mapping[str, Any]]:
    stored = described(books, entry_at(books.read(place.segment).entries, place.index))
    asked = {
        "kind": request.kind.word,
        "code": request.code,
        "reference": request.reference,
        "expires_at": to_rfc3339(request.expires_at) if request.expires_at else None,
        "pending": request.pending_id,
        "legs": [_leg(leg.account, leg.currency, leg.minor) for leg in request.legs],
    }
    return {name: {"stored": stored[name], "asked": asked[name]} for name in names}


def _leg(account: str, currency: str, minor: int) -> dict[str, Any]:
    return {"account": account, "minor": minor, "currency": currency}


def _moment(milliseconds: int) -> str | None:
    return to_rfc3339(from_milliseconds(milliseconds)) if milliseconds else None
