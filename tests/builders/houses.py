"""Providers with a payment in them, each told the same faults in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from chassis.kernel.money import Money
from services.payments.alipay.adapters import Account as AlipayAccount
from services.payments.alipay.adapters import AlipayProvider
from services.payments.alipay.domain import SPLIT_MESSAGE
from services.payments.bank.domain import NothingToSend
from services.payments.providers.domain import (
    Collect,
    Earlier,
    Kind,
    PartyKind,
    PayOut,
    Receiver,
    RegisterParty,
    Share,
    Split,
)
from services.payments.providers.use_cases import Provider
from services.payments.sandbox.adapters import SandboxProvider, write_notice
from services.payments.sandbox.domain import Fault, FaultRule
from services.payments.sandbox.engine import sign
from services.payments.stripe.adapters import Account as StripeAccount
from services.payments.stripe.adapters import StripeProvider
from services.payments.wechat.adapters import Account, WeChatProvider
from tests.builders.bank import BankHouse, bank_name
from tests.builders.payments import an_id
from tests.builders.providers import CNY, Clock, FakeVault, a_receiver
from tests.fakes import alipay, stripe, wechat
from tests.fakes.serving import PATIENCE_SECONDS

Message = tuple[dict[str, str], bytes]


class House(Protocol):
    """One provider, and what stands behind it."""

    provider: Provider
    clock: Clock

    def admit(self, bare: Receiver) -> str:
        """What the provider calls somebody who has an account with it."""
        ...

    def paid(self, minor: int) -> Earlier:
        """A buyer has paid."""
        ...

    def fail(self, *faults: Fault) -> None:
        """Let the next calls fail so."""
        ...

    def settle(self) -> None:
        """Let what was taken on be done."""
        ...

    def given(self, receiver: Receiver) -> int:
        """What a receiver has, by the provider's own books."""
        ...

    def message(self, operation_id: str) -> Message:
        """What the provider says of an operation."""
        ...


class SandboxHouse:
    def __init__(self) -> None:
        self.clock = Clock()
        self.vault = FakeVault()
        self.provider = SandboxProvider(self.vault, self.clock)

    def admit(self, bare: Receiver) -> str:
        return bare.account

    def paid(self, minor: int) -> Earlier:
        own = an_id("opn")
        order = Collect(payee=a_receiver(), amount=Money(minor, CNY), description="tea")
        return Earlier(own, self.provider.collect(own, order).reference)

    def fail(self, *faults: Fault) -> None:
        self.vault.rules += [FaultRule(an_id("flt"), fault, None, None, 1) for fault in faults]

    def settle(self) -> None:
        self.clock.pass_by(timedelta(seconds=5))

    def given(self, receiver: Receiver) -> int:
        total = 0
        for entry in self.vault.entries.values():
            parts = entry.standing(self.clock()).parts if entry.order.kind is Kind.SPLIT else ()
            done = [part for part in parts if part.status == "succeeded"]
            total += sum(part.minor for part in done if part.party_id == receiver.party_id)
            if entry.order.kind is Kind.RETURN_SPLIT and entry.order.receiver == receiver:
                total -= entry.moved()
        return total

    def message(self, operation_id: str) -> Message:
        body = write_notice(self.vault.entries[operation_id], -1)
        headers = sign(self.vault.secret(), "msg-1", body, at=self.clock())
        return headers, body


