"""Where payments is put together; the only module that knows every other."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from chassis import metrics
from chassis.auth import Keys
from chassis.client import ServiceClient
from chassis.clock import clock_of
from chassis.dispatcher import Dispatcher
from chassis.inbox import joined
from chassis.kernel.ids import id_maker
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import connect
from chassis.permissions import Permission
from chassis.signer import Signer
from chassis.turns import Turns
from chassis.web import ServiceApp, history_blueprint
from chassis.web.keys import signer_blueprint
from chassis.worker import Subscription, Task, Worker
from services.payments.accounting.api import accounting_blueprint
from services.payments.accounting.queries import AccountingQueries
from services.payments.audits.api import audits_blueprint
from services.payments.audits.queries import latest_audit, projection
from services.payments.audits.repositories import Auditor
from services.payments.bank.api import bank_blueprint
from services.payments.bank.queries import gaps
from services.payments.contracts.api import contracts_blueprint
from services.payments.contracts.repositories import MongoContracts
from services.payments.corrections.api import corrections_blueprint
from services.payments.corrections.handlers import correction_executor
from services.payments.corrections.use_cases import CORRECTION
from services.payments.debts.repositories import ProjectedDebts
from services.payments.debts.use_cases import recover_debts
from services.payments.destinations.api import destinations_blueprint
from services.payments.destinations.queries import destinations_page
from services.payments.destinations.repositories import MongoDestinations
from services.payments.disputes import handlers as dispute_handlers
from services.payments.disputes.api import disputes_blueprint
from services.payments.disputes.queries import disputes_page
from services.payments.disputes.repositories import MongoDisputes, MongoWatches
from services.payments.dues import handlers as due_handlers
from services.payments.dues.adapters import ProjectedBalances
from services.payments.dues.api import dues_blueprint
from services.payments.dues.queries import dues_page
from services.payments.dues.repositories import MongoDues
from services.payments.escrow import handlers as escrow_handlers
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds import handlers as fund_handlers
from services.payments.funds.api import deposits_blueprint, funds_blueprint
from services.payments.funds.queries import brand_of_fund, funds_page, notice_of
from services.payments.funds.repositories import (
    MongoDeposits,
    MongoFundWatches,
    MongoOfferFunds,
    RecordedIntentions,
)
from services.payments.funds.use_cases import watch_funds
from services.payments.invoices.api import invoices_blueprint
from services.payments.invoices.queries import invoices_page, lines_of
from services.payments.invoices.repositories import MongoInvoices
from services.payments.ledger.adapters import RemoteLedger
from services.payments.ledger.api import (
    bulk_blueprint,
    entries_blueprint,
    ledger_blueprint,
    owner_by_path,
)
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.clock import CheckedClock
from services.payments.ledger.repositories.holds import MongoHolds
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.use_cases import Ledger, expire_holds
from services.payments.milestones import handlers as milestone_handlers
from services.payments.milestones.api import milestones_blueprint
from services.payments.milestones.repositories import MongoSchedules
from services.payments.milestones.use_cases import CLAW_BACK, END
from services.payments.naming import handlers as naming_handlers
from services.payments.naming.api import naming_blueprint
from services.payments.naming.queries import brand_of_package
from services.payments.naming.repositories import MongoNamingRights
from services.payments.payouts import handlers as payout_handlers
from services.payments.payouts.api import payouts_blueprint
from services.payments.payouts.queries import payouts_page
from services.payments.payouts.repositories import MongoPayouts
from services.payments.payouts.use_cases import Counter
from services.payments.proofs.api import proofs_blueprint
from services.payments.proofs.queries import ProofQueries
from services.payments.proofs.repositories import MongoDays, signing
from services.payments.proofs.use_cases import DaySealer
from services.payments.providers.api import operations_blueprint, providers_blueprint
from services.payments.providers.handlers import Janitor
from services.payments.providers.queries import (
    open_by_provider,
    operations_page,
    stuck_count,
)
from services.payments.reconciliations.api import reconciliations_blueprint
from services.payments.reconciliations.handlers import show_breaks
from services.payments.reconciliations.queries import (
    break_counts,
    oldest_breaks,
    reconciliations_page,
)
from services.payments.reconciliations.repositories import (
    MongoReconciliations,
)
from services.payments.releases import handlers as release_handlers
from services.payments.releases.repositories import MongoPendingShares, MongoReleases
from services.payments.reserves.api import reserves_blueprint
from services.payments.reserves.repositories import MongoReserves
from services.payments.royalties import handlers as royalty_handlers
from services.payments.royalties.api import royalties_blueprint
from services.payments.royalties.repositories import MongoRoyalties
from services.payments.royalties.use_cases import RELEASE
from services.payments.sales import handlers as sale_handlers
from services.payments.sales.repositories import MongoSales
from services.payments.sandbox.adapters import HttpPost
from services.payments.sandbox.api import sandbox_blueprint
from services.payments.sandbox.repositories import MongoDocket, MongoFaults, MongoVault
from services.payments.sandbox.use_cases import deliver
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
from services.payments.statements.api import statements_blueprint
from services.payments.statements.queries import read_statement
from services.payments.titles.api import titles_blueprint
from services.payments.titles.repositories import MongoTitles
from services.payments.wiring import (
    bank_door_of,
    bench_of,
    clerk_of,
    correction_files,
    counter_of,
    desk_of,
    ladder_of,
    ledger_here,
    reconciler_of,
)

FACTS = (
    "teahouse.catalog.offer",
    "teahouse.catalog.copy-claim",
    "teahouse.catalog.shipment",
    "teahouse.catalog.venue",
    "teahouse.matching.claim",
    "teahouse.matching.gathering",
    "teahouse.payments.settlement",
)


def create_app(
    settings: PaymentsSettings | None = None, *, keys: Keys | None = None
) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.payments.app:create_app()'``."""
    settings = settings or PaymentsSettings.from_env("payments")
    connect(settings.mongo_uri)
    clock, ids, intentions = clock_of(settings), id_maker(system_clock), RecordedIntentions()
    zone = ZoneInfo(settings.zone)
    naming, log = MongoNamingRights(), MongoLog()
    booking_clock = CheckedClock(system_clock)
    sequencer, ledger = ledger_here(settings, log, booking_clock)
    desk = desk_of(settings, clock)
    signer = Signer()
    proofs = ProofQueries(settings.market, log, signer)
    queries = LedgerQueries(settings.market, log, annex=proofs.exported)
    app = ServiceApp(settings, keys=keys)
    app.readiness.add("ledger", lambda: sequencer.is_sound)
    app.readiness.add("clock", booking_clock.is_right)
    app.register(
        deposits_blueprint(MongoDeposits(), MongoOfferFunds(), naming, intentions, clock),
        funds_blueprint(MongoOfferFunds(), MongoFundWatches(settings.market), funds_page, clock),
        naming_blueprint(naming, intentions, clock, ids),
        royalties_blueprint(MongoRoyalties()),
        contracts_blueprint(MongoContracts(), clock, ids),
        dues_blueprint(MongoDues(), dues_page),
        settlements_blueprint(MongoSettlements(), settlements_page),
        corrections_blueprint(correction_files(), clock),
        milestones_blueprint(ladder_of(ledger), clock),
        disputes_blueprint(MongoDisputes(), disputes_page, MongoWatches(), clock),
        ledger_blueprint(queries, _owner_of),
        entries_blueprint(ledger, sequencer),
        history_blueprint(),
        providers_blueprint(desk, operations_page, open_by_provider, clock),
        operations_blueprint(desk, operations_page, clock),
        destinations_blueprint(
            MongoDestinations(), destinations_page, desk, settings.payout_provider, clock, ids
        ),
        payouts_blueprint(MongoPayouts(), payouts_page),
        reserves_blueprint(MongoReserves(), MongoReleases(), clock),
        bank_blueprint(bank_door_of(settings, desk, clock), clock),
        reconciliations_blueprint(
            MongoReconciliations(), reconciliations_page, oldest_breaks, clock
        ),
        sandbox_blueprint(MongoFaults(), MongoDocket(), clock, ids, is_sandbox=settings.sandbox),
        statements_blueprint(
            read_statement, _owner_of, zone=zone, anchor=proofs.anchor, notice=notice_of
        ),
        invoices_blueprint(
            MongoInvoices(), invoices_page, lines_of, zone=zone, anchor=proofs.anchor
        ),
        titles_blueprint(MongoTitles()),
        proofs_blueprint(proofs, queries.entry, _owner_of),
        accounting_blueprint(AccountingQueries(settings.market, zone, log), system_clock),
        audits_blueprint(
            lambda: latest_audit(settings.market),
            lambda: projection(settings.market),
            Projector(settings.market, log).forget,
        ),
        signer_blueprint(signer, Permission.PAYMENTS_KEY_ROTATE),
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
        royalties=MongoRoyalties(),
        pending=MongoPendingShares(),
        schedules=MongoSchedules(),
        ledger=ledger,
        replies=OutboxReplies(),
    )
    commands = escrow_handlers.command_handlers(
        books.escrows, books.contracts, MongoOfferFunds(), ledger, clock
    )
    commands |= settlement_handlers.command_handlers()
    facts = fund_handlers.fact_handlers(MongoOfferFunds())
    facts |= escrow_handlers.fact_handlers(books.escrows, ledger)
    facts |= royalty_handlers.fact_handlers(books.royalties, RecordedIntentions())
    facts |= due_handlers.fact_handlers(MongoDues())
    facts |= due_handlers.fee_handlers(ledger, settings.returns_basis_points)
    ladder, turns = ladder_of(ledger), Turns("milestones")
    gatherings = joined(
        sale_handlers.fact_handlers(books.sales, ledger),
        milestone_handlers.fact_handlers(ladder),
        naming_handlers.fact_handlers(books.naming, RecordedIntentions()),
    )
    facts |= gatherings
    executors = settlement_handlers.executors(books, clock)
    executors[END] = milestone_handlers.end_executor(ladder, clock)
    executors[CLAW_BACK] = milestone_handlers.clawback_executor(ladder, clock)
    executors[CORRECTION] = correction_executor(correction_files(), ledger, clock)
    executors["deposit"] = fund_handlers.deposit_executor(MongoDeposits(), books.naming, ledger)
    executors |= naming_handlers.executors(books.naming, ledger, clock)
    executors[RELEASE] = royalty_handlers.release_executor(
        books.royalties, books.pending, ledger, clock
    )
    executors["release"] = release_handlers.release_executor(MongoReleases(), ledger, clock)
    counter = counter_of(settings, clock)
    executors |= payout_handlers.executors(counter, ledger, clock)
    bench = bench_of(counter.desk, books)
    executors |= dispute_handlers.executors(bench, clock)
    watcher = dispute_handlers.Watcher(bench, MongoWatches(), clock)
    projector = Projector(settings.market, MongoLog())
    auditor = Auditor(settings.market, MongoLog())
    sealer = DaySealer(
        settings.market,
        ZoneInfo(settings.zone),
        MongoLog(),
        MongoDays(settings.market),
        signing(Signer()),
    )
    balances = ProjectedBalances(LedgerQueries(settings.market, MongoLog()))
    collector = due_handlers.Collector(MongoDues(), ledger, balances)
    keeper = Keeper(settings.market, MongoLog(), MongoSnapshots(settings.market))
    clerk, watches = clerk_of(settings), MongoFundWatches(settings.market)
    return Worker(
        settings,
        subscriptions=[
            Subscription("payments.commands", ["teahouse.payments.commands"], commands),
            Subscription("payments.facts", FACTS, facts, is_urgent=False),
        ],
        tasks=[
            Task("intents", settings.intents_seconds, Dispatcher(executors).run_once),
            Task("projection", settings.projection_seconds, projector.run),
            Task("audit", settings.audit_seconds, lambda: auditor.run(system_clock())),
            Task("days", settings.sealing_seconds, lambda: sealer.run(system_clock())),
            Task("dues", settings.dues_seconds, collector.run),
            Task("disputes", settings.providers_seconds, watcher.run),
            Task(
                "funds",
                settings.funds_seconds,
                lambda: watch_funds(funds=MongoOfferFunds(), watches=watches, now=clock()),
            ),
            Task("invoices", settings.invoices_seconds, lambda: clerk.run(system_clock())),
            Task(
                "milestones",
                settings.payouts_seconds,
                lambda: milestone_handlers.advance_due(ladder, clock, turns),
            ),
            Task("history", settings.history_seconds, keeper.run),
            Task(
                "holds",
                settings.hold_expiry_seconds,
                lambda: expire_holds(MongoHolds(), ledger, now=system_clock()),
            ),
            *_payout_tasks(settings, counter, ledger, clock),
        ],
        checks={"audit": auditor.is_sound},
    )


