"""What must exist before identity can serve: a signing key, and the platform's organisation."""

from __future__ import annotations

from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, connect
from chassis.settings import SettingsError
from services.identity.keys.adapters import SealedKeys
from services.identity.keys.repositories import MongoKeyRings
from services.identity.keys.use_cases import ensure_key
from services.identity.organizations.repositories import MongoOrganizations
from services.identity.organizations.use_cases import found_platform
from services.identity.settings import IdentitySettings
from services.identity.users.adapters import ArgonHasher
from services.identity.users.repositories import MongoUsers
from services.identity.users.use_cases import Register, register


def prepare(settings: IdentitySettings | None = None) -> None:
    """Make what is missing, after the indexes; a second run changes nothing.

    The platform is founded when an operator's address and password are set; later runs
    leave its password alone.
    """
    settings = settings or IdentitySettings.from_env()
    connect(settings.mongo_uri)
    ids = id_maker(system_clock)
    keys = SealedKeys(settings.sealing_secret, ids)
    life = settings.longest_token_life
    atomically(
        lambda: ensure_key(rings=MongoKeyRings(), maker=keys, life=life, now=system_clock())
    )
    if settings.platform_operator_email:
        _found_platform(settings)


def _found_platform(settings: IdentitySettings) -> None:
    organizations, ids = MongoOrganizations(), id_maker(system_clock)
    if organizations.platform() is not None:
        return
    hasher = ArgonHasher()
    operator = register(
        Register(
            email=settings.platform_operator_email,
            name="Platform operator",
            password=settings.platform_operator_password,
        ),
        users=MongoUsers(),
        hasher=hasher,
        transaction=atomically,
        ids=ids,
        now=system_clock(),
    )
    if not hasher.verify(operator.password_hash, settings.platform_operator_password):
        # Or whoever registered this address first would become the operator.
        raise SettingsError("the operator's address is registered with another password")
    atomically(
        lambda: found_platform(
            operator.id, organizations=organizations, ids=ids, now=system_clock()
        )
    )


if __name__ == "__main__":
    prepare()
