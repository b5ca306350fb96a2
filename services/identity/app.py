"""Where identity is put together; the only module that knows every other."""

from __future__ import annotations

from datetime import timedelta

from chassis.clock import clock_of
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, connect
from chassis.settings import SERVICES
from chassis.web import ServiceApp, history_blueprint
from chassis.worker import Worker
from services.identity.keys.adapters import RingKeys, SealedKeys
from services.identity.keys.api import keys_blueprint
from services.identity.keys.repositories import MongoKeyRings
from services.identity.organizations.api import organizations_blueprint
from services.identity.organizations.queries import MongoOrganizationLists
from services.identity.organizations.repositories import MongoOrganizations
from services.identity.settings import IdentitySettings
from services.identity.tokens.adapters import JwtSigner, random_secret
from services.identity.tokens.api import Desk, service_tokens_blueprint, sessions_blueprint
from services.identity.tokens.repositories import MongoSessions
from services.identity.tokens.use_cases import Mint
from services.identity.users.adapters import ArgonHasher, RecentAttempts
from services.identity.users.api import users_blueprint
from services.identity.users.repositories import MongoUsers


def create_app(settings: IdentitySettings | None = None) -> ServiceApp:
    """Build the WSGI app: ``gunicorn 'services.identity.app:create_app()'``."""
    settings = settings or IdentitySettings.from_env()
    connect(settings.mongo_uri)
    users, organizations, rings = MongoUsers(), MongoOrganizations(), MongoKeyRings()
    hasher, clock = ArgonHasher(), clock_of(settings)
    ids = id_maker(system_clock)
    keys = SealedKeys(settings.sealing_secret, ids)
    desk = Desk(
        users=users,
        hasher=hasher,
        attempts=RecentAttempts(),
        organizations=organizations,
        sessions=MongoSessions(),
        mint=_mint(settings, JwtSigner(rings, keys)),
        service_secrets=settings.service_secrets,
        transaction=atomically,
        clock=system_clock,  # tokens live in real time, also in a sandbox
    )
    app = ServiceApp(settings, keys=RingKeys(rings))
    app.register(
        users_blueprint(users, hasher, atomically, ids, clock),
        organizations_blueprint(organizations, users, MongoOrganizationLists(), ids, clock),
        sessions_blueprint(desk),
        service_tokens_blueprint(desk),
        keys_blueprint(rings, keys, settings.longest_token_life, system_clock),
        history_blueprint(),
    )
    return app


def create_worker(settings: IdentitySettings | None = None) -> Worker:
    """Build the worker: it carries identity's events to Kafka and listens to nobody."""
    settings = settings or IdentitySettings.from_env()
    connect(settings.mongo_uri)
    return Worker(settings, subscriptions=[], tasks=[])


def _mint(settings: IdentitySettings, signer: JwtSigner) -> Mint:
    return Mint(
        signer=signer,
        ids=id_maker(system_clock),
        random=random_secret,
        issuer=settings.issuer,
        audience=SERVICES,
        user_life=timedelta(seconds=settings.access_token_seconds),
        service_life=timedelta(seconds=settings.service_token_seconds),
    )
