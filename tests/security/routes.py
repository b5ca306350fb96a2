"""Every route and the kinds of organisation that may use it; one not listed is a fault."""

from __future__ import annotations

OPEN = frozenset({"open"})
INTERNAL = frozenset({"internal"})
PARTIES = frozenset({"brand", "host", "venue", "author", "platform"})
ANYONE = PARTIES | {"nobody"}
BRAND, HOST, VENUE = frozenset({"brand"}), frozenset({"host"}), frozenset({"venue"})
AUTHOR, PLATFORM = frozenset({"author"}), frozenset({"platform"})

_EVERYWHERE = {
    "GET /livez": OPEN,
    "GET /readyz": OPEN,
    "GET /problems/{code}": OPEN,
    "GET /metrics": INTERNAL,
    "GET /internal/outbox": INTERNAL,
    "GET /internal/inbox/heads": INTERNAL,
    "POST /internal/clock": INTERNAL,
}
_GATHERING = "/v1/gatherings/{gathering_id}"

ROUTES = {
    "identity": _EVERYWHERE
    | {
        "GET /.well-known/jwks.json": OPEN,
        "POST /v1/users": OPEN,
        "GET /v1/users/me": ANYONE,
        "POST /v1/organizations": ANYONE,
        "GET /v1/organizations": ANYONE,
        "GET /v1/organizations/{organization_id}": ANYONE,
        "POST /v1/organizations/{organization_id}/members": PARTIES,
        "GET /v1/organizations/{organization_id}/members": ANYONE,
        "POST /v1/sessions": OPEN,
        "POST /v1/sessions/refresh": OPEN,
        "POST /v1/sessions/exchange": ANYONE,
        "DELETE /v1/sessions/current": ANYONE,
        "POST /v1/service-tokens": OPEN,
        "POST /v1/keys/rotations": PLATFORM,
    },
    "catalog": _EVERYWHERE
    | {
        "POST /v1/lots": BRAND,
        "GET /v1/lots": ANYONE,
        "GET /v1/lots/export": ANYONE,
        "GET /v1/lots/{lot_id}": ANYONE,
        "POST /v1/lots/{lot_id}/closures": BRAND,
        "POST /v1/lots/{lot_id}/adjustments": BRAND,
        "GET /v1/lots/{lot_id}/stock-entries": ANYONE,
        "POST /v1/offers": BRAND,
        "GET /v1/offers": ANYONE,
        "GET /v1/offers/{offer_id}": ANYONE,
        "POST /v1/offers/{offer_id}/closures": BRAND,
        "POST /v1/venues": VENUE,
        "GET /v1/venues": ANYONE,
        "GET /v1/venues/{venue_id}": ANYONE,
        "POST /v1/venues/{venue_id}/slots": VENUE,
        "GET /v1/venues/{venue_id}/slots": ANYONE,
        "POST /v1/cartridges": AUTHOR,
        "GET /v1/cartridges": ANYONE,
        "GET /v1/cartridges/{cartridge_id}": ANYONE,
        "GET /v1/cartridges/{cartridge_id}/versions/{version}": ANYONE,
        "POST /v1/imports": BRAND,
        "GET /v1/imports": ANYONE,
        "GET /v1/imports/template.csv": ANYONE,
        "GET /v1/imports/template.xlsx": ANYONE,
        "GET /v1/imports/{import_id}": ANYONE,
        "GET /v1/imports/{import_id}/errors": ANYONE,
        "GET /v1/imports/{import_id}/changes": ANYONE,
        "POST /v1/imports/{import_id}/confirmations": BRAND,
    },
    "matching": _EVERYWHERE
    | {
        "GET /.well-known/jwks.json": OPEN,
        "POST /v1/communities": HOST,
        "GET /v1/communities": HOST,
        "GET /v1/communities/{community_id}": ANYONE,
        "PUT /v1/communities/{community_id}": HOST,
        "GET /v1/hosts/{host_id}/offers": HOST | PLATFORM,
        "GET /v1/hosts/{host_id}/offers/{lot_id}": HOST | PLATFORM,
        "POST /v1/claims": ANYONE,  # and all but hosts are told why not
        "GET /v1/claims": PARTIES,
        "GET /v1/claims/{claim_id}": PARTIES,
        "POST /v1/claims/{claim_id}/cancellations": HOST,
        "POST /v1/gatherings": HOST,
        "GET /v1/gatherings": PARTIES,
        f"GET {_GATHERING}": PARTIES,
        f"POST {_GATHERING}/evidence": HOST,
        f"POST {_GATHERING}/holdings": HOST,
        f"POST {_GATHERING}/approvals": BRAND | PLATFORM,
        f"POST {_GATHERING}/disputes": BRAND | PLATFORM,
        f"POST {_GATHERING}/cancellations": ANYONE,
        f"POST {_GATHERING}/invitations": HOST,
        f"GET {_GATHERING}/invitations/{{invitation_id}}/qr.svg": HOST,
        f"POST {_GATHERING}/check-ins": HOST,
        f"GET {_GATHERING}/attendance": PARTIES,
        f"POST {_GATHERING}/ratings": OPEN,
        f"POST {_GATHERING}/sales": HOST,
        f"GET {_GATHERING}/sales": PARTIES,
        f"GET {_GATHERING}/sales/{{sale_id}}": PARTIES,
        f"POST {_GATHERING}/sales/{{sale_id}}/refunds": ANYONE,
        "GET /v1/behaviour": PARTIES,
    },
    "payments": _EVERYWHERE
    | {
        "POST /v1/deposits": PLATFORM,
        "GET /v1/deposits/{deposit_id}": PLATFORM,
        "POST /v1/naming-rights": BRAND,
        "POST /v1/naming-rights/{naming_rights_id}/acceptances": HOST,
        "POST /v1/naming-rights/{naming_rights_id}/endings": BRAND,
        "GET /v1/naming-rights/{naming_rights_id}": PARTIES,
        "GET /v1/share-contracts/{contract_id}": PARTIES,
        "GET /v1/settlements": PARTIES,
        "GET /v1/settlements/{settlement_id}": PARTIES,
        "GET /v1/settlements/{settlement_id}/explanation": PARTIES,
        "GET /v1/accounts/{path}": PARTIES,
        "GET /v1/statements": PARTIES,
        "GET /v1/entries/{entry_id}": PARTIES,
        "GET /v1/entries/{entry_id}/explanation": PARTIES,
        "GET /v1/trial-balance": PLATFORM,
        "GET /v1/ledger/export": PLATFORM,
        "POST /internal/ledger/entries": INTERNAL,
    },
}
