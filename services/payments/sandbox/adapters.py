"""The sandbox as a ``Provider``, and how its messages come to us."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import requests

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from chassis.kernel.time import Clock, from_rfc3339, to_rfc3339
from services.payments.providers.adapters import heard
from services.payments.providers.domain import (
    OPERATION_ID,
    Capabilities,
    Chargeback,
    Collect,
    DisputeNotice,
    Finish,
    Notification,
    NotificationMalformed,
    Order,
    Part,
    PayOut,
    Refund,
    RegisterParty,
    Result,
    Retry,
    ReturnSplit,
    SettlementLine,
    Split,
    Status,
    failed,
    not_received,
)
from services.payments.sandbox.domain import (
    TERMS,
    Entry,
    fault_of_order,
    lines_of,
    script_of,
)
from services.payments.sandbox.domain.faults import refusal
from services.payments.sandbox.engine import ID, check, sign
from services.payments.sandbox.use_cases import Docket, Notice, Vault

NAME = "sandbox"
LONGEST_TAIL = timedelta(days=3)  # how long after its call an operation can still change
TIMEOUT_SECONDS = 3.0
OK = 200


class SandboxProvider:
    """The ``Provider`` port over a vault of its own; a call takes a few milliseconds."""

    name = NAME
    webhook_answer = ("text/plain", "ok")

    def __init__(self, vault: Vault, clock: Clock, terms: Capabilities = TERMS) -> None:
        self._vault = vault
        self._clock = clock
        self._terms = terms
        self._secret = b""

    def capabilities(self) -> Capabilities:
        """Terms as strict as those of real providers."""
        return self._terms

    def register_party(self, operation_id: str, order: RegisterParty) -> Result:
        """Know an account."""
        return self._take(operation_id, order)

    def collect(self, operation_id: str, order: Collect) -> Result:
        """Take a buyer's money."""
        return self._take(operation_id, order)

    def split(self, operation_id: str, order: Split) -> Result:
        """Share out; ACCEPTED, and done seconds later."""
        return self._take(operation_id, order, order.collection.id)

    def finish(self, operation_id: str, order: Finish) -> Result:
        """Free the rest."""
        return self._take(operation_id, order, order.collection.id)

    def return_split(self, operation_id: str, order: ReturnSplit) -> Result:
        """Take a share back."""
        return self._take(operation_id, order)

    def refund(self, operation_id: str, order: Refund) -> Result:
        """Give a buyer money back."""
        return self._take(operation_id, order, order.collection.id)

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Send money out; ACCEPTED, and done seconds later."""
        return self._take(operation_id, order)

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """How it stands by the sandbox's clock."""
        del order, reference
        entry = self._vault.find(operation_id)
        return not_received() if entry is None else entry.asked(self._clock())

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """The bill of a day in the provider's calendar."""
        start = datetime.combine(day, datetime.min.time(), self._clock().tzinfo)
        for entry in self._vault.since(start - LONGEST_TAIL):
            yield from lines_of(entry, day)

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Notification | DisputeNotice | None:
        """Check the signature and read the message."""
        self._secret = self._secret or self._vault.secret()
        secret = self._secret
        return heard(
            lambda: check([secret], headers, body, now=now),
            lambda: read_notice(headers[ID], body),
        )

    def _take(self, operation_id: str, order: Order, collection_id: str = "") -> Result:
        """Do it once; the same id again is answered by how the operation stands."""
        known = self._vault.find(operation_id)
        if known is not None:
            return _again(known, order, self._clock())
        script = script_of(order, self._vault.strike(order))
        earlier = self._vault.of_collection(collection_id) if collection_id else []
        code = fault_of_order(order, self._terms, earlier, self._known(order))
        if code and script.beats:
            script = refusal(code, Retry.CHANGED)
        if not script.beats:
            return script.answer
        now = self._clock()
        entry = Entry(operation_id, order, now, script.beats, script.is_forgotten)
        notices = [
            Notice(
                derived_id("msg", operation_id, str(place), str(n)),
                operation_id,
                place,
                now + after,
            )
            for n, (after, place) in enumerate(script.notices)
        ]
        stored = self._vault.add(entry, notices)
        return script.answer if stored == entry else _again(stored, order, now)

    def _known(self, order: Order) -> set[str]:
        match order:
            case Split():
                return self._vault.registered([each.receiver.account for each in order.shares])
            case PayOut():
                return self._vault.registered([order.receiver.account])
            case _:
                return set()


