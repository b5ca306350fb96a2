"""Who may do what: one list of permissions, one table of roles."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """What an organisation is here for."""

    BRAND = "brand"
    HOST = "host"
    VENUE = "venue"
    AUTHOR = "author"
    PLATFORM = "platform"


class Role(StrEnum):
    """What a member may do in an organisation."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    OPERATOR = "operator"


class Permission(StrEnum):
    """One thing somebody may be allowed to do: ``service:resource:action``."""

    IDENTITY_MEMBER_INVITE = "identity:member:invite"
    IDENTITY_KEY_ROTATE = "identity:key:rotate"
    CATALOG_LOT_PUBLISH = "catalog:lot:publish"
    CATALOG_IMPORT_RUN = "catalog:import:run"
    CATALOG_OFFER_OPEN = "catalog:offer:open"
    CATALOG_VENUE_OPEN = "catalog:venue:open"
    CATALOG_SLOT_HOLD = "catalog:slot:hold"
    CATALOG_CARTRIDGE_PUBLISH = "catalog:cartridge:publish"
    CATALOG_CARTRIDGE_RATE = "catalog:cartridge:rate"
    CATALOG_COPY_CLAIM = "catalog:copy-claim:make"
    CATALOG_COPY_RULE = "catalog:copy-claim:rule"
    CATALOG_CODE_MAKE = "catalog:code:make"
    CATALOG_KIT_DRAFT = "catalog:kit:draft"
    CATALOG_KIT_SIGN = "catalog:kit:sign"
    CATALOG_KEY_ROTATE = "catalog:key:rotate"
    CATALOG_SHIPMENT_DISPATCH = "catalog:shipment:dispatch"
    CATALOG_SHIPMENT_RECEIVE = "catalog:shipment:receive"
    MATCHING_COMMUNITY_FOUND = "matching:community:found"
    MATCHING_OFFER_READ = "matching:offer:read"
    MATCHING_FIT_READ = "matching:fit:read"
    MATCHING_CLAIM_MAKE = "matching:claim:make"
    MATCHING_CLAIM_READ = "matching:claim:read"
    MATCHING_GATHERING_RUN = "matching:gathering:run"
    MATCHING_GATHERING_APPROVE = "matching:gathering:approve"
    MATCHING_GATHERING_READ = "matching:gathering:read"
    MATCHING_KEY_ROTATE = "matching:key:rotate"
    MATCHING_AUDIT_MAKE = "matching:audit:make"
    MATCHING_MODEL_PROMOTE = "matching:model:promote"
    MATCHING_CLEARING_RUN = "matching:clearing:run"
    PAYMENTS_DEPOSIT_RECORD = "payments:deposit:record"
    PAYMENTS_FUND_WATCH = "payments:fund:watch"
    PAYMENTS_NAMING_BUY = "payments:naming:buy"
    PAYMENTS_NAMING_ACCEPT = "payments:naming:accept"
    PAYMENTS_CONTRACT_DRAFT = "payments:contract:draft"
    PAYMENTS_CONTRACT_SIGN = "payments:contract:sign"
    PAYMENTS_ENTRY_BOOK = "payments:entry:book"
    PAYMENTS_STATEMENT_READ = "payments:statement:read"
    PAYMENTS_BOOKS_READ = "payments:books:read"
    PAYMENTS_SANDBOX_STEER = "payments:sandbox:steer"
    PAYMENTS_DESTINATION_SET = "payments:destination:set"
    PAYMENTS_DISPUTE_ANSWER = "payments:dispute:answer"
    PAYMENTS_DISPUTE_SUBMIT = "payments:dispute:submit"
    PAYMENTS_TITLE_SET = "payments:title:set"
    PAYMENTS_BANK_RUN = "payments:bank:run"
    PAYMENTS_RESERVE_SET = "payments:reserve:set"
    PAYMENTS_KEY_ROTATE = "payments:key:rotate"
    PAYMENTS_OUTCOME_DECIDE = "payments:outcome:decide"


# What members of every kind of organisation may do.
_ALL = frozenset(
    {
        Permission.CATALOG_KIT_DRAFT,
        Permission.MATCHING_CLAIM_READ,
        Permission.MATCHING_GATHERING_READ,
        Permission.PAYMENTS_CONTRACT_DRAFT,
        Permission.PAYMENTS_CONTRACT_SIGN,
        Permission.PAYMENTS_STATEMENT_READ,
        Permission.PAYMENTS_TITLE_SET,
    }
)

