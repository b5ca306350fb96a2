"""From rulings back to outcomes that a caller can act on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.kernel.errors import DomainError
from chassis.kernel.ids import from_int
from chassis.kernel.time import to_rfc3339
from services.payments.ledger.domain import EntryRequest, Leg, Limits, Outcome, Status, floor_of
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import NO_CEILING
from services.payments.ledger.engine.decision import Verdict
from services.payments.ledger.engine.identity import Place
from services.payments.ledger.engine.reading import Entry
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.repositories.numbering import Numbered


def outcomes(
    books: Books, requests: Sequence[EntryRequest], numbered: Numbered, verdict: Verdict
) -> list[Outcome]:
    """The outcomes of the first requests: as many as the verdict ruled on.

    To be called before the segment is applied: the details speak of the balances as
    they were.
    """
    return [
        refused(requests[row].id, numbered.refused[row])
        if row in numbered.refused
        else outcome(books, requests[row], verdict, row)
        for row in range(len(verdict.rulings))
    ]


def described(books: Books, entry: Entry) -> dict[str, Any]:
    """An entry of the log in words and paths."""
    prefix, reference = entry.reference
    return {
        "kind": entry.kind.word,
        "code": books.words.listed[entry.code],
        "reference": from_int(books.words.listed[prefix], reference) if prefix else None,
        "expires_at": _moment(entry.expires_at),
        "effective_at": _moment(entry.effective_at),
        "linked": entry.linked,
        "final": entry.final,
        "limits": None if entry.limits is None else _stored_limits(books, *entry.limits),
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
        return standing(request.id, Status.POSTED, place)
    if ruling is Ruling.EXISTS:
        return standing(request.id, Status.EXISTS, verdict.places[row])
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
    detail = _detail(books, request, ruling)
    short = _short_of(books, request) if ruling is Ruling.FLOOR_BROKEN else None
    return Outcome(
        id=request.id,
        status=Status.REFUSED,
        code=ruling.code,
        detail=detail,
        account=short.account if short else "",
    )


def standing(entry_id: str, status: Status, place: Place) -> Outcome:
    """The outcome of a request whose entry is in the log."""
    return Outcome(id=entry_id, status=status, segment=place.segment, index=place.index)


def refused(entry_id: str, refusal: DomainError) -> Outcome:
    """The outcome of a request that cannot be written into columns."""
    return Outcome(id=entry_id, status=Status.REFUSED, code=refusal.code, detail=str(refusal))


def _detail(books: Books, request: EntryRequest, ruling: Ruling) -> str:
    if ruling is Ruling.FLOOR_BROKEN:
        return _shortfall(books, request)
    if ruling is Ruling.CEILING_BROKEN:
        return _excess(books, request)
    if ruling is Ruling.LIMITS_STALE and request.limits is not None:
        return _version(books, request.limits)
    if ruling is Ruling.PERIOD_CLOSED:
        return f"the open period begins at {_moment(books.closed_until)}"
    return f"{request.kind.word} {request.id}" + (
        f" of {request.pending_id}" if request.pending_id else ""
    )


def _shortfall(books: Books, request: EntryRequest) -> str:
    leg = _short_of(books, request)
    if leg is not None:
        available, floor = _room(books, leg)
        credit = f" and {-floor} of credit" if floor < 0 else ""
        return (
            f"{leg.account} has {available} {leg.currency} available{credit}, {-leg.minor} asked"
        )
    if request.limits is not None:
        return f"{request.limits.account} stands below that floor"
    return "another entry submitted at the same time took the money first"


def _short_of(books: Books, request: EntryRequest) -> Leg | None:
    """The first leg that takes more than there is, as the books stood before the segment."""
    for leg in request.legs:
        available, floor = _room(books, leg)
        if leg.minor < 0 and available + leg.minor < floor:
            return leg
    return None


def _room(books: Books, leg: Leg) -> tuple[int, int]:
    number = books.accounts.numbers.get((leg.account, leg.currency))
    available = books.accounts.balance(leg.account, leg.currency).available
    return available, 0 if number is None else int(books.accounts.floor[number])


def _excess(books: Books, request: EntryRequest) -> str:
    for leg in request.legs:
        number = books.accounts.numbers.get((leg.account, leg.currency), -1)
        if number >= 0 and leg.minor > 0:
            accounts = books.accounts
            there = int(accounts.posted[number] + accounts.promised[number])
            if there + leg.minor > accounts.ceiling[number]:
                return (
                    f"{leg.account} has or is promised {there} {leg.currency} of at most"
                    f" {accounts.ceiling[number]}, {leg.minor} would come in"
                )
    if request.limits is not None:
        return f"{request.limits.account} stands above that ceiling"
    return "another entry submitted at the same time filled the account first"


def _version(books: Books, limits: Limits) -> str:
    number = books.accounts.numbers.get((limits.account, limits.currency))
    version = 0 if number is None else int(books.accounts.version[number])
    return f"{limits.account} has version {version} of its limits, {limits.version} asked"


def _difference(
    books: Books, request: EntryRequest, place: Place, names: Sequence[str]
) -> Mapping[str, Mapping[str, Any]]:
    stored = described(books, books.entry(place))
    asked = {
        "kind": request.kind.word,
        "code": request.code,
        "reference": request.reference,
        "expires_at": to_rfc3339(request.expires_at) if request.expires_at else None,
        "effective_at": to_rfc3339(request.effective_at) if request.effective_at else None,
        "linked": request.linked,
        "final": request.final,
        "limits": None if request.limits is None else _asked_limits(request.limits),
        "pending": request.pending_id,
        "legs": _asked_legs(request),
    }
    return {name: {"stored": stored[name], "asked": asked[name]} for name in names}


def _asked_legs(request: EntryRequest) -> object:
    if request.part is not None:
        return {"part": {"minor": request.part.minor, "currency": request.part.currency}}
    return [_leg(leg.account, leg.currency, leg.minor) for leg in request.legs]


def _asked_limits(limits: Limits) -> dict[str, Any]:
    floor = floor_of(limits.account) if limits.floor is None else limits.floor
    return _limits((limits.account, limits.currency), floor, limits.ceiling, limits.version)


def _stored_limits(
    books: Books, account: int, floor: int, ceiling: int, version: int
) -> dict[str, Any]:
    cap = None if ceiling == NO_CEILING else ceiling
    return _limits(books.accounts.names[account], floor, cap, version)


def _limits(
    account: tuple[str, str], floor: int, ceiling: int | None, version: int
) -> dict[str, Any]:
    bounds = {"floor": floor, "ceiling": ceiling, "version": version}
    return {"account": account[0], "currency": account[1], **bounds}


def _leg(account: str, currency: str, minor: int) -> dict[str, Any]:
    return {"account": account, "minor": minor, "currency": currency}


def _moment(milliseconds: int) -> str | None:
    return to_rfc3339(from_milliseconds(milliseconds)) if milliseconds else None
