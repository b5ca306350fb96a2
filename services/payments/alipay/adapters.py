"""Alipay as a ``Provider``: signed forms over HTTP, every answer's signature checked."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from chassis.kernel.time import Clock
from services.payments.alipay.domain import (
    BILL,
    BIND,
    DONE,
    FROZEN,
    REFUND,
    REFUNDED,
    SETTLE,
    SETTLED,
    SPLIT_MESSAGE,
    TERMS,
    TRANSFER,
    TRANSFER_MESSAGE,
    TRANSFERRED,
    asked_of,
    bind_of,
    finish_of,
    read_bill,
    read_bind,
    read_finished,
    read_frozen,
    read_no_answer,
    read_refund,
    read_refusal,
    read_return,
    read_split,
    read_taken,
    read_transfer,
    refund_of,
    refusal_of,
    split_of,
    transfer_of,
    transferred_of,
)
from services.payments.alipay.engine import check, fields_of, opened, request, sent_at
from services.payments.providers.adapters import (
    TIMEOUT_SECONDS,
    UNREADABLE,
    Said,
    heard,
    must_be_private,
)
from services.payments.providers.domain import (
    LONGEST_TEXT,
    OPERATION_ID,
    Capabilities,
    Collect,
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
    unknown,
)
from services.payments.providers.engine import Forged

NAME = "alipay"
LARGEST_BILL_BYTES = 64 * 1024 * 1024
NAMED_BY_US = ("out_biz_no", "out_request_no", "trade_no")
TROUBLES = (requests.RequestException, Forged, *UNREADABLE)
Read = Callable[[Said], Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Our app at Alipay, its private key, and Alipay's public key for it."""

    app: str
    key: RSAPrivateKey = field(repr=False)
    their_key: RSAPublicKey


