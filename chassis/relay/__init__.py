"""Carries the outbox to Kafka: at least once, in order per subject, whatever breaks."""

from __future__ import annotations

from chassis.relay.loop import Relay

__all__ = ["Relay"]
