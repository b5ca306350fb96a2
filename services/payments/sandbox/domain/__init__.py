"""What the sandbox provider does with an order, faults included. Pure."""

from services.payments.sandbox.domain.cases import OF_MESSAGES, Case, CaseNotFound, messages
from services.payments.sandbox.domain.entries import Beat, Entry, lines_of, partial
from services.payments.sandbox.domain.faults import (
    Fault,
    FaultNotFound,
    FaultRule,
    Script,
    script_of,
)
from services.payments.sandbox.domain.rules import TERMS, fault_of_order

__all__ = [
    "OF_MESSAGES",
    "TERMS",
    "Beat",
    "Case",
    "CaseNotFound",
    "Entry",
    "Fault",
    "FaultNotFound",
    "FaultRule",
    "Script",
    "fault_of_order",
    "lines_of",
    "messages",
    "partial",
    "script_of",
]
