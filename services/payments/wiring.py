"""Which payment providers this installation has, how each is put together, and the clerk."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.kernel.money import Money
from chassis.kernel.time import Clock
from chassis.settings import SettingsError
from services.payments.bank.adapters import NAME as BANK
from services.payments.bank.adapters import BankProvider
from services.payments.bank.api import BankDoor
from services.payments.bank.engine.transfers import Account
from services.payments.bank.queries import files_page, statements_page
from services.payments.bank.repositories import MongoDrawer, MongoTray
from services.payments.destinations.repositories import MongoDestinations
from services.payments.destinations.use_cases import follow_registration
from services.payments.disputes.repositories import MongoWatches
from services.payments.disputes.use_cases import Court
from services.payments.funds.repositories import RecordedIntentions
from services.payments.invoices.engine.rates import rates_of
from services.payments.invoices.repositories import (
    MongoCharges,
    MongoInvoices,
    MongoRecords,
    ProjectedJournal,
)
from services.payments.invoices.use_cases import Clerk, Tariff
from services.payments.payouts.use_cases import follow_payout
from services.payments.providers.domain import Kind
from services.payments.providers.repositories import MongoOperations
from services.payments.providers.use_cases import Desk, Provider
from services.payments.reconciliations.repositories import MongoBills
from services.payments.sandbox.adapters import NAME as SANDBOX
from services.payments.sandbox.adapters import SandboxCourt, SandboxProvider
from services.payments.sandbox.repositories import MongoDocket, MongoVault
from services.payments.settings import PaymentsSettings
from services.payments.statements.queries import read_statement
from services.payments.stripe.adapters import NAME as STRIPE
from services.payments.stripe.adapters import Account as StripeAccount
from services.payments.stripe.adapters import StripeProvider
from services.payments.titles.repositories import MongoTitles

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
    return Desk(
        MongoOperations(),
        _providers(settings, clock),
        {
            Kind.PAYOUT: lambda done: follow_payout(done, intentions=intentions),
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
    if settings.stripe_key or settings.stripe_webhook_secret:
        found[STRIPE] = _stripe(settings)
    return found


def _stripe(settings: PaymentsSettings) -> StripeProvider:
    key, secret = settings.stripe_key, settings.stripe_webhook_secret
    if not key or not secret:
        raise SettingsError("PAYMENTS_STRIPE_KEY and PAYMENTS_STRIPE_WEBHOOK_SECRET go together")
    try:
        account = StripeAccount(key=key, webhook_secret=secret)
        return StripeProvider(account, base=settings.stripe_api_base)
    except ValueError as unsafe:
        raise SettingsError(f"PAYMENTS_STRIPE_API_BASE: {unsafe}") from None
