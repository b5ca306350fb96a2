"""Where catalog is put together; the only module that knows every other."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from chassis.auth import Keys
from chassis.clock import clock_of
from chassis.kernel.ids import id_maker
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import atomically, connect
from chassis.permissions import Permission
from chassis.signer import Signer
from chassis.web import ServiceApp, history_blueprint, signer_blueprint
from chassis.worker import Subscription, Task, Worker
from services.catalog.authors.api import authors_blueprint
from services.catalog.authors.repositories import MongoAuthorKeys
from services.catalog.cartridges.api import cartridges_blueprint
from services.catalog.cartridges.queries import MongoCartridgeLists
from services.catalog.cartridges.repositories import MongoCartridges
from services.catalog.codes.adapters import SignedCodes
from services.catalog.codes.api import Press, codes_blueprint, scans_blueprint
from services.catalog.codes.queries import MongoCodeLists
from services.catalog.codes.repositories import MongoCodeBatches, MongoScans
from services.catalog.copies.api import Court, copies_blueprint
from services.catalog.copies.queries import MongoCopyLists
from services.catalog.copies.repositories import MongoCopies
from services.catalog.copies.use_cases import lapse_copy_claims
from services.catalog.hosts import handlers as host_handlers
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.imports.api import exports_blueprint, imports_blueprint
from services.catalog.imports.queries import MongoImportLists
from services.catalog.imports.repositories import MongoImports
from services.catalog.imports.use_cases import check_next_file, publish_next_chunk, sweep_files
from services.catalog.kits import handlers as kit_handlers
from services.catalog.kits.api import kits_blueprint
from services.catalog.kits.queries import MongoKitLists
from services.catalog.kits.repositories import MongoKits
from services.catalog.lots.api import lots_blueprint
from services.catalog.lots.queries import MongoLotLists
from services.catalog.lots.repositories import MongoLots
from services.catalog.lots.use_cases import close_due_lots
from services.catalog.offers.api import offers_blueprint
from services.catalog.offers.queries import MongoOfferLists
from services.catalog.offers.repositories import MongoOffers
from services.catalog.offers.use_cases import close_due_offers
from services.catalog.photos.api import photos_blueprint
from services.catalog.photos.repositories import MongoPictures
from services.catalog.photos.use_cases import sweep_pictures
from services.catalog.plans.api import plans_blueprint
from services.catalog.plans.repositories import MongoPlans
from services.catalog.plans.use_cases import extend_plans
from services.catalog.ratings import handlers as rating_handlers
from services.catalog.ratings.api import ratings_blueprint
from services.catalog.ratings.queries import MongoFigures
from services.catalog.ratings.repositories import MongoRatings, MongoRuns
from services.catalog.recurring.api import recurring_blueprint
from services.catalog.search.api import listings_blueprint, search_blueprint
from services.catalog.search.queries import MongoLotFinder
from services.catalog.search.repositories import MongoListings
from services.catalog.settings import CatalogSettings
from services.catalog.shipments import handlers as shipment_handlers
from services.catalog.shipments.api import shipments_blueprint
from services.catalog.shipments.queries import MongoShipmentLists
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.shipments.use_cases import (
    ask_brands,
    decide_in_silence,
    receive_uncounted,
    release_ripe,
)
from services.catalog.similarity.repositories import MongoPrints
from services.catalog.slots import handlers as slot_handlers
from services.catalog.slots.api import holds_blueprint, slots_blueprint
from services.catalog.slots.queries import MongoSlotLists
from services.catalog.slots.repositories import MongoCalendars
from services.catalog.slots.use_cases import expire_holds
from services.catalog.stock import handlers as stock_handlers
from services.catalog.stock.repositories import MongoStock
from services.catalog.stock.use_cases import expire_reservations
from services.catalog.venues.api import venues_blueprint
from services.catalog.venues.queries import MongoVenueLists
from services.catalog.venues.repositories import MongoVenues

LONGEST_RUN_SECONDS = 5.0  # of one task, well within its lease


def create_app(settings: CatalogSettings | None = None, *, keys: Keys | None = None) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.catalog.app:create_app()'``."""
    settings = settings or CatalogSettings.from_env("catalog")
    connect(settings.mongo_uri)
    clock, ids = clock_of(settings), id_maker(system_clock)
    venues, plans, diary = MongoVenues(), MongoPlans(), MongoSlotLists()
    shipments, listed, stock = MongoShipments(), MongoShipmentLists(), MongoStock(MongoLots())
    lots, calendars, signer = MongoLots(), MongoCalendars(venues), Signer()
    press = Press(
        batches=MongoCodeBatches(),
        scans=MongoScans(),
        lists=MongoCodeLists(),
        keys=SignedCodes(signer),
        lots=lots,
        stock=stock,
        ids=ids,
        random=lambda: secrets.token_hex(16),
        clock=clock,
        origin=settings.code_origin,
    )
    app = ServiceApp(settings, keys=keys)
    app.register(
        lots_blueprint(lots, MongoLotLists(), ids, clock),
        photos_blueprint(lots, MongoPictures(), atomically, ids, clock),
        shipments_blueprint(shipments, listed, lots, stock, ids, clock),
        search_blueprint(MongoLotFinder(MongoOfferLists()), clock),
        listings_blueprint(MongoListings(lots)),
        offers_blueprint(MongoOffers(), MongoOfferLists(), ids, clock),
        venues_blueprint(venues, MongoVenueLists(), MongoCartridges(), ids, clock),
        slots_blueprint(calendars, venues, diary, ids, clock),
        holds_blueprint(calendars, venues, diary, ids, clock),
        plans_blueprint(plans, calendars, venues, clock, weeks=settings.plan_weeks),
        recurring_blueprint(venues, calendars, plans, ids, clock),
        authors_blueprint(MongoAuthorKeys(), clock),
        cartridges_blueprint(
            MongoCartridges(),
            MongoAuthorKeys(),
            MongoCartridgeLists(),
            MongoFigures(),
            MongoPrints(),
            clock,
        ),
        ratings_blueprint(MongoRuns(), MongoRatings(), MongoFigures(), clock),
        copies_blueprint(
            Court(
                copies=MongoCopies(),
                lists=MongoCopyLists(),
                cartridges=MongoCartridges(),
                prints=MongoPrints(),
                clock=clock,
            )
        ),
        imports_blueprint(MongoImports(), MongoImportLists(), ids, clock),
        exports_blueprint(lots),
        kits_blueprint(MongoKits(), MongoKitLists(), lots, MongoCartridges(), ids, clock),
        codes_blueprint(press),
        scans_blueprint(press),
        signer_blueprint(signer, Permission.CATALOG_KEY_ROTATE),
        history_blueprint(),
    )
    return app


