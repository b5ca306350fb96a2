"""Where matching is put together; the only module that knows every other."""

from __future__ import annotations

from functools import partial

from chassis.auth import Keys
from chassis.clock import clock_of
from chassis.inbox import joined
from chassis.kernel.ids import id_maker
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import connect
from chassis.permissions import Permission
from chassis.signer import Signer
from chassis.web import ServiceApp, history_blueprint, signer_blueprint
from chassis.worker import Subscription, Task, Worker
from services.matching.attendance.api import attendance_blueprint
from services.matching.audits.api import audits_blueprint
from services.matching.audits.handlers import audit_daily
from services.matching.audits.queries import MongoBooks
from services.matching.audits.repositories import MongoAudits
from services.matching.behaviour.api import behaviour_blueprint
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.claims.api import claims_blueprint
from services.matching.claims.queries import MongoTaken
from services.matching.clearings.api import clearings_blueprint
from services.matching.clearings.handlers import ask_each_week, clear_next
from services.matching.communities.api import communities_blueprint
from services.matching.communities.queries import MongoCommunityLists
from services.matching.doors.adapters import SignedDoorCodes
from services.matching.fits.api import fits_blueprint
from services.matching.gatherings import handlers as gathering_handlers
from services.matching.gatherings.api import gatherings_blueprint
from services.matching.holds.api import holds_blueprint
from services.matching.holds.queries import MongoHoldLists
from services.matching.models.adapters import PromotedModels
from services.matching.models.api import models_blueprint, trials_blueprint
from services.matching.models.repositories import MongoModels
from services.matching.offers import handlers as offer_handlers
from services.matching.offers.adapters import RecentLots
from services.matching.offers.api import offers_blueprint
from services.matching.offers.repositories import (
    MongoOfferNotes,
)
from services.matching.offers.schemas import written_offer
from services.matching.offers.use_cases import HostBook, OffersTold
from services.matching.organizations.handlers import organization_handlers
from services.matching.pictures.api import pictures_blueprint
from services.matching.pictures.handlers import draw_all_due, picture_handlers
from services.matching.planner.api import planner_blueprint
from services.matching.registrations.api import registrations_blueprint
from services.matching.registrations.handlers import forget_all_due
from services.matching.registrations.repositories import MongoRegistrations
from services.matching.sales.api import sales_blueprint
from services.matching.settings import MatchingSettings
from services.matching.supply import handlers as supply_handlers
from services.matching.wiring import (
    Kept,
    auditing_of,
    bench_of,
    clearing_desk_of,
    counter_of,
    desk_of,
    door_of,
    matchmaker_of,
    planner_of,
    ranking_of,
    register_of,
    school_of,
    showing_of,
    till_of,
)

WEEKLY_SECONDS = 60.0
"""How often it is looked whether a week's clearing was asked for."""

PROJECTED = (
    "teahouse.catalog.lot",
    "teahouse.catalog.offer",
    "teahouse.catalog.venue",
    "teahouse.catalog.cartridge",
    "teahouse.catalog.kit",
    "teahouse.catalog.shipment",
    "teahouse.matching.claim",
    "teahouse.matching.community",
    "teahouse.matching.gathering",
    "teahouse.identity.organization",
)


