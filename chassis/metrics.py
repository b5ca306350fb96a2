"""Every metric of the system, in one place. Names start with ``teahouse_``."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0, 2.5, 5.0, 10.0)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"teahouse_{name}", says, labels, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"teahouse_{name}", says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, *labels: str) -> Histogram:
    return Histogram(f"teahouse_{name}", says, labels, registry=REGISTRY, buckets=_SECONDS)


# HTTP
REQUESTS = _histogram("request_seconds", "Time to answer a request", "route", "method", "status")
IDEMPOTENT_REPLAYS = _counter("idempotent_replays_total", "Answers given again for a used key")

# MongoDB
TRANSACTION_RETRIES = _counter("transaction_retries_total", "Transactions run again")

# Events out
OUTBOX_PENDING = _gauge("outbox_pending", "Outbox rows not yet sent")
OUTBOX_OLDEST_SECONDS = _gauge("outbox_oldest_age_seconds", "Age of the oldest row not yet sent")
EVENTS_PUBLISHED = _counter("events_published_total", "Outbox rows acknowledged by the broker")
RELAY_REBUILDS = _counter("relay_rebuilds_total", "Producers given up and built anew", "why")
RELAY_EPOCH = _gauge("relay_lease_epoch", "Epoch of the relay lease held here; 0 when not held")
BROKER_INCARNATIONS = _counter(
    "broker_incarnation_changes_total", "Times the broker had forgotten"
)

# Events in
EVENTS_APPLIED = _counter("events_applied_total", "Events whose handler committed", "group")
DUPLICATES_DROPPED = _counter("duplicates_dropped_total", "Events seen before", "group")
EVENTS_PENDING = _gauge("inbox_pending", "Events that wait for an earlier one", "group")
GAP_OLDEST_SECONDS = _gauge("inbox_gap_oldest_seconds", "Age of the oldest gap", "group")
EVENTS_REPAIRED = _counter("events_repaired_total", "Events pulled from their producer", "group")
DEAD_LETTERS = _counter("dead_letters_total", "Events set aside", "group", "why")
DEAD_LETTERS_OPEN = _gauge("dead_letters_open", "Dead letters nobody has decided on", "group")
CONSUMER_LAG = _gauge("consumer_lag", "Records behind the high water mark", "group")
CONSUMER_REBUILDS = _counter("consumer_rebuilds_total", "Consumers built anew", "group", "why")
CONSUMER_HALTED = _gauge("consumer_halted", "1 while the dead-letter limit holds", "group")

# Sagas and tasks
SAGAS_OPEN = _gauge("sagas_open", "Sagas without an end state", "saga", "step")
SAGAS_OVERDUE = _gauge("sagas_overdue", "Open sagas past their deadline", "saga")
SAGAS_ENDED = _counter("sagas_ended_total", "Sagas that reached their end state", "saga", "state")
TASK_FAILURES = _counter("task_failures_total", "Periodic tasks that raised", "task")

# Ledger
LEDGER_ENTRIES = _counter("ledger_entries_total", "Entries decided", "outcome")
LEDGER_SEGMENTS = _counter("ledger_segments_total", "Segments appended")
LEDGER_APPEND = _histogram("ledger_append_seconds", "Time to append a segment durably")
LEDGER_CONFLICTS = _counter("ledger_append_conflicts_total", "Appends lost to another writer")
LEDGER_HISTORY_LAG = _gauge("ledger_history_lag", "Segments in no whole era yet")
LEDGER_PROJECTION_LAG = _gauge("ledger_projection_lag", "Segments not yet projected")
LEDGER_AUDIT_MISMATCHES = _gauge("ledger_audit_mismatches", "Rows that differ from the log")
LEDGER_CLOCK_APART = _gauge(
    "ledger_clock_apart_seconds", "How far this process's clock is from the database's"
)
LEDGER_AUDIT_LAG = _gauge("ledger_audit_lag", "Segments projected and not yet audited")

# Payment providers
PROVIDER_CALLS = _counter(
    "provider_calls_total", "Calls to payment providers", "provider", "kind", "verb", "status"
)
PROVIDER_STUCK = _gauge("provider_operations_stuck", "Open operations that need a person")
PAYOUTS_WITHOUT_PROVIDER = _counter(
    "payouts_without_provider_total", "Payouts not made, as their account's provider is not here"
)
RECONCILIATION_BREAKS = _gauge(
    "reconciliation_breaks_open", "Open breaks between providers and our books", "kind"
)
RECONCILIATION_OLDEST_SECONDS = _gauge(
    "reconciliation_oldest_break_age_seconds", "Age of the oldest open break; 0 without any"
)
BANK_STATEMENT_GAPS = _gauge(
    "bank_statement_gaps", "Bank statements before which one is missing: balances do not adjoin"
)

# Ranking
OFFER_INDEX_LOTS = _gauge("offer_index_lots", "Lots in this process's offer index")
OFFER_INDEX_RELOADS = _counter("offer_index_reloads_total", "Times its change stream was lost")
EXPOSURES_LOST = _counter("exposures_lost_total", "Pages shown to hosts that were not noted")


def exposition() -> bytes:
    """All metrics of this process in the Prometheus text format."""
    return generate_latest(REGISTRY)
