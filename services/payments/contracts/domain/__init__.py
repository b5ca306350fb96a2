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
    ExampleFails,
    HostChanged,
    NobodyForShare,
    NotAParty,
    OtherVersionSigned,
    SignaturesMissing,
    SimulationTooLarge,
    SubsidyBrandMissing,
    TermsInvalid,
    TooManyVersions,
    VersionNotFound,
)
from services.payments.contracts.domain.simulation import Line, Simulation, simulate, subsidy_lines
from services.payments.contracts.domain.versions import Signature, Version, leaving

__all__ = [
    "ContractInvalid",
    "ContractNotFound",
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
    "SubsidyBrandMissing",
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
    "subsidy_lines",
]