class AlipayProvider:
    """The ``Provider`` port over Alipay; a call takes at most some twenty seconds.

    A receiver's ``account`` is the number of a user or merchant there (``2088...``). Buyers
    pay from their own telephones, so that a collection is the ``Earlier`` whose
    ``reference`` is the trade's number. Splits are asynchronous, as a trade cannot have
    both; their messages stand for ACCEPTED, and the answer to a question ends them. An
    answer whose signature is not right, or that is about something else, leaves it open
    what happened.
    """

    name = NAME
    webhook_answer = ("text/plain", "success")

    def __init__(
        self, account: Account, clock: Clock, *, gateway: str, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Raise ``ValueError`` for a gateway that others could listen to."""
        self._account = account
        self._clock = clock
        self._gateway = must_be_private(gateway)
        self._timeout = timeout

    def capabilities(self) -> Capabilities:
        """The terms of a merchant who shares out trades and pays to accounts."""
        return TERMS

    def register_party(self, operation_id: str, order: RegisterParty) -> Result:
        """Bind a receiver to us; again is the same for Alipay."""
        return self._ask(BIND, bind_of(operation_id, order), read_bind, read_refusal)

    def collect(self, operation_id: str, order: Collect) -> Result:
        """Raise ``ProviderCannot``."""
        raise ProviderCannot(f"{NAME} does not {order.kind} for {operation_id}")

    def split(self, operation_id: str, order: Split) -> Result:
        """Ask for a split; Alipay takes it on and does it later."""
        code = refusal_of(order)
        if code:
            return failed(code)
        return self._ask(SETTLE, split_of(operation_id, order), read_taken, read_refusal)

    def finish(self, operation_id: str, order: Finish) -> Result:
        """Free the rest."""
        return self._ask(SETTLE, finish_of(operation_id, order), read_finished, read_refusal)

    def return_split(self, operation_id: str, order: ReturnSplit) -> Result:
        """Take a share of ``order.collection`` back."""
        return self._refund(operation_id, order)

    def refund(self, operation_id: str, order: Refund) -> Result:
        """Give the buyer money back."""
        return self._refund(operation_id, order)

    def payout(self, operation_id: str, order: PayOut) -> Result:
        """Transfer money of ours to an account there."""
        if refusal_of(order):
            return failed(refusal_of(order), Retry.LATER)  # no fault of the receiver's
        return self._ask(TRANSFER, transfer_of(operation_id, order), read_transfer, read_refusal)

    def query(self, operation_id: str, order: Order, reference: str = "") -> Result:
        """Ask; a receiver is asked about by binding it again, an end by what is still frozen."""
        del reference
        match order:
            case RegisterParty():
                return self.register_party(operation_id, order)
            case Split():
                asked = asked_of(operation_id, order)
                return self._question(SETTLED, asked, lambda said: read_split(order, said))
            case Finish():
                asked = {"trade_no": order.collection.reference}
                return self._question(FROZEN, asked, read_frozen)
            case Refund():
                return self._question(REFUNDED, asked_of(operation_id, order), read_refund)
            case ReturnSplit():
                asked = asked_of(operation_id, order)
                return self._question(REFUNDED, asked, lambda said: read_return(order, said))
            case PayOut():
                return self._question(TRANSFERRED, transferred_of(operation_id), read_transfer)
            case _:
                raise ProviderCannot(f"{NAME} does not {order.kind}")

    def list_settlement(self, day: date) -> Iterator[SettlementLine]:
        """The transfers on our account's bill of a day in China, there on the next morning."""
        asked = {"bill_type": "signcustomer", "bill_date": day.isoformat()}
        try:
            said = self._call(BILL, asked)
            address = must_be_private(str(said["bill_download_url"]))
            lines = list(read_bill(self._text_at(address), day))
        except (*TROUBLES, zipfile.BadZipFile) as trouble:
            raise ConnectionError(f"no bill of {day}: {type(trouble).__name__}") from trouble
        yield from lines

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Notification | None:
        """Check the signature and read the message."""
        del headers  # all of it is in the body
        fields: dict[str, str] = {}

        def is_theirs() -> None:
            fields.update(fields_of(body))
            check(self._account.their_key, self._account.app, fields, now=now)

        return heard(is_theirs, lambda: _read_message(fields))

    def _refund(self, operation_id: str, order: Refund | ReturnSplit) -> Result:
        """Refund, and ask what became of it: the answer tells what all refunds came to."""

        def shown(_said: Said) -> Result:
            asked = self.query(operation_id, order)
            return unknown("not shown yet") if asked.is_not_received else asked

        code = refusal_of(order)
        if code:
            return failed(code)
        return self._ask(REFUND, refund_of(operation_id, order), shown, read_refusal)

    def _question(self, method: str, said: Said, read: Read) -> Result:
        return self._ask(method, said, read, read_no_answer)

    def _ask(self, method: str, said: Said, read: Read, refused: Read) -> Result:
        """One call; whatever does not say what happened is UNKNOWN."""
        try:
            told = self._call(method, said)
            if told["code"] != DONE:
                return refused(told)
            if any(told.get(name, said.get(name)) != said.get(name) for name in NAMED_BY_US):
                return unknown("an answer about something else")
            return read(told)
        except TROUBLES as trouble:
            return unknown(f"{type(trouble).__name__}: {trouble}"[:LONGEST_TEXT])

    def _call(self, method: str, said: Said) -> Said:
        """What Alipay surely says; raise one of ``TROUBLES``."""
        account = self._account
        answer = requests.post(
            self._gateway,
            data=request(account.key, account.app, method, said, at=self._clock()),
            timeout=self._timeout,
            allow_redirects=False,
        )
        answer.raise_for_status()
        return opened(account.their_key, answer.content, method)

    def _text_at(self, address: str) -> str:
        """The bill itself; it comes zipped, with a summary beside it."""
        answer = requests.get(address, timeout=self._timeout, allow_redirects=False)
        answer.raise_for_status()
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            for each in files.infolist():
                if each.file_size > LARGEST_BILL_BYTES:
                    raise ValueError("a bill too large to read")
                text = files.read(each).decode("gb18030")
                if "账务流水号" in text:
                    return text
        raise ValueError("no bill among the files")


def _read_message(fields: Mapping[str, str]) -> Notification | None:
    said: Any = json.loads(fields["biz_content"], parse_float=str, parse_int=str)
    match fields["msg_method"]:
        case method if method == SPLIT_MESSAGE:
            own, result = said["out_request_no"], read_taken(said)
        case method if method == TRANSFER_MESSAGE:
            own, result = said["out_biz_no"], read_transfer(said)
        case _:
            return None
    if not OPERATION_ID.fullmatch(own):
        return None
    return Notification(
        id=fields["notify_id"], operation_id=own, result=result, sent_at=sent_at(fields)
    )
