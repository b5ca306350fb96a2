"""The ledger in dictionaries: floors, holds, chains and reversals, for tests in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from services.payments.ledger.domain import (
    ChainRefused,
    EntryRequest,
    ExceedsOriginal,
    FloorBroken,
    HoldResolved,
    IdConflict,
    Kind,
    OriginalNotFound,
    Outcome,
    Status,
    floor_of,
)


class FakeLedger:
    """``Ledger`` in dictionaries: floors, holds, and each id once."""

    def __init__(self, balances: dict[str, int] | None = None) -> None:
        self.balances: Counter[str] = Counter(balances or {})
        self.held: Counter[str] = Counter()
        self.entries: dict[str, EntryRequest] = {}
        self.open_holds: dict[str, EntryRequest] = {}

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        linked: list[EntryRequest] = []
        for request in requests:
            linked.append(request)
            if not request.linked:
                outcomes += self._together(linked)
                linked = []
        assert not linked
        return outcomes

    def _together(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """What is linked stands all together or not at all."""
        before = [copy(each) for each in (self.balances, self.held, self.entries, self.open_holds)]
        outcomes = [self._submit(request) for request in requests]
        if len(requests) == 1 or all(outcome.stands for outcome in outcomes):
            return outcomes
        self.balances, self.held, self.entries, self.open_holds = before
        return [
            replace(outcome, status=Status.REFUSED, code=ChainRefused.code)
            if outcome.stands
            else outcome
            for outcome in outcomes
        ]

    def _submit(self, request: EntryRequest) -> Outcome:
        request = self._in_full(request)
        if request.id in self.entries:
            if (request.legs, request.code) == self._said(request.id):
                return Outcome(id=request.id, status=Status.EXISTS)
            return self._conflict(request)
        code = self._refusal(request)
        if code:
            short = self._short_of(request) if code == FloorBroken.code else ""
            return Outcome(id=request.id, status=Status.REFUSED, code=code, account=short)
        self.entries[request.id] = request
        self._apply(request)
        return Outcome(id=request.id, status=Status.POSTED)

    def _said(self, entry_id: str) -> tuple[Any, str]:
        return self.entries[entry_id].legs, self.entries[entry_id].code

    def _in_full(self, request: EntryRequest) -> EntryRequest:
        """A reversal with the legs that it takes back: those it names, or all of them."""
        original = self.entries.get(request.pending_id or "")
        if request.kind is not Kind.REVERSE or original is None or request.legs:
            return request
        return replace(request, legs=tuple(replace(x, minor=-x.minor) for x in original.legs))

    def _refusal(self, request: EntryRequest) -> str:
        if request.kind is Kind.REVERSE and request.pending_id not in self.entries:
            return OriginalNotFound.code
        if request.kind is Kind.REVERSE and self._exceeds(request):
            return ExceedsOriginal.code
        if request.kind is not Kind.REVERSE and request.pending_id is not None:
            return "" if request.pending_id in self.open_holds else HoldResolved.code
        assert sum(leg.minor for leg in request.legs) == 0
        return FloorBroken.code if self._short_of(request) else ""

    def _exceeds(self, request: EntryRequest) -> bool:
        """Whether any leg of the original would be taken back beyond what it moved."""
        original = self.entries[request.pending_id or ""]
        before = [each for each in self.entries.values() if each.pending_id == original.id]
        for place, leg in enumerate(original.legs):
            taken = sum(each.legs[place].minor for each in (*before, request))
            assert request.legs[place].account == leg.account
            if taken * leg.minor > 0 or abs(taken) > abs(leg.minor):
                return True
        return False

    def _short_of(self, request: EntryRequest) -> str:
        net: Counter[str] = Counter()
        for leg in request.legs:
            net[leg.account] += leg.minor
        broken = (
            account
            for account, change in net.items()
            if change < 0
            and self.balances[account] - self.held[account] + change < floor_of(account)
        )
        return next(broken, "")

    def _conflict(self, request: EntryRequest) -> Outcome:
        """The id is taken: by an entry of which code and kind are told where they differ."""
        stored = self.entries[request.id]
        told = {
            "code": (stored.code, request.code),
            "kind": (stored.kind.word, request.kind.word),
        }
        return Outcome(
            id=request.id,
            status=Status.REFUSED,
            code=IdConflict.code,
            difference={
                name: {"stored": was, "asked": asked}
                for name, (was, asked) in told.items()
                if was != asked
            },
        )

    def _apply(self, request: EntryRequest) -> None:
        if request.kind is Kind.HOLD:
            self.open_holds[request.id] = request
            for leg in request.legs:
                self.held[leg.account] += max(0, -leg.minor)
            return
        legs = request.legs
        if request.kind is not Kind.REVERSE and request.pending_id is not None:
            held = self.open_holds.pop(request.pending_id)
            for leg in held.legs:
                self.held[leg.account] -= max(0, -leg.minor)
            legs = held.legs if request.kind is Kind.POST else ()
        for leg in legs:
            self.balances[leg.account] += leg.minor
