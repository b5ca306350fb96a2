"""Stripe as an HTTP server: accounts, transfers, reversals, ids, pages, errors, its faults."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chassis.kernel.time import Clock
from services.payments.stripe.engine import sign
from tests.fakes import serving
from tests.fakes.serving import PATIENCE_SECONDS, QuietHandler

KEY, WEBHOOK_SECRET = "sk_test_teahouse", "whsec_teahouse"
LARGEST_PAGE = 100


class Refused(Exception):
    """A request that Stripe refuses: the status, and its error object."""

    def __init__(self, status: int, code: str = "", kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.status = status
        self.error = {"type": kind, "message": "no"} | ({"code": code} if code else {})


@dataclass
class FakeStripe:
    """What Stripe knows. ``faults`` are used up by the next requests that change it.

    A fault is ``lost`` (done, and the connection dies), ``slow`` (done, and no answer in
    ``PATIENCE_SECONDS``), ``error`` (done, and 500 for ever under that id), ``broken`` (not
    done, and 500 for ever under that id), ``unheard`` (not done, and the connection dies),
    ``busy`` (429), ``in-use`` (409), ``strange`` (an answer from somebody in between).
    """

    clock: Clock
    faults: list[str] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)
    transfers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reversals: dict[str, dict[str, Any]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    movements: list[dict[str, Any]] = field(default_factory=list)
    saved: dict[str, tuple[Any, int, dict[str, Any]]] = field(default_factory=dict)
    heard: list[dict[str, str]] = field(default_factory=list)
    balance: int = 10**9
    largest_page: int = LARGEST_PAGE
    key: str = KEY
    is_busy_to_ask: bool = False

    def open_account(self, transfers: str = "active") -> str:
        """Somebody opens a connected account; its id."""
        own = f"acct_1M{len(self.accounts):014d}"
        self.accounts[own] = transfers
        return own

    def charge(self, minor: int) -> str:
        """A buyer pays; the charge's id."""
        own = f"ch_{len(self.charges):024d}"
        self.charges[own] = minor
        return own

    def answer(self, method: str, path: str, said: dict[str, Any]) -> dict[str, Any]:
        """What a request leads to; raise ``Refused``."""
        match method, path.removeprefix("/v1/").split("/"):
            case "GET", ["accounts" | "disputes" as kind, own]:
                return (self._account if kind == "accounts" else self._dispute)(own, said)
            case "GET", ["transfers"]:
                return self._list(list(self.transfers.values()), said)
            case "GET", ["transfers", own, "reversals"]:
                found = [each for each in self.reversals.values() if each["transfer"] == own]
                return self._list(found, said)
            case "GET", ["balance_transactions"]:
                return self._movements(said)
            case "POST", ["transfers"]:
                return self._transfer(said)
            case "POST", ["transfers" | "disputes" as kind, own, *_]:
                return (self._reverse if kind == "transfers" else self._argue)(own, said)
        raise Refused(404)

    def dispute(self, minor: int, sale_id: str | None, *, status: str = "needs_response") -> str:
        """A buyer disputes a charge, which names the sale it is of; the dispute's id."""
        charge, number = self.charge(minor), len(self.disputes)
        taken = {"amount": -minor, "fee": 1_500, "currency": "cny"}
        made = {
            "id": f"du_{number:024d}",
            "object": "dispute",
            "amount": minor,
            "currency": "cny",
            "balance_transactions": [] if status.startswith("warning") else [taken],
            "charge": {"id": charge, "metadata": {"sale": sale_id} if sale_id else {}},
            "evidence": {"uncategorized_text": None},
            "evidence_details": {"due_by": int(self.clock().timestamp()) + 604_800},
            "reason": "product_not_received",
            "status": status,
        }
        self.disputes[made["id"]] = made
        return str(made["id"])

    def _dispute(self, own: str, said: dict[str, Any]) -> dict[str, Any]:
        if own not in self.disputes:
            raise Refused(404, "resource_missing")
        found = self.disputes[own]
        is_whole = said.get("expand") == {"0": "charge"}
        return found if is_whole else found | {"charge": found["charge"]["id"]}

    def _argue(self, own: str, said: dict[str, Any]) -> dict[str, Any]:
        found = self.disputes[own]
        if found["status"] != "needs_response":
            raise Refused(400)
        found["evidence"]["uncategorized_text"] = said["evidence"]["uncategorized_text"]
        if said.get("submit") == "true":
            found["status"] = "under_review"
        return self._dispute(own, {})

    def once(self, key: str, asked: Any, make: Callable[[], dict[str, Any]], fault: str) -> Any:
        """The first answer under an id, for ever; another request under it is refused."""
        if key in self.saved:
            before, status, said = self.saved[key]
            return (status, said) if before == asked else _refusal("", "idempotency_error")
        try:
            status, said = (200, make()) if fault != "broken" else (500, {})
        except Refused as refused:
            status, said = refused.status, {"error": refused.error}
        if fault in {"error", "broken"}:
            status, said = 500, {"error": {"type": "api_error", "message": "oh"}}
        self.saved[key] = (asked, status, json.loads(json.dumps(said)))
        return status, said

    def _account(self, own: str, _said: dict[str, Any]) -> dict[str, Any]:
        if own not in self.accounts:
            raise Refused(403, "account_invalid")
        return {"id": own, "object": "account", "capabilities": {"transfers": self.accounts[own]}}

    def _transfer(self, said: dict[str, Any]) -> dict[str, Any]:
        amount, source = int(said["amount"]), said.get("source_transaction")
        if amount < 1:
            raise Refused(400, "parameter_invalid_integer")
        if said["destination"] not in self.accounts:
            raise Refused(400, "resource_missing")
        if source is not None:
            given = [t["amount"] for t in self.transfers.values() if t["source"] == source]
            if source not in self.charges:
                raise Refused(400, "resource_missing")
            if sum(given) + amount > self.charges[source]:
                raise Refused(400)
        elif amount > self.balance:
            raise Refused(400, "balance_insufficient")
        made = self._thing("tr", "transfer", len(self.transfers), said) | {
            "amount_reversed": 0,
            "destination": said["destination"],
            "reversed": False,
            "source": source,
            "transfer_group": said.get("transfer_group") or f"group_{source}",
        }
        self.transfers[made["id"]] = made
        self._move("transfer", -amount, made)
        return made

    def _reverse(self, own: str, said: dict[str, Any]) -> dict[str, Any]:
        transfer, amount = self.transfers.get(own), int(said["amount"])
        if transfer is None:
            raise Refused(404, "resource_missing")
        if transfer["amount_reversed"] + amount > transfer["amount"]:
            raise Refused(400)
        made = self._thing("trr", "transfer_reversal", len(self.reversals), said | transfer)
        made |= {"amount": amount, "transfer": own, "metadata": said.get("metadata", {})}
        transfer["amount_reversed"] += amount
        transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
        self.reversals[made["id"]] = made
        self._move("transfer_refund", amount, made)
        return made

    def _thing(self, prefix: str, kind: str, number: int, said: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": f"{prefix}_{number:024d}",
            "object": kind,
            "amount": int(said["amount"]),
            "currency": said["currency"],
            "created": int(self.clock().timestamp()),
            "metadata": said.get("metadata", {}),
        }

    def _move(self, kind: str, minor: int, source: dict[str, Any]) -> None:
        self.balance += minor
        own = f"txn_{len(self.movements):024d}"
        said = {"id": own, "object": "balance_transaction", "type": kind, "source": source}
        moved = {name: source[name] for name in ("currency", "created")}
        self.movements.append(said | moved | {"amount": minor, "fee": 0, "description": None})

    def _movements(self, said: dict[str, Any]) -> dict[str, Any]:
        listed = self._list(self.movements, said)
        if said.get("expand") != {"0": "data.source"}:
            listed["data"] = [each | {"source": each["source"]["id"]} for each in listed["data"]]
        return listed

    def _list(self, found: list[dict[str, Any]], said: dict[str, Any]) -> dict[str, Any]:
        """One page, newest first."""
        if self.is_busy_to_ask:
            raise Refused(429, "rate_limit")
        span = {name: int(second) for name, second in said.get("created", {}).items()}
        newest = [
            each
            for each in reversed(found)
            if span.get("gte", 0) <= each["created"] < span.get("lt", 1 << 40)
            and all(said.get(name) in {None, each.get(name)} for name in FILTERS)
        ]
        after = said.get("starting_after")
        start = [each["id"] for each in newest].index(after) + 1 if after else 0
        end = start + min(int(said["limit"]), self.largest_page)
        return {"object": "list", "data": newest[start:end], "has_more": end < len(newest)}

    def event(
        self, kind: str, thing: dict[str, Any], *, at: datetime, own: str = "evt_1"
    ) -> tuple[dict[str, str], bytes]:
        """A message as Stripe would send it: its headers and its body."""
        said = {"id": own, "object": "event", "type": kind, "created": int(at.timestamp())}
        body = json.dumps(said | {"data": {"object": thing}}, indent=2).encode()
        return sign(WEBHOOK_SECRET, body, at=at), body


