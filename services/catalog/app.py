"""Where catalog is put together; the only module that knows every other."""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis.auth import Keys
from chassis.clock import clock_of
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, connect
from chassis.web import ServiceApp
from chassis.worker import Subscription, Task, Worker
from services.catalog.cartridges.api import cartridges_blueprint
from services.catalog.cartridges.queries import MongoCartridgeLists
from services.catalog.cartridges.repositories import MongoCartridges
from services.catalog.imports.api import exports_blueprint, imports_blueprint
from services.catalog.imports.queries import MongoImportLists
from services.catalog.imports.repositories import MongoImports
from services.catalog.imports.use_cases import check_next_file, publish_next_chunk
from services.catalog.lots.api import lots_blueprint
from services.catalog.lots.queries import MongoLotLists
from services.catalog.lots.repositories import MongoLots
from services.catalog.lots.use_cases import close_due_lots
from services.catalog.offers.api import offers_blueprint
from services.catalog.offers.queries import MongoOfferLists
from services.catalog.offers.repositories import MongoOffers
from services.catalog.offers.use_cases import close_due_offers
from services.catalog.settings import CatalogSettings
from services.catalog.stock import handlers as stock_handlers
from services.catalog.stock.repositories import MongoStock
from services.catalog.stock.use_cases import expire_reservations
from services.catalog.venues import handlers as venue_handlers
from services.catalog.venues.api import venues_blueprint
from services.catalog.venues.queries import MongoVenueLists
from services.catalog.venues.repositories import MongoVenues

LONGEST_RUN_SECONDS = 5.0  # of one task, well within its lease


def create_app(settings: CatalogSettings | None = None, *, keys: Keys | None = None) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.catalog.app:create_app()'``."""
    settings = settings or CatalogSettings.from_env("catalog")
    connect(settings.mongo_uri)
    clock, ids = clock_of(settings), id_maker(system_clock)
    app = ServiceApp(settings, keys=keys)
    app.register(
        lots_blueprint(MongoLots(), MongoLotLists(), ids, clock),
        offers_blueprint(MongoOffers(), MongoOfferLists(), ids, clock),
        venues_blueprint(MongoVenues(), MongoVenueLists(), ids, clock),
        cartridges_blueprint(MongoCartridges(), MongoCartridgeLists(), clock),
        imports_blueprint(MongoImports(), MongoImportLists(), ids, clock),
        exports_blueprint(MongoLots()),
    )
    return app


def create_worker(settings: CatalogSettings | None = None) -> Worker:
    """Build the worker: commands and claims in, events out, and what is due by the clock."""
    settings = settings or CatalogSettings.from_env("catalog")
    connect(settings.mongo_uri)
    clock, ids = clock_of(settings), id_maker(system_clock)
    lots, offers, venues, imports = MongoLots(), MongoOffers(), MongoVenues(), MongoImports()
    stock = MongoStock(lots)
    commands = stock_handlers.command_handlers(stock, offers, clock)
    commands |= venue_handlers.handlers(venues, clock)
    due, soon = settings.sweep_seconds, settings.import_poll_seconds
    most = settings.import_most_lines
    return Worker(
        settings,
        subscriptions=[
            Subscription("catalog.commands", ["teahouse.catalog.commands"], commands),
            Subscription(
                "catalog.claims",
                ["teahouse.matching.claim"],
                stock_handlers.claim_handlers(stock, clock),
                is_urgent=False,
            ),
        ],
        tasks=[
            Task("close-lots", due, _all(lambda: close_due_lots(lots=lots, now=clock()))),
            Task("close-offers", due, _all(lambda: close_due_offers(offers=offers, now=clock()))),
            Task(
                "expire-reservations",
                due,
                _all(lambda: expire_reservations(stock=stock, now=clock())),
            ),
            Task(
                "check-imports",
                soon,
                _until_idle(
                    lambda: check_next_file(
                        imports=imports, lots=lots, clock=clock, most_lines=most
                    )
                ),
            ),
            Task(
                "publish-imports",
                soon,
                _all(lambda: publish_next_chunk(imports=imports, lots=lots, ids=ids, now=clock())),
            ),
        ],
    )


def _all(step: Callable[[], int]) -> Callable[[], None]:
    """Repeat a step, each time in a transaction of its own, until nothing is left to do."""
    return _until_idle(lambda: atomically(step, timeout_seconds=15.0))


def _until_idle(step: Callable[[], int]) -> Callable[[], None]:
    """Repeat a step until nothing is left to do, or others should have their turn."""

    def run() -> None:
        until = time.monotonic() + LONGEST_RUN_SECONDS
        while step() and time.monotonic() < until:
            pass

    return run
