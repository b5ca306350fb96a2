"""Stripe as a ``Provider``, through Stripe's own library with its own retries off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from services.payments.providers.adapters import (
    TIMEOUT_SECONDS,
    UNREADABLE,
    Said,
    heard,
    must_be_private,
)
from services.payments.providers.domain import (
    Capabilities,
    Chargeback,
    Collect,
    DisputeNotice,
    Finish,
    Notification,
    Order,
    PayOut,
    ProviderCannot,
    Refund,
    RegisterParty,
    Result,
    Retry,
    ReturnSplit,
    SettlementLine,
    Split,
    failed,
    not_received,
    unknown,
)
from services.payments.stripe.domain import (
    TERMS,
    is_about,
    place_of,
    read_account,
    read_dispute,
    read_event,
    read_line,
    read_refusal,
    read_reversal,
    read_transfer,
    refusal_of,
    reversal_of,
    span_of,
    transfer_of,
)
from services.payments.stripe.engine import check

NAME = "stripe"
PAGE, LONGEST_LIST = 100, 100  # things on a page, and pages
REFUSALS = range(400, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Our platform's account at Stripe: its secret key, and the secret that signs messages."""

    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


class StripeProvider:
    """The ``Provider`` port over Stripe Connect; a call takes at most some twenty seconds.

    A receiver's ``account`` is the id of its connected account (``acct_...``). A payout is
    a transfer there, done once Stripe has answered; from there Stripe pays the receiver's
    bank on a schedule of its own, which is between the two of them. A collection is the
    ``Earlier`` whose ``reference`` is a charge of ours. Our operation's id is the request's
    idempotency key and stands in the metadata, by which it is found again. Looking for a
    share or reading a bill takes a call for each hundred transfers.
    """

    name = NAME
    webhook_answer = ("application/json", "{}")

    def __init__(self, account: Account, *, base: str, timeout: float = TIMEOUT_SECONDS) -> None:
        """Raise ``ValueError`` for an address that the key would travel to in clear."""
        self._account = account
        self._base = must_be_private(base)
        self._timeout = timeout
        self._client: Any = None

    def capabilities(self) -> Capabilities:
        """The terms of a platform with connected accounts."""
        return TERMS

    def register_party(self, operation_id: str, order: RegisterParty) -> Result:
        """Ask whether a connected account can be paid to; its owner opened it at Stripe."""
        del operation_id  # nothing is changed
        path = f"/v1/accounts/{quote(order.receiver.account, safe='')}"
        return self._ask("get", path, read_account)

    def collect(self, operation_id: str, order: Collect) -> Result:
        """Raise ``ProviderCannot``."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def split(self, operation_id: str, order: Split) -> Result:
        """Transfer a share of a charge."""
        return self._transfer(operation_id, order)

    def finish(self, operation_id: str, order: Finish) -> Result:
        """Raise ``ProviderCannot``: nothing is frozen."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def return_split(self, operation_id: str, order: ReturnSplit) -> Result:
        """Reverse a transfer, or a part of it; Stripe refuses it beyond what is there."""
        try:
            transfer = self._split_of(order)
        except self._troubles as trouble:
            return failed("transfer-not-read", Retry.SOON, detail=type(trouble).__name__)
        if not transfer:
            return failed("split-unknown", Retry.CHANGED)
        path, asked = f"/v1/transfers/{transfer}/reversals", reversal_of(operation_id, order)
        return self._ask("post", path, read_reversal, idempotency_key=operation_id, **asked)

    def refund(self, operation_id: str, order: Refund) -> Result:
        """Raise ``ProviderCannot``."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Transfer money of ours to a connected account."""
        return self._transfer(operation_id, order)

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """Look the operation up by its id, whether Stripe's number of it is known or not."""
        del reference
        match order:
            case RegisterParty():
                return self.register_party(operation_id, order)
            case PayOut() | Split() | ReturnSplit():
                return self._look_up(operation_id, order)
            case _:
                raise ProviderCannot(f"{NAME} does not {order.kind}")

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """Everything that moved our balance at Stripe on a day in UTC."""
        asked = {"created": span_of(day), "expand": ["data.source"]}
        try:
            found = self._pages("/v1/balance_transactions", **asked)
            lines = [read_line(each, day) for each in found]
        except self._troubles as trouble:
            raise ConnectionError(f"no bill of {day}: {type(trouble).__name__}") from trouble
        yield from lines

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Notification | DisputeNotice | None:
        """Check the signature and read the message; only transfers and disputes say anything."""
        return heard(
            lambda: check(self._account.webhook_secret, headers, body, now=now),
            lambda: read_event(json.loads(body)),
        )

    def read_dispute(self, reference: str) -> Chargeback | None:
        """How a dispute stands; a charge names its sale in the metadata, under ``sale``.

        Raises ``ConnectionError``, and ``ValueError`` for an answer that cannot be read.
        """
        path = f"/v1/disputes/{quote(reference, safe='')}"
        return read_dispute(self._told(path, "get", expand=["charge"]))

    def submit_evidence(self, reference: str, text: str, *, key: str) -> None:
        """Send the evidence to the bank; raise ``ConnectionError``."""
        path, asked = f"/v1/disputes/{quote(reference, safe='')}", {"uncategorized_text": text}
        self._told(path, "post", evidence=asked, submit="true", idempotency_key=key)

    def _told(self, path: str, method: str, **asked: Any) -> Said:  # noqa: ANN401 - Stripe's fields
        """What Stripe answers about a dispute; raise ``ConnectionError`` when it does not."""
        try:
            found: Said = self._call(method, path, **asked)
        except _library().StripeError as trouble:
            raise ConnectionError(f"no dispute: {type(trouble).__name__}") from trouble
        return found

    def _transfer(self, operation_id: str, order: PayOut | Split) -> Result:
        code = refusal_of(order)
        if code:
            return failed(code, Retry.LATER)  # which does not speak against the receiver
        asked = transfer_of(operation_id, order)
        return self._ask(
            "post", "/v1/transfers", read_transfer, idempotency_key=operation_id, **asked
        )

    def _look_up(self, operation_id: str, order: PayOut | Split | ReturnSplit) -> Result:
        """How an operation stands; a question that is refused tells nothing of it."""
        try:
            if isinstance(order, ReturnSplit):
                found, read = self._find_reversal(operation_id, order), read_reversal
            else:
                found, read = self._find(operation_id, order), read_transfer
            return not_received() if found is None else read(found)
        except self._troubles as trouble:
            return unknown(type(trouble).__name__)

    def _find(self, operation_id: str, order: PayOut | Split | ReturnSplit) -> Said | None:
        """The transfer of an operation; None when there surely is none."""
        found = self._pages("/v1/transfers", **place_of(operation_id, order))
        return next((each for each in found if is_about(operation_id, each)), None)

    def _find_reversal(self, operation_id: str, order: ReturnSplit) -> Said | None:
        """The reversal of an operation; None when there surely is none."""
        transfer = self._split_of(order)
        if not transfer:
            return None
        found = self._pages(f"/v1/transfers/{transfer}/reversals")
        return next((each for each in found if is_about(operation_id, each)), None)

    def _split_of(self, order: ReturnSplit) -> str:
        """The number of the transfer that is to be reversed; empty when there is none."""
        if order.split.reference:
            return order.split.reference
        found = self._find(order.split.id, order)
        return "" if found is None else str(found["id"])

    def _pages(self, path: str, **asked: Any) -> Iterator[Said]:  # noqa: ANN401 - Stripe's fields
        """Everything on a list, newest first; raise ``ConnectionError`` for an endless one."""
        for _ in range(LONGEST_LIST):
            page = self._call("get", path, limit=PAGE, **asked)
            yield from page["data"]
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]
        raise ConnectionError("a list without an end")

    def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Said], Result],
        **asked: Any,  # noqa: ANN401 - Stripe's fields
    ) -> Result:
        """One call; whatever does not say what happened is UNKNOWN."""
        try:
            return read(self._call(method, path, **asked))
        except self._troubles as trouble:
            return _read_trouble(trouble)

    def _call(self, method: str, path: str, **asked: Any) -> Any:  # noqa: ANN401 - JSON
        """What Stripe answers; raise one of ``_troubles`` when it does not, or refuses."""
        return self._made().raw_request(method, path, **asked).data

    @property
    def _troubles(self) -> tuple[type[Exception], ...]:
        """All that a call, or the reading of its answer, can end in."""
        return (_library().StripeError, ConnectionError, *UNREADABLE)

    def _made(self) -> Any:  # noqa: ANN401 - the library's types are not followed
        """The client, made at the first call; two threads may make one each, and one stays."""
        if self._client is None:
            library = _library()
            self._client = library.StripeClient(
                self._account.key,
                base_addresses={"api": self._base},
                max_network_retries=0,
                http_client=library.RequestsClient(timeout=self._timeout),
            )
        return self._client


def _library() -> Any:  # noqa: ANN401 - as above
    import stripe  # noqa: PLC0415 - over a second, which only those with an account wait

    # It would tell of this machine, and write a number of its own into the home folder.
    stripe.enable_telemetry = False
    return stripe


def _read_trouble(trouble: Exception) -> Result:
    """What became of a call that raised: refused, if Stripe itself says so."""
    status, said = getattr(trouble, "http_status", None) or 0, getattr(trouble, "json_body", None)
    error = said.get("error") if isinstance(said, Mapping) else None
    if status in REFUSALS and isinstance(error, Mapping) and "type" in error:
        return read_refusal(status, error)
    return unknown(f"{type(trouble).__name__} {status or ''}".strip())