class WeChatHouse:
    _WORDS = {
        Fault.TIMEOUT_THEN_SUCCESS: "slow",
        Fault.LOST: "lost",
        Fault.ERROR_THEN_SUCCESS: "error",
        Fault.NEVER_RECEIVED: "unheard",
        Fault.TOO_MANY_REQUESTS: "busy",
    }

    def __init__(self, fake: wechat.FakeWeChat, provider: WeChatProvider, clock: Clock) -> None:
        self.fake, self.provider, self.clock = fake, provider, clock

    def admit(self, bare: Receiver) -> str:
        return bare.account

    def paid(self, minor: int) -> Earlier:
        return Earlier(an_id("opn"), self.fake.pay(minor))

    def fail(self, *faults: Fault) -> None:
        self.is_partial = Fault.PARTIAL in faults
        if self.is_partial:
            self.fake.risky = set(list(self.fake.receivers)[:1])
        self.fake.faults += [self._WORDS[fault] for fault in faults if fault in self._WORDS]

    def settle(self) -> None:
        self.fake.settle()

    def given(self, receiver: Receiver) -> int:
        lines = [line for order in self.fake.orders.values() for line in order["receivers"]]
        done = [line for line in lines if line["result"] == "SUCCESS"]
        back = [each for each in self.fake.returns.values() if each["result"] == "SUCCESS"]
        total = sum(line["amount"] for line in done if line["account"] == receiver.account)
        return total - sum(
            each["amount"] for each in back if each["return_mchid"] == receiver.account
        )

    def message(self, operation_id: str) -> Message:
        order = self.fake.orders[operation_id]
        told = {"order_id": order["order_id"], "out_order_no": operation_id}
        return self.fake.notice("profitsharing", told, at=self.clock())


@cache
def rsa_keys() -> tuple[rsa.RSAPrivateKey, rsa.RSAPrivateKey]:
    """Keys of ours and of a provider, made once, for making them is slow."""
    ours, theirs = (rsa.generate_private_key(65_537, 2_048) for _ in range(2))
    return ours, theirs


def pem(key: rsa.RSAPrivateKey) -> str:
    """A private key as it lies in a file."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half of a key as it lies in a file."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@contextmanager
def wechat_house() -> Iterator[WeChatHouse]:
    clock, (ours, theirs) = Clock(), rsa_keys()
    fake = wechat.FakeWeChat(clock, ours, theirs)
    account = Account(
        merchant=wechat.MERCHANT,
        app=wechat.APP,
        serial=wechat.OUR_SERIAL,
        key=ours,
        their_keys={wechat.THEIR_SERIAL: theirs.public_key()},
        notices_key=wechat.NOTICES_KEY,
    )
    with wechat.served(fake) as gateway:
        provider = WeChatProvider(account, clock, gateway=gateway, timeout=PATIENCE_SECONDS)
        yield WeChatHouse(fake, provider, clock)


class StripeHouse:
    _WORDS = WeChatHouse._WORDS

    def __init__(self, fake: stripe.FakeStripe, provider: StripeProvider, clock: Clock) -> None:
        self.fake, self.provider, self.clock = fake, provider, clock

    def admit(self, bare: Receiver) -> str:
        return self.fake.open_account()

    def paid(self, minor: int) -> Earlier:
        return Earlier(an_id("opn"), self.fake.charge(minor))

    def fail(self, *faults: Fault) -> None:
        self.fake.faults += [self._WORDS[fault] for fault in faults]

    def settle(self) -> None:
        """What Stripe takes on is done at once."""

    def given(self, receiver: Receiver) -> int:
        found = [t for t in self.fake.transfers.values() if t["destination"] == receiver.account]
        return sum(each["amount"] - each["amount_reversed"] for each in found)

    def message(self, operation_id: str) -> Message:
        return self.fake.event("transfer.created", self.transfer(operation_id), at=self.clock())

    def transfer(self, operation_id: str) -> dict[str, Any]:
        found = self.fake.transfers.values()
        return next(t for t in found if t["metadata"]["operation"] == operation_id)

    def order(self, minor: int) -> PayOut:
        return PayOut(receiver=somebody(self), amount=Money(minor, CNY), remark=an_id("pay"))

    def sent(self, operation_id: str) -> int:
        found = self.fake.transfers.values()
        return sum(t["amount"] for t in found if t["metadata"]["operation"] == operation_id)


@contextmanager
def stripe_house() -> Iterator[StripeHouse]:
    clock = Clock()
    fake = stripe.FakeStripe(clock)
    account = StripeAccount(key=stripe.KEY, webhook_secret=stripe.WEBHOOK_SECRET)
    with stripe.served(fake) as base:
        provider = StripeProvider(account, base=base, timeout=PATIENCE_SECONDS)
        yield StripeHouse(fake, provider, clock)


class AlipayHouse:
    _WORDS = WeChatHouse._WORDS

    def __init__(self, fake: alipay.FakeAlipay, provider: AlipayProvider, clock: Clock) -> None:
        self.fake, self.provider, self.clock = fake, provider, clock

    def admit(self, bare: Receiver) -> str:
        return f"2088{len(self.fake.receivers):012d}"

    def paid(self, minor: int) -> Earlier:
        return Earlier(an_id("opn"), self.fake.pay(minor))

    def fail(self, *faults: Fault) -> None:
        if Fault.PARTIAL in faults:
            self.fake.risky = set(list(self.fake.receivers)[:1])
        self.fake.faults += [self._WORDS[fault] for fault in faults if fault in self._WORDS]

    def settle(self) -> None:
        self.fake.settle()

    def given(self, receiver: Receiver) -> int:
        return self.fake.given(receiver.account)

    def message(self, operation_id: str) -> Message:
        found = self.fake.settles[operation_id]
        told = {name: found[name] for name in ("out_request_no", "trade_no", "settle_no")}
        return self.fake.message(SPLIT_MESSAGE, told, at=self.clock())

    def order(self, minor: int) -> PayOut:
        return PayOut(receiver=somebody(self), amount=Money(minor, CNY), remark=an_id("pay"))

    def sent(self, operation_id: str) -> int:
        found = self.fake.transfers.get(operation_id)
        return alipay.fen(found["trans_amount"]) if found else 0


@contextmanager
def alipay_house() -> Iterator[AlipayHouse]:
    clock, (ours, theirs) = Clock(), rsa_keys()
    fake = alipay.FakeAlipay(clock, ours, theirs)
    account = AlipayAccount(app=alipay.APP, key=ours, their_key=theirs.public_key())
    with alipay.served(fake) as base:
        fake.base = base
        provider = AlipayProvider(account, clock, gateway=base, timeout=PATIENCE_SECONDS)
        yield AlipayHouse(fake, provider, clock)


class PayingHouse(Protocol):
    """A provider that pays out, and what stands behind it."""

    provider: Provider
    clock: Clock

    def order(self, minor: int) -> PayOut:
        """A payout to somebody it knows."""
        ...

    def settle(self) -> None:
        """Let what was taken on be done."""
        ...

    def sent(self, operation_id: str) -> int:
        """What left for an operation, by the provider's own books."""
        ...