def _payout_tasks(
    settings: PaymentsSettings, counter: Counter, ledger: Ledger, clock: Clock
) -> list[Task]:
    """What frees shares, pays them out, and asks providers until they have answered."""
    seconds, vault, janitor = settings.payouts_seconds, MongoVault(), Janitor(counter.desk, clock)
    shares, releases, turns = MongoPendingShares(), MongoReleases(), Turns("releases")
    batch = payout_handlers.Batch(counter, clock, Turns("payouts"))

    def release() -> int:
        return release_handlers.release_due(shares, releases, counter.intentions, clock, turns)

    tasks = [
        Task("releases", seconds, release),
        Task("debts", seconds, lambda: recover_debts(ProjectedDebts(), ledger)),
        Task("payouts", seconds, batch.run),
        Task("providers", settings.providers_seconds, janitor.run),
        Task(
            "statements",
            settings.reconciliation_seconds,
            lambda: metrics.BANK_STATEMENT_GAPS.set(len(gaps())),
        ),
        Task("stuck", seconds, lambda: metrics.PROVIDER_STUCK.set(stuck_count())),
        Task(
            "reconciliation",
            settings.reconciliation_seconds,
            reconciler_of(counter.desk, clock).run,
        ),
        Task(
            "breaks",
            settings.reconciliation_seconds,
            lambda: show_breaks(lambda: break_counts(clock())),
        ),
    ]
    if settings.sandbox:
        post = HttpPost(vault, settings.webhook_url("sandbox"), system_clock)
        send = Task(
            "post", settings.providers_seconds, lambda: deliver(vault, vault, post, now=clock())
        )
        tasks.append(send)
    return tasks


def _owner_of(path: str) -> str | None:
    """Who may read an account: the organisation in its path, or the brand that filled it."""
    return owner_by_path(path) or brand_of_fund(path) or brand_of_package(path)