FILTERS = ("destination", "transfer_group")


def _refusal(code: str, kind: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": Refused(400, code, kind).error}


def fields_of(text: str) -> dict[str, Any]:
    """What a form says, where ``a[b]`` is a field of a field."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        outer, _, inner = name.partition("[")
        if inner:
            found.setdefault(outer, {})[inner.removesuffix("]")] = value
        else:
            found[name] = value
    return found


class _Handler(QuietHandler):
    """One request."""

    fake: FakeStripe

    def get(self) -> None:
        where = urlsplit(self.path)
        self._serve("", where.path, where.query)

    def post(self) -> None:
        body = self.body().decode()
        faults = self.fake.faults
        self._serve(faults.pop(0) if faults else "", self.path, body)

    def _serve(self, fault: str, path: str, text: str) -> None:
        self.fake.heard.append(dict(self.headers.items()))
        if fault == "unheard":
            self.close_connection = True
        elif self.headers.get("Authorization") != f"Bearer {self.fake.key}":
            self._say(401, {"error": Refused(401).error})
        elif fault == "busy":
            self._say(429, {"error": Refused(429, "rate_limit").error})
        elif fault == "in-use":
            self._say(409, {"error": Refused(409, "idempotency_key_in_use").error})
        elif fault == "strange":
            self._say(403, {"blocked": True})
        else:
            self._do(fault, path, fields_of(text))

    def _do(self, fault: str, path: str, said: dict[str, Any]) -> None:
        def make() -> dict[str, Any]:
            return self.fake.answer(self.command, path, said)

        if self.command == "POST":
            key = self.headers["Idempotency-Key"]
            status, told = self.fake.once(key, [path, said], make, fault)
        else:
            try:
                status, told = 200, make()
            except Refused as refused:
                status, told = refused.status, {"error": refused.error}
        if fault == "lost":
            self.close_connection = True
        elif fault == "slow":
            time.sleep(2 * PATIENCE_SECONDS)
        else:
            self._say(status, told)

    def _say(self, status: int, said: dict[str, Any]) -> None:
        self.say(status, json.dumps(said).encode(), {"Content-Type": "application/json"})


def served(fake: FakeStripe) -> AbstractContextManager[str]:
    """Run it on a port of loopback; its address."""
    return serving.served(fake, _Handler)