class PayingSandbox(SandboxHouse):
    def order(self, minor: int) -> PayOut:
        return PayOut(receiver=somebody(self), amount=Money(minor, CNY), remark=an_id("pay"))

    def sent(self, operation_id: str) -> int:
        entry = self.vault.entries.get(operation_id)
        return entry.moved() if entry else 0


class PayingBank(BankHouse):
    """A bank to which each file is brought, and whose statement comes the same evening."""

    def __init__(self) -> None:
        super().__init__()
        self.left: dict[str, int] = {}

    def settle(self) -> None:
        with suppress(NothingToSend):
            self.send()
        booked = [self.bank.paid(own) for own in self.bank.ordered if own not in self.left]
        self.left |= {line.end_to_end: -line.minor for line in booked}
        self.tell(*booked)
        self.clock.pass_by(timedelta(days=1))

    def sent(self, operation_id: str) -> int:
        return self.left.get(bank_name(operation_id), 0)


@contextmanager
def paying_sandbox() -> Iterator[PayingSandbox]:
    yield PayingSandbox()


@contextmanager
def paying_bank() -> Iterator[PayingBank]:
    yield PayingBank()


@contextmanager
def sandbox_house() -> Iterator[SandboxHouse]:
    yield SandboxHouse()


def somebody(house: House, kind: PartyKind = PartyKind.ORGANIZATION) -> Receiver:
    """A receiver that the provider knows."""
    bare = a_receiver(kind)
    receiver = Receiver(bare.party_id, kind, house.admit(bare), "茶馆有限公司")
    house.provider.register_party(an_id("opn"), RegisterParty(receiver=receiver))
    return receiver


def a_split(collection: Earlier, **shares: tuple[Receiver, int]) -> Split:
    """Shares of a collection, each with the name of its receiver in the test."""
    made = tuple(Share(receiver, minor) for receiver, minor in shares.values())
    return Split(collection=collection, currency=CNY, shares=made)
