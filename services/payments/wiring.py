"""Which payment providers this installation has, and what its parts are put together from."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.client import ServiceClient
from chassis.kernel.money import Money
from chassis.kernel.time import Clock
from chassis.settings import SettingsError
from chassis.turns import Turns
from services.payments.alipay.adapters import NAME as ALIPAY
from services.payments.alipay.adapters import Account as AlipayAccount
from services.payments.alipay.adapters import AlipayProvider
from services.payments.bank.adapters import NAME as BANK
from services.payments.bank.adapters import BankProvider
from services.payments.bank.api import BankDoor
from services.payments.bank.engine.transfers import Account
from services.payments.bank.queries import files_page, gaps, statements_page
from services.payments.bank.repositories import MongoDrawer, MongoTray
from services.payments.bank.use_cases import follow_ruling
from services.payments.contracts.repositories import MongoContracts
from services.payments.corrections.repositories import MongoCorrections
from services.payments.corrections.use_cases import Files as CorrectionFiles
from services.payments.destinations.repositories import MongoDestinations
from services.payments.destinations.use_cases import follow_registration
from services.payments.disputes.repositories import MongoDisputes, MongoWatches
from services.payments.disputes.use_cases import Bench, Court
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds.repositories import (
    RecordedIntentions,
)
from services.payments.invoices.engine.rates import rates_of
from services.payments.invoices.repositories import (
    MongoCharges,
    MongoInvoices,
    MongoRecords,
    ProjectedJournal,
)
from services.payments.invoices.use_cases import Clerk, Tariff
from services.payments.ledger.adapters import LeasedLedger, RemoteLedger
from services.payments.ledger.repositories.lease import MongoLease
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Ledger
from services.payments.milestones.repositories import MongoSchedules
from services.payments.milestones.use_cases import Ladder
from services.payments.payouts.repositories import MongoPayouts, ProjectedPurses
from services.payments.payouts.use_cases import Counter, follow_payout
from services.payments.providers.domain import Kind, Operation
from services.payments.providers.engine import private_key, public_keys
from services.payments.providers.repositories import MongoOperations
from services.payments.providers.use_cases import Desk, Provider
from services.payments.reconciliations.handlers import Reconciler
from services.payments.reconciliations.repositories import (
    MongoBills,
    MongoReconciliations,
    SentPayouts,
)
from services.payments.reconciliations.use_cases import Book
from services.payments.releases.repositories import MongoPendingShares, MongoReleases
from services.payments.reserves.adapters import PolicyReserve
from services.payments.reserves.repositories import MongoReserves
from services.payments.sandbox.adapters import NAME as SANDBOX
from services.payments.sandbox.adapters import SandboxCourt, SandboxProvider
from services.payments.sandbox.repositories import MongoDocket, MongoVault
from services.payments.settings import PaymentsSettings
from services.payments.settlements.repositories import MongoSettlements
from services.payments.settlements.use_cases import Books
from services.payments.statements.queries import read_statement
from services.payments.stripe.adapters import NAME as STRIPE
from services.payments.stripe.adapters import Account as StripeAccount
from services.payments.stripe.adapters import StripeProvider
from services.payments.titles.repositories import MongoTitles
from services.payments.wechat.adapters import NAME as WECHAT
from services.payments.wechat.adapters import Account as WeChatAccount
from services.payments.wechat.adapters import WeChatProvider

_STRIPE = ("stripe_key", "stripe_webhook_secret")
_WECHAT = (
    "wechat_merchant",
    "wechat_app",
    "wechat_serial",
    "wechat_key",
    "wechat_public_keys",
    "wechat_public_key_ids",
    "wechat_notices_key",
)
_ALIPAY = ("alipay_app", "alipay_key", "alipay_public_key")
NOTICES_KEY_BYTES = 32
MOMENT = timedelta(milliseconds=1)


def _bank_account(settings: PaymentsSettings) -> Account | None:
    """Our account at a bank, if one is set up."""
    holder, number = settings.bank_holder, settings.bank_account.replace(" ", "")
    if not holder or not number:
        return None
    return Account(holder, number, settings.bank_bic, settings.bank_currency)


def bank_door_of(settings: PaymentsSettings, desk: Desk, clock: Clock) -> BankDoor:
    """What the bank's routes stand on; its lines are read anew as soon as there are more."""

    def outside(currency: str, at: datetime) -> Money:
        told = read_statement("external:provider", currency, start=at, end=at + MOMENT)
        return Money(-told.opening, currency)

    return BankDoor(
        provider=BANK,
        account=_bank_account(settings),
        tray=MongoTray(),
        drawer=MongoDrawer(),
        desk=desk,
        announce=lambda name, days: MongoBills().ask(name, days, now=clock()),
        outside=outside,
        list_files=files_page,
        list_statements=statements_page,
        gaps=gaps,
    )