def create_worker(settings: CatalogSettings | None = None) -> Worker:
    """Build the worker: commands and claims in, events out, and what is due by the clock."""
    settings = settings or CatalogSettings.from_env("catalog")
    connect(settings.mongo_uri)
    clock = clock_of(settings)
    offers, stock, hosts = MongoOffers(), MongoStock(MongoLots()), MongoHosts()
    commands = stock_handlers.command_handlers(stock, offers, hosts, clock)
    commands |= kit_handlers.command_handlers(
        MongoKits(), MongoCartridges(), stock, offers, hosts, clock
    )
    commands |= shipment_handlers.command_handlers(stock, MongoShipments(), clock)
    commands |= slot_handlers.handlers(MongoCalendars(MongoVenues()), clock)
    claims = shipment_handlers.claim_handlers(stock, MongoShipments(), clock)
    claims |= host_handlers.handlers(hosts)
    return Worker(
        settings,
        subscriptions=[
            Subscription("catalog.commands", ["teahouse.catalog.commands"], commands),
            Subscription(
                "catalog.runs",
                ["teahouse.matching.gathering"],
                rating_handlers.handlers(MongoRuns()),
                is_urgent=False,
            ),
            Subscription("catalog.claims", ["teahouse.matching.claim"], claims, is_urgent=False),
        ],
        tasks=_tasks(settings, clock),
    )


def _tasks(settings: CatalogSettings, clock: Clock) -> list[Task]:
    """What is due by the clock, each until nothing is left to do."""
    lots, offers, imports, plans = MongoLots(), MongoOffers(), MongoImports(), MongoPlans()
    stock, calendars, pictures = MongoStock(lots), MongoCalendars(MongoVenues()), MongoPictures()
    copies, cartridges = MongoCopies(), MongoCartridges()
    ids, shipments, weeks = id_maker(system_clock), MongoShipments(), settings.plan_weeks
    due: dict[str, Callable[[], int]] = {
        "close-lots": lambda: close_due_lots(lots=lots, now=clock()),
        "close-offers": lambda: close_due_offers(offers=offers, now=clock()),
        "expire-reservations": lambda: expire_reservations(stock=stock, now=clock()),
        "release-shipments": lambda: release_ripe(shipments=shipments, now=clock()),
        "ask-brands": lambda: ask_brands(shipments=shipments, lots=lots, now=clock()),
        "decide-shipments": lambda: decide_in_silence(
            shipments=shipments, lots=lots, stock=stock, now=clock()
        ),
        "receive-shipments": lambda: receive_uncounted(shipments=shipments, now=clock()),
        "lapse-copy-claims": lambda: lapse_copy_claims(
            copies=copies, cartridges=cartridges, now=clock()
        ),
        "expire-holds": lambda: expire_holds(calendars=calendars, now=clock()),
        "extend-plans": lambda: extend_plans(
            plans=plans, calendars=calendars, weeks=weeks, now=clock()
        ),
    }
    most, poll_seconds = settings.import_most_lines, settings.import_poll_seconds
    return [
        *(Task(name, settings.sweep_seconds, _all(step)) for name, step in due.items()),
        Task(
            "sweep-photos",
            settings.sweep_seconds,
            lambda: sweep_pictures(pictures=pictures, now=clock()),
        ),
        Task(
            "sweep-files",
            settings.sweep_seconds,
            _until_idle(lambda: sweep_files(imports=imports, now=clock())),
        ),
        Task(
            "check-imports",
            poll_seconds,
            _until_idle(
                lambda: check_next_file(imports=imports, lots=lots, clock=clock, most_lines=most)
            ),
        ),
        Task(
            "publish-imports",
            poll_seconds,
            _all(lambda: publish_next_chunk(imports=imports, lots=lots, ids=ids, now=clock())),
        ),
    ]


def _all(step: Callable[[], int]) -> Callable[[], bool]:
    """Repeat a step, each time in a transaction of its own, until nothing is left to do."""
    return _until_idle(lambda: atomically(step, timeout_seconds=15.0))


def _until_idle(step: Callable[[], int]) -> Callable[[], bool]:
    """Repeat a step until nothing is left to do, or its lease is to be looked at again.

    Answers whether something is left.
    """

    def run() -> bool:
        until = time.monotonic() + LONGEST_RUN_SECONDS
        while step():
            if time.monotonic() >= until:
                return True
        return False

    return run
