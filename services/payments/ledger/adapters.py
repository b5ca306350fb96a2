"""The books of another process, and the way to whichever process decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from chassis.client import PeerUnavailable, ServiceClient
from chassis.kernel.errors import DomainError
from chassis.kernel.time import to_rfc3339
from chassis.mongo import in_transaction
from services.payments.ledger.domain import (
    EntryRequest,
    LedgerUnavailable,
    Outcome,
    Round,
    Status,
    check_chains,
)
from services.payments.ledger.repositories.answers import refused
from services.payments.ledger.repositories.lines import by_schema, check_unlinked, id_in
from services.payments.ledger.use_cases import BulkLedger, Leader, Lease, Ledger

PATH = "/internal/ledger/entries"
MAX_A_CALL = 500
OK = 200


class RemoteLedger:
    """The ``Ledger`` port over HTTP, to the internal port of a payments process.

    ``final`` asks that process to book itself and not to pass the entries on.
    """

    def __init__(
        self, client: ServiceClient, *, base: str | None = None, final: bool = False
    ) -> None:
        self._client = client
        self._base = base
        self._final = final

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """See ``Ledger.submit``; raises ``RuntimeError`` inside a transaction."""
        if in_transaction():
            raise RuntimeError("entries are submitted outside transactions")
        check_chains(requests)
        outcomes: list[Outcome] = []
        while len(outcomes) < len(requests):
            start, end = len(outcomes), min(len(outcomes) + MAX_A_CALL, len(requests))
            while requests[end - 1].linked:
                end -= 1
            outcomes += self._call(requests[start:end])
        return outcomes

    def _call(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        body = {"entries": [to_json(request) for request in requests], "final": self._final}
        try:
            answer = self._client.send("POST", PATH, base=self._base, json=body)
        except (PeerUnavailable, ConnectionError) as away:
            raise LedgerUnavailable(str(away)) from away
        if answer.status_code != OK:
            raise LedgerUnavailable(f"{answer.status_code}: {answer.text[:300]}")
        return [to_outcome(found) for found in answer.json()["outcomes"]]


class BooksHere(Ledger, BulkLedger, Protocol):
    """The books of this process."""


class LeasedLedger:
    """The ``Ledger`` and ``BulkLedger`` ports of a process that may decide.

    It books here if it leads, else at the leader.
    """

    def __init__(self, here: BooksHere, lease: Lease, remote: Callable[[str], Ledger]) -> None:
        self._here = here
        self._lease = lease
        self._remote = remote
        self._leaders: dict[str, Ledger] = {}

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """See ``Ledger.submit``."""
        leader = self._lease.leader()
        if leader.is_here:
            return self._here.submit(requests)
        try:
            return self._at(leader).submit(requests)
        except LedgerUnavailable:
            # It may be dying with its lease still running. Booking here is safe: the log
            # takes one segment for each place, whoever wrote it.
            return self._here.submit(requests)

    def submit_lines(self, lines: Sequence[bytes]) -> list[Round]:
        """See ``BulkLedger.submit_lines``; at full speed only where the leader is."""
        leader = self._lease.leader()
        if leader.is_here:
            return self._here.submit_lines(lines)
        return by_requests(self, lines)

    def _at(self, leader: Leader) -> Ledger:
        if leader.url not in self._leaders:
            self._leaders[leader.url] = self._remote(leader.url)
        return self._leaders[leader.url]


def by_requests(ledger: Ledger, lines: Sequence[bytes]) -> list[Round]:
    """Book lines by a ledger that takes requests: the slow way to the same outcomes."""
    check_unlinked(lines)
    requests: list[EntryRequest] = []
    told: dict[int, Outcome] = {}
    for position, line in enumerate(lines):
        try:
            requests.append(by_schema(line))
        except DomainError as refusal:
            told[position] = refused(id_in(line), refusal)
    outcomes = iter(ledger.submit(requests))
    others = {at: told.get(at) or next(outcomes) for at in range(len(lines))}
    ids = [outcome.id for outcome in others.values()]
    whole = Round(
        start=0, stop=len(lines), ids=ids, indexes=[0] * len(lines), segment=None, others=others
    )
    return [whole] if lines else []


def to_json(request: EntryRequest) -> dict[str, Any]:
    """The request as the other side's schema reads it."""
    return {
        "id": request.id,
        "kind": request.kind.word,
        "code": request.code,
        "legs": [asdict(leg) for leg in request.legs],
        "reason": request.reason,
        "pending_id": request.pending_id,
        "reference": request.reference,
        "expires_at": to_rfc3339(request.expires_at) if request.expires_at else None,
        "effective_at": to_rfc3339(request.effective_at) if request.effective_at else None,
        "linked": request.linked,
        "final": request.final,
        "part": asdict(request.part) if request.part else None,
        "limits": asdict(request.limits) if request.limits else None,
    }


def to_outcome(found: Mapping[str, Any]) -> Outcome:
    """The outcome as the other side's schema wrote it."""
    return Outcome(
        id=found["id"],
        status=Status(found["status"]),
        code=found["code"],
        detail=found["detail"],
        segment=found["segment"],
        index=found["index"],
        difference=found["difference"],
        account=found.get("account", ""),
    )