def courts_of(desk: Desk) -> dict[str, Court]:
    """Those of the providers that tell of disputes."""
    found: dict[str, Court] = {}
    for name, provider in desk.providers.items():
        if isinstance(provider, StripeProvider):
            found[name] = provider
        elif isinstance(provider, SandboxProvider):
            found[name] = SandboxCourt(MongoDocket())
    return found


def clerk_of(settings: PaymentsSettings) -> Clerk:
    """What issues invoices; raise ``SettingsError`` for rates of tax that cannot be read."""
    zone, records = ZoneInfo(settings.zone), MongoRecords()
    try:
        rates = rates_of(settings.tax_rates)
    except ValueError as wrong:
        raise SettingsError(f"PAYMENTS_TAX_RATES: {wrong}") from None
    if settings.tax_region not in {rate.region for rate in rates}:
        raise SettingsError(f"PAYMENTS_TAX_RATES says nothing of {settings.tax_region!r}")
    return Clerk(
        zone=zone,
        journal=ProjectedJournal(settings.market, zone),
        records=records,
        brands=records,
        charges=MongoCharges(settings.market),
        invoices=MongoInvoices(),
        titles=MongoTitles(),
        tariff=Tariff(rates=rates, region=settings.tax_region),
    )


def desk_of(settings: PaymentsSettings, clock: Clock) -> Desk:
    """The providers of this installation, and who is told of what becomes of operations.

    Raises ``SettingsError`` for settings that no provider can be made from.
    """
    destinations, intentions = MongoDestinations(), RecordedIntentions()

    def follow_paying(done: Operation) -> None:
        follow_payout(done, intentions=intentions)
        if done.provider == BANK:
            follow_ruling(done, tray=MongoTray())

    return Desk(
        MongoOperations(),
        _providers(settings, clock),
        {
            Kind.PAYOUT: follow_paying,
            Kind.REGISTER: lambda done: follow_registration(
                done, destinations=destinations, now=clock()
            ),
        },
        lambda name, reference: MongoWatches().ring(name, reference, now=clock()),
    )


def _providers(settings: PaymentsSettings, clock: Clock) -> dict[str, Provider]:
    found: dict[str, Provider] = {}
    if settings.sandbox:
        found[SANDBOX] = SandboxProvider(MongoVault(), clock)
    account = _bank_account(settings)
    if account is not None:
        found[BANK] = BankProvider(account, MongoTray(), MongoDrawer(), clock)
    if _are_given(settings, _STRIPE):
        found[STRIPE] = _stripe(settings)
    if _are_given(settings, _WECHAT):
        found[WECHAT] = _wechat(settings, clock)
    if _are_given(settings, _ALIPAY):
        found[ALIPAY] = _alipay(settings, clock)
    return found


def _are_given(settings: PaymentsSettings, names: tuple[str, ...]) -> bool:
    """Whether settings that go together are there; raise ``SettingsError`` for some only."""
    missing = [name for name in names if not getattr(settings, name)]
    if missing and len(missing) < len(names):
        wanted = ", ".join(_variable(name) for name in missing)
        raise SettingsError(f"{wanted}: missing, and goes together with what is given")
    return not missing