_DAILY: dict[Kind, frozenset[Permission]] = {
    Kind.BRAND: frozenset(
        {
            Permission.CATALOG_LOT_PUBLISH,
            Permission.CATALOG_IMPORT_RUN,
            Permission.CATALOG_OFFER_OPEN,
            Permission.CATALOG_CODE_MAKE,
            Permission.CATALOG_KIT_SIGN,
            Permission.CATALOG_SHIPMENT_DISPATCH,
            Permission.MATCHING_FIT_READ,
            Permission.MATCHING_GATHERING_APPROVE,
            Permission.PAYMENTS_DISPUTE_ANSWER,
            Permission.PAYMENTS_FUND_WATCH,
            Permission.PAYMENTS_NAMING_BUY,
            Permission.PAYMENTS_DESTINATION_SET,
        }
    ),
    Kind.HOST: frozenset(
        {
            Permission.CATALOG_SLOT_HOLD,
            Permission.CATALOG_CARTRIDGE_RATE,
            Permission.CATALOG_CODE_MAKE,
            Permission.CATALOG_SHIPMENT_RECEIVE,
            Permission.MATCHING_COMMUNITY_FOUND,
            Permission.MATCHING_OFFER_READ,
            Permission.MATCHING_CLAIM_MAKE,
            Permission.MATCHING_GATHERING_RUN,
            Permission.PAYMENTS_DISPUTE_ANSWER,
            Permission.PAYMENTS_NAMING_ACCEPT,
            Permission.PAYMENTS_DESTINATION_SET,
        }
    ),
    Kind.VENUE: frozenset({Permission.CATALOG_VENUE_OPEN, Permission.PAYMENTS_DESTINATION_SET}),
    Kind.AUTHOR: frozenset(
        {
            Permission.CATALOG_CARTRIDGE_PUBLISH,
            Permission.CATALOG_COPY_CLAIM,
            Permission.PAYMENTS_DESTINATION_SET,
        }
    ),
    Kind.PLATFORM: frozenset(
        {
            Permission.IDENTITY_MEMBER_INVITE,
            Permission.IDENTITY_KEY_ROTATE,
            Permission.CATALOG_KEY_ROTATE,
            Permission.CATALOG_COPY_RULE,
            Permission.MATCHING_KEY_ROTATE,
            Permission.MATCHING_AUDIT_MAKE,
            Permission.MATCHING_MODEL_PROMOTE,
            Permission.MATCHING_CLEARING_RUN,
            Permission.MATCHING_OFFER_READ,
            Permission.MATCHING_GATHERING_APPROVE,
            Permission.PAYMENTS_DEPOSIT_RECORD,
            Permission.PAYMENTS_ENTRY_BOOK,
            Permission.PAYMENTS_BOOKS_READ,
            Permission.PAYMENTS_SANDBOX_STEER,
            Permission.PAYMENTS_DISPUTE_SUBMIT,
            Permission.PAYMENTS_RESERVE_SET,
            Permission.PAYMENTS_BANK_RUN,
            Permission.PAYMENTS_KEY_ROTATE,
            Permission.PAYMENTS_OUTCOME_DECIDE,
        }
    ),
}

# What staff may not do: bind the organisation, or change who belongs to it.
_BINDING = frozenset(
    {
        Permission.CATALOG_OFFER_OPEN,
        Permission.CATALOG_COPY_CLAIM,
        Permission.CATALOG_KIT_DRAFT,
        Permission.CATALOG_KIT_SIGN,
        Permission.PAYMENTS_NAMING_BUY,
        Permission.PAYMENTS_NAMING_ACCEPT,
        Permission.PAYMENTS_DESTINATION_SET,
        Permission.PAYMENTS_TITLE_SET,
        Permission.PAYMENTS_CONTRACT_DRAFT,
        Permission.PAYMENTS_CONTRACT_SIGN,
        Permission.PAYMENTS_BANK_RUN,
        Permission.PAYMENTS_RESERVE_SET,
        Permission.PAYMENTS_ENTRY_BOOK,
        Permission.IDENTITY_KEY_ROTATE,
        Permission.CATALOG_KEY_ROTATE,
        Permission.MATCHING_KEY_ROTATE,
        Permission.MATCHING_MODEL_PROMOTE,
        Permission.PAYMENTS_KEY_ROTATE,
        Permission.PAYMENTS_OUTCOME_DECIDE,
    }
)


def granted(kind: Kind, roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that members with these roles in an organisation of this kind may do."""
    daily = _DAILY[kind] | _ALL
    found: frozenset[Permission] = frozenset()
    for role in roles:
        if role is Role.STAFF:
            found |= daily - _BINDING
        elif role is Role.OPERATOR:
            found |= daily if kind is Kind.PLATFORM else frozenset()
        else:
            found |= daily | {Permission.IDENTITY_MEMBER_INVITE}
    return found