def create_app(
    settings: MatchingSettings | None = None, *, keys: Keys | None = None
) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.matching.app:create_app()'``."""
    settings = settings or MatchingSettings.from_env("matching")
    connect(settings.mongo_uri)
    clock, ids, signer = clock_of(settings), id_maker(system_clock), Signer()
    kept, lots, promoted = Kept(clock), RecentLots(), PromotedModels(MongoModels())
    ranking = ranking_of(settings, kept, promoted, lots, clock)
    door_keys, school = SignedDoorCodes(signer), school_of(clock, ids)
    app = ServiceApp(settings, keys=keys)
    app.readiness.add("offers", ranking.is_ready)
    app.register(
        communities_blueprint(kept.communities, MongoCommunityLists(), clock, ids),
        offers_blueprint(
            ranking,
            promoted,
            lots,
            HostBook(kept.hosts, MongoTaken(), OffersTold(written_offer)),
            showing_of(settings, ids),
            clock,
        ),
        holds_blueprint(kept.holds, MongoHoldLists(), clock),
        pictures_blueprint(kept.communities, kept.past, clock),
        fits_blueprint(matchmaker_of(kept, ranking, clock)),
        claims_blueprint(counter_of(kept, clock, ids)),
        planner_blueprint(planner_of(kept), clock),
        gatherings_blueprint(desk_of(kept, clock, ids)),
        attendance_blueprint(door_of(kept, door_keys, clock, ids)),
        registrations_blueprint(register_of(kept, door_keys, clock)),
        sales_blueprint(till_of(kept, clock, ids)),
        behaviour_blueprint(BehaviourQueries()),
        audits_blueprint(auditing_of(clock, ids)),
        models_blueprint(school),
        trials_blueprint(school),
        signer_blueprint(signer, Permission.MATCHING_KEY_ROTATE),
        clearings_blueprint(clearing_desk_of(clock, ids)),
        history_blueprint(),
    )
    return app


def create_worker(settings: MatchingSettings | None = None) -> Worker:
    """Build the worker: answers and facts in, events out, and what is due by the clock."""
    settings = settings or MatchingSettings.from_env("matching")
    connect(settings.mongo_uri)
    clock = clock_of(settings)
    kept = Kept(clock)
    facts = joined(
        offer_handlers.handlers(MongoOfferNotes()), picture_handlers(kept.pictures, kept.past)
    )
    facts |= supply_handlers.handlers(kept.slots, kept.cartridges, kept.kits)
    facts |= organization_handlers(kept.organizations)
    facts |= gathering_handlers.shipment_handlers(kept.gatherings, kept.claims, kept.sagas, clock)
    replies = ["teahouse.matching.saga-replies"]
    return Worker(
        settings,
        subscriptions=[
            Subscription("matching.saga", replies, kept.sagas.handlers()),
            Subscription("matching.projection", PROJECTED, facts, is_urgent=False, is_shown=True),
        ],
        tasks=[*_tasks(settings, kept, clock), *_clearing(settings, kept, clock)],
    )


def _tasks(settings: MatchingSettings, kept: Kept, clock: Clock) -> list[Task]:
    """What is due by the clock."""
    approve = partial(
        gathering_handlers.approve_all_in_silence,
        kept.gathering_lists,
        kept.gatherings,
        kept.sagas,
        clock,
    )
    review = partial(
        gathering_handlers.review_all_overdue, kept.gathering_lists, kept.gatherings, clock
    )
    draw = partial(draw_all_due, kept.pictures, kept.communities, kept.past)
    forget = partial(forget_all_due, MongoRegistrations(), clock)
    audit = partial(audit_daily, MongoBooks(), MongoAudits(), clock)
    return [
        Task("sagas", settings.saga_sweep_seconds, kept.sagas.sweep),
        Task("approvals", settings.approval_sweep_seconds, approve),
        Task("reviews", settings.review_sweep_seconds, review),
        Task("pictures", settings.picture_sweep_seconds, draw),
        Task("forget-answers", settings.review_sweep_seconds, forget),
        Task("audits", settings.audit_sweep_seconds, audit),
    ]


def _clearing(settings: MatchingSettings, kept: Kept, clock: Clock) -> list[Task]:
    """What clears the market: asked for, and once a week where that is set."""
    bench = bench_of(settings, kept)
    ask = partial(
        ask_each_week,
        bench.clearings,
        id_maker(system_clock),
        clock,
        reserve=settings.clearing_reserve,
    )
    weekly = [Task("weekly-clearing", WEEKLY_SECONDS, ask)] if settings.clearing_weekly else []
    clear = partial(clear_next, bench, clock)
    return [Task("clearings", settings.clearing_sweep_seconds, clear), *weekly]