def _variable(name: str) -> str:
    return f"PAYMENTS_{name.upper()}"


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Tell which setting cannot be; its value may be secret and is not told."""
    try:
        yield
    except ValueError as wrong:
        raise SettingsError(f"{_variable(name)}: {wrong}") from None


def _stripe(settings: PaymentsSettings) -> StripeProvider:
    account = StripeAccount(key=settings.stripe_key, webhook_secret=settings.stripe_webhook_secret)
    with _telling("stripe_api_base"):
        return StripeProvider(account, base=settings.stripe_api_base)


def _wechat(settings: PaymentsSettings, clock: Clock) -> WeChatProvider:
    with _telling("wechat_key"):
        key = private_key(settings.wechat_key)
    with _telling("wechat_public_keys"):
        theirs = public_keys(settings.wechat_public_keys)
    ids = [each.strip() for each in settings.wechat_public_key_ids.split(",")]
    if len(ids) != len(theirs) or not all(ids):
        raise SettingsError("PAYMENTS_WECHAT_PUBLIC_KEY_IDS: one for each of the public keys")
    notices_key = settings.wechat_notices_key.encode()
    if len(notices_key) != NOTICES_KEY_BYTES:
        raise SettingsError(f"PAYMENTS_WECHAT_NOTICES_KEY: not {NOTICES_KEY_BYTES} bytes")
    account = WeChatAccount(
        merchant=settings.wechat_merchant,
        app=settings.wechat_app,
        serial=settings.wechat_serial,
        key=key,
        their_keys=dict(zip(ids, theirs, strict=True)),
        notices_key=notices_key,
    )
    with _telling("wechat_api_base"):
        return WeChatProvider(account, clock, gateway=settings.wechat_api_base)


def _alipay(settings: PaymentsSettings, clock: Clock) -> AlipayProvider:
    with _telling("alipay_key"):
        key = private_key(settings.alipay_key)
    with _telling("alipay_public_key"):
        theirs, *others = public_keys(settings.alipay_public_key)
    if others:
        raise SettingsError("PAYMENTS_ALIPAY_PUBLIC_KEY: more than one key")
    account = AlipayAccount(app=settings.alipay_app, key=key, their_key=theirs)
    with _telling("alipay_gateway"):
        return AlipayProvider(account, clock, gateway=settings.alipay_gateway)


def ladder_of(ledger: Ledger) -> Ladder:
    """What milestones are decided and booked with."""
    return Ladder(
        MongoSchedules(),
        MongoEscrows(),
        MongoContracts(),
        MongoPendingShares(),
        RecordedIntentions(),
        ledger,
    )


def correction_files() -> CorrectionFiles:
    """What corrections of outcomes are decided from."""
    return CorrectionFiles(
        MongoSettlements(),
        MongoSchedules(),
        MongoCorrections(),
        MongoPendingShares(),
        RecordedIntentions(),
    )


def counter_of(settings: PaymentsSettings, clock: Clock) -> Counter:
    """Everything that payouts are made from."""
    return Counter(
        payouts=MongoPayouts(),
        destinations=MongoDestinations(),
        desk=desk_of(settings, clock),
        purses=ProjectedPurses(),
        releases=MongoReleases(),
        reserves=PolicyReserve(MongoReserves(), MongoReleases(), clock),
        intentions=RecordedIntentions(),
    )


def bench_of(desk: Desk, books: Books) -> Bench:
    """Everything that disputes are made from."""
    return Bench(MongoDisputes(), courts_of(desk), books, RecordedIntentions())


def reconciler_of(desk: Desk, clock: Clock) -> Reconciler:
    """What compares providers' bills with our operations."""
    book = Book(MongoReconciliations(), SentPayouts(), desk)
    return Reconciler(book, MongoBills(), clock, Turns("reconciliation"))


def ledger_here(
    settings: PaymentsSettings, log: MongoLog, clock: Clock
) -> tuple[Sequencer, LeasedLedger]:
    """The sequencer of this process, and the ledger that prefers whoever leads."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    lease = MongoLease(settings.market, holder=holder, url=settings.own_internal_url)
    snapshots = MongoSnapshots(settings.market)
    sequencer = Sequencer(
        lambda: Writer(settings.market, log, clock, lambda: lease.epoch, snapshots)
    )
    client = ServiceClient(settings, "payments")
    ledger = LeasedLedger(sequencer, lease, lambda url: RemoteLedger(client, base=url, final=True))
    return sequencer, ledger
