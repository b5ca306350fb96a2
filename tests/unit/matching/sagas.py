"""Walks a saga through answers and deadlines, without a database."""

from __future__ import annotations

from datetime import UTC, datetime

from chassis.saga.steps import answer, begin, overdue

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Walk:
    """One saga of a plan; ``sent`` are its commands, ``resent`` the ids sent again."""

    def __init__(self, plan, data, saga_id) -> None:
        self.plan, self.now = plan, START
        self.sent, self.resent, self.endings = [], [], []
        self._take(begin(plan, saga_id, data, now=START))

    def hear(self, answer_type, **data):
        self._take(answer(self.plan, self.saga, answer_type, data, now=self.now))
        return self

    def wait(self):
        """Let the deadline of the present request pass."""
        self.now = self.saga.deadline_at
        self._take(overdue(self.plan, self.saga, now=self.now))
        return self

    def _take(self, turn):
        if turn is None:
            return
        self.saga = turn.saga
        self.sent += turn.messages
        self.resent += [turn.resend] if turn.resend else []
        if turn.ended:
            completed = self.saga.state == "completed"
            self.endings.append(self.saga.state.value)
            (self.plan.completed if completed else self.plan.failed)([self.saga])

    @property
    def asked(self):
        """The types of the commands, in order, without service and version."""
        return [message.type.split(".")[2] for message in self.sent]
