"""A reader that writes down what it was given, and can be made to fail."""

from __future__ import annotations

from chassis import inbox
from chassis.consumer.applier import Applier
from chassis.consumer.mender import Mender
from chassis.mongo import collection
from chassis.testing.patience import eventually
from tests.backbone import (
    PUBLISHED,
    QUICK,
    RESERVED,
    a_letter,
)

GROUP = "matching.projection"


class Shelf:
    """Handlers that write what they were given, and the ways they may fail."""

    def __init__(self):
        self.calls = []
        self.trouble = {}
        self.handlers = {PUBLISHED: self.put, RESERVED: self.put}
        self.pulls = []
        self.producer = {}
        self.applier = Applier(GROUP, self.handlers, QUICK)
        self.mender = Mender(self.applier, self.fetch, QUICK)

    def put(self, events):
        self.calls.append([event.id for event in events])
        for event in events:
            if event.id in self.trouble:
                raise self.trouble[event.id]
        collection("shelf").insert_many(
            [
                {"event": event.id, "subject": event.subject, "sequence": event.sequence}
                for event in events
            ]
        )

    def fetch(self, service, subject, after_sequence):
        self.pulls.append((service, subject, after_sequence))
        return self.producer.get(subject, [])[after_sequence:]

    def take(self, *letters):
        self.applier.take(letters)

    def on(self, subject):
        return [row["sequence"] for row in collection("shelf").find({"subject": subject})]

    def mend_until(self, condition):
        """Let time and the mender work until something is so."""

        def is_so():
            self.mender.step()
            return bool(condition())

        eventually(is_so, within_seconds=40)


def letters(subject, *sequences, source="/catalog/1"):
    return [a_letter(subject, sequence, source=source) for sequence in sequences]


def head(subject, source="/catalog/1"):
    return inbox.heads(GROUP, [(source, subject)])[source, subject]


def event_id(subject, sequence):
    return f"evt-/catalog/1-{subject}-{sequence}"