def _again(entry: Entry, order: Order, now: datetime) -> Result:
    if entry.order != order:
        return failed("id-used-for-another-order")
    return entry.standing(now)


class SandboxCourt:
    """The ``Court`` port over the sandbox's docket."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket

    def read_dispute(self, reference: str) -> Chargeback | None:
        """How a dispute stands now."""
        case = self._docket.find(reference)
        return None if case is None else case.told()

    def submit_evidence(self, reference: str, text: str, *, key: str) -> None:
        """Take the evidence in; the first counts."""
        del key
        case = self._docket.find(reference)
        if case is not None:
            self._docket.save(case.argue(text))


class HttpPost:
    """The ``Post`` port: sends messages, signed, to our own door as a provider would."""

    def __init__(self, vault: Vault, url: str, clock: Clock) -> None:
        self._vault = vault
        self._url = url
        self._clock = clock

    def send(self, notice: Notice, entry: Entry | None) -> bool:
        """Deliver one message; answer whether it was taken in."""
        body = body_of(notice, entry)
        headers = sign(self._vault.secret(), notice.id, body, at=self._clock())
        headers["Content-Type"] = "application/json"
        try:
            answer = requests.post(self._url, data=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException:
            return False
        return answer.status_code == OK


def body_of(notice: Notice, entry: Entry | None) -> bytes:
    """What a message says: how an operation stood, or which dispute to ask about."""
    if entry is not None:
        return write_notice(entry, notice.beat)
    return json.dumps({"dispute": notice.operation_id}).encode()


def write_notice(entry: Entry, place: int) -> bytes:
    """What the sandbox says of one beat of an operation."""
    beat = entry.beats[place]
    result, amount = beat.result, beat.result.amount
    said = {
        "operation_id": entry.id,
        "reference": entry.reference,
        "status": result.status.value,
        "code": result.code,
        "retry": result.retry.value,
        "amount": amount and {"minor": amount.minor, "currency": amount.currency},
        "parts": [
            {"party_id": p.party_id, "minor": p.minor, "status": p.status.value, "code": p.code}
            for p in result.parts
        ],
        "at": to_rfc3339(entry.started_at + beat.after),
    }
    return json.dumps(said, separators=(",", ":")).encode()


def read_notice(message_id: str, body: bytes) -> Notification | DisputeNotice:
    """What ``body_of`` wrote; raise ``NotificationMalformed`` for anything else."""
    try:
        said = json.loads(body)
        if "dispute" in said:
            return DisputeNotice(str(said["dispute"]))
        amount = said["amount"]
        result = Result(
            status=Status(said["status"]),
            reference=str(said["reference"]),
            code=str(said["code"]),
            retry=Retry(said["retry"]),
            amount=Money(amount["minor"], str(amount["currency"])) if amount else None,
            parts=tuple(
                Part(str(p["party_id"]), int(p["minor"]), Status(p["status"]), str(p["code"]))
                for p in said["parts"]
            ),
        )
        sent_at, operation_id = from_rfc3339(said["at"]), str(said["operation_id"])
    except (ValueError, TypeError, KeyError, AttributeError) as unreadable:
        raise NotificationMalformed(str(unreadable)[:200]) from unreadable
    if not OPERATION_ID.fullmatch(operation_id):
        raise NotificationMalformed(f"not an operation: {operation_id[:40]!r}")
    return Notification(id=message_id, operation_id=operation_id, result=result, sent_at=sent_at)
