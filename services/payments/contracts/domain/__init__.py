"""Share contracts: drafted as data, signed by everybody they bind, published, and booked by."""

from services.payments.contracts.domain.contract import (
    Party,
    ShareContract,
    SignedKit,
    account_of,
    are_valid,
    draft,
    freeze,
)
from services.payments.contracts.domain.refusals import (
    ContractInvalid,
    ContractNotFound,
    CurrencyChanged,
    ExampleFails,
    HostChanged,
    NobodyForShare,
    NotAParty,
    OtherVersionSigned,
    SignaturesMissing,
    SimulationTooLarge,
    TermsInvalid,
    TooManyVersions,
    VersionNotFound,
)
from services.payments.contracts.domain.simulation import Line, Simulation, simulate
from services.payments.contracts.domain.versions import Signature, Version, leaving

__all__ = [
    "ContractInvalid",
    "ContractNotFound",
    "CurrencyChanged",
    "ExampleFails",
    "HostChanged",
    "Line",
    "NobodyForShare",
    "NotAParty",
    "OtherVersionSigned",
    "Party",
    "ShareContract",
    "Signature",
    "SignaturesMissing",
    "SignedKit",
    "Simulation",
    "SimulationTooLarge",
    "TermsInvalid",
    "TooManyVersions",
    "Version",
    "VersionNotFound",
    "account_of",
    "are_valid",
    "draft",
    "freeze",
    "leaving",
    "simulate",
]
