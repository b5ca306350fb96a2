"""Users over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.web import Blueprint, keyless, public, untransacted
from services.identity.users.domain import User, address_of
from services.identity.users.schemas import RegisteredSchema, RegisterSchema, UserSchema
from services.identity.users.use_cases import (
    PasswordHasher,
    Register,
    Transaction,
    Users,
    register,
)

NEXT = "Log in with POST /v1/sessions. If you had an account already, its password stands."


def users_blueprint(
    users: Users, hasher: PasswordHasher, transaction: Transaction, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/users``."""
    blueprint = Blueprint("users", __name__, url_prefix="/v1/users", description="People")

    @blueprint.post("")
    @public
    @keyless
    @untransacted  # hashing takes 30 ms and a place in a queue: not while holding locks
    @blueprint.arguments(RegisterSchema)
    @blueprint.response(202, RegisteredSchema)
    def register_view(command: Register) -> dict[str, str]:
        """Register. The answer is the same whether or not the address is known already."""
        register(
            command, users=users, hasher=hasher, transaction=transaction, ids=ids, now=clock()
        )
        return {"email": address_of(command.email), "next": NEXT}

    @blueprint.get("/me")
    @blueprint.response(200, UserSchema)
    def read_me_view() -> User:
        """The user who is asking."""
        return users.get(principal().subject)

    return blueprint
