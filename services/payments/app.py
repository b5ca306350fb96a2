"""Where payments is put together; the only module that knows every other."""

from __future__ import annotations

import os
import socket

from chassis.auth import Keys
from chassis.client import ServiceClient
from chassis.clock import clock_of
from chassis.dispatcher import Dispatcher
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from chassis.mongo import connect
from chassis.web import ServiceApp
from chassis.worker import Subscription, Task, Worker
from services.payments.contracts.api import contracts_blueprint
from services.payments.contracts.repositories import MongoContracts
from services.payments.escrow import handlers as escrow_handlers
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds import handlers as fund_handlers
from services.payments.funds.api import deposits_blueprint
from services.payments.funds.queries import brand_of_fund
from services.payments.funds.repositories import (
    MongoDeposits,
    MongoOfferFunds,
    RecordedIntentions,
)
from services.payments.ledger.adapters import LeasedLedger, RemoteLedger
from services.payments.ledger.api import (
    bulk_blueprint,
    entries_blueprint,
    ledger_blueprint,
    owner_by_path,
)
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.holds import MongoHolds
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.lease import MongoLease
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import expire_holds
from services.payments.naming.api import naming_blueprint
from services.payments.naming.handlers import ending_executor
from services.payments.naming.queries import brand_of_package
from services.payments.naming.repositories import MongoNamingRights
from services.payments.sales import handlers as sale_handlers
from services.payments.sales.repositories import MongoSales
from services.payments.settings import PaymentsSettings
from services.payments.settlements import handlers as settlement_handlers
from services.payments.settlements.api import settlements_blueprint
from services.payments.settlements.queries import settlements_page
from services.payments.settlements.repositories import (
    MongoRefunds,
    MongoSettlements,
    OutboxReplies,
)
from services.payments.settlements.use_cases import Books

FACTS = ("teahouse.catalog.offer", "teahouse.matching.claim", "teahouse.matching.gathering")


def create_app(
    settings: PaymentsSettings | None = None, *, keys: Keys | None = None
) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.payments.app:create_app()'``."""
    settings = settings or PaymentsSettings.from_env("payments")
    connect(settings.mongo_uri)
    clock, ids, intentions = clock_of(settings), id_maker(system_clock), RecordedIntentions()
    naming, log = MongoNamingRights(), MongoLog()
    sequencer, ledger = _ledger_here(settings, log)
    app = ServiceApp(settings, keys=keys)
    app.readiness.add("ledger", lambda: sequencer.is_sound)
    app.register(
        deposits_blueprint(MongoDeposits(), MongoOfferFunds(), naming, intentions, clock, ids),
        naming_blueprint(naming, intentions, clock, ids),
        contracts_blueprint(MongoContracts()),
        settlements_blueprint(MongoSettlements(), settlements_page),
        ledger_blueprint(LedgerQueries(settings.market, log), _owner_of),
        entries_blueprint(ledger, sequencer),
        bulk_blueprint(ledger),
    )
    return app


def create_worker(settings: PaymentsSettings | None = None) -> Worker:
    """Build the worker: it books at the api that leads, and answers the sagas."""
    settings = settings or PaymentsSettings.from_env("payments")
    connect(settings.mongo_uri)
    clock, ledger = clock_of(settings), RemoteLedger(ServiceClient(settings, "payments"))
    books = Books(
        contracts=MongoContracts(),
        escrows=MongoEscrows(),
        naming=MongoNamingRights(),
        sales=MongoSales(),
        settlements=MongoSettlements(),
        refunds=MongoRefunds(),
        ledger=ledger,
        replies=OutboxReplies(),
    )
    commands = escrow_handlers.command_handlers(books.escrows, books.contracts, ledger, clock)
    commands |= settlement_handlers.command_handlers()
    facts = fund_handlers.fact_handlers(MongoOfferFunds())
    facts |= escrow_handlers.fact_handlers(books.escrows, ledger)
    facts |= sale_handlers.fact_handlers(books.sales, ledger)
    executors = settlement_handlers.executors(books, clock)
    executors["deposit"] = fund_handlers.deposit_executor(MongoDeposits(), books.naming, ledger)
    executors["end-naming"] = ending_executor(books.naming, ledger, clock)
    projector = Projector(settings.market, MongoLog())
    keeper = Keeper(settings.market, MongoLog(), MongoSnapshots(settings.market))
    return Worker(
        settings,
        subscriptions=[
            Subscription("payments.commands", ["teahouse.payments.commands"], commands),
            Subscription("payments.facts", FACTS, facts, is_urgent=False),
        ],
        tasks=[
            Task("intents", settings.intents_seconds, Dispatcher(executors).run_once),
            Task("projection", settings.projection_seconds, projector.run),
            Task("history", settings.history_seconds, keeper.run),
            Task(
                "holds",
                settings.hold_expiry_seconds,
                lambda: expire_holds(MongoHolds(), ledger, now=system_clock()),
            ),
        ],
    )


def _owner_of(path: str) -> str | None:
    """Who may read an account: the organisation in its path, or the brand that filled it."""
    return owner_by_path(path) or brand_of_fund(path) or brand_of_package(path)


def _ledger_here(settings: PaymentsSettings, log: MongoLog) -> tuple[Sequencer, LeasedLedger]:
    """The sequencer of this process, and the ledger that prefers whoever leads."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    lease = MongoLease(settings.market, holder=holder, url=settings.own_internal_url)
    snapshots = MongoSnapshots(settings.market)
    sequencer = Sequencer(
        lambda: Writer(settings.market, log, system_clock, lambda: lease.epoch, snapshots)
    )
    client = ServiceClient(settings, "payments")
    ledger = LeasedLedger(sequencer, lease, lambda url: RemoteLedger(client, base=url, final=True))
    return sequencer, ledger
