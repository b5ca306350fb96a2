"""The four ways a request can be refused.

``DomainError`` is the root; a service adds one class for each of its rules::

    DomainError
    ├── NotFound     404
    ├── Conflict     409
    ├── Forbidden    403
    └── RuleBroken   422
"""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """The caller asked for something the rules do not allow.

    The docstring of a concrete class is the title a client reads, ``code`` is stable
    for ever, ``hint`` says what to do about it and ``chinese`` says all of that in
    Chinese. Named ``members`` go into the answer, so that no client parses text.
    """

    code: ClassVar[str] = "domain-error"
    hint: ClassVar[str] = ""
    chinese: ClassVar[str] = ""

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or type(self).title())
        self.members = members

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring, without its full stop."""
        return (cls.__doc__ or cls.code).strip().splitlines()[0].rstrip(".")


class NotFound(DomainError):
    """Nothing has that identifier."""

    code = "not-found"
    hint = "Check the identifier and that it belongs to your organisation."
    chinese = "没有这个编号的记录，请核对编号及其所属组织。"


class Conflict(DomainError):
    """Someone else changed it first."""

    code = "conflict"
    hint = "Read it again and repeat the change on what you find."
    chinese = "记录已被他人修改，请重新读取后再试。"


class Forbidden(DomainError):
    """The caller may not do this."""

    code = "forbidden"
    hint = "Ask an administrator of your organisation for the role that may."
    chinese = "没有权限执行此操作，请联系组织管理员。"


class RuleBroken(DomainError):
    """A business rule forbids it."""

    code = "rule-broken"
    hint = "Read the detail; it names the rule."
    chinese = "违反业务规则，请查看详情。"


class IdempotencyKeyReused(RuleBroken):
    """The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"
    hint = "Use a fresh key for each request, and the same one only for its retries."
    chinese = "此 Idempotency-Key 已用于另一个请求，请换一个新值。"
