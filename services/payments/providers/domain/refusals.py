"""Why something about a provider cannot be."""

from __future__ import annotations

from chassis.kernel.errors import Conflict, Forbidden, NotFound, RuleBroken


class ProviderUnknown(NotFound):
    """No payment provider has that name here."""

    code = "provider-unknown"
    hint = "Use the name of a provider that this installation is set up for."
    chinese = "本站没有接入该支付机构，请核对名称。"


class OperationNotFound(NotFound):
    """No operation at a provider has that identifier."""

    code = "operation-not-found"
    hint = "Check the identifier; only the platform can read operations."
    chinese = "没有这笔支付机构操作，请核对编号。"


class OperationNotStuck(Conflict):
    """Nobody may say how this operation ended: it has ended, or calls for no person."""

    code = "operation-not-stuck"
    hint = "Read the operation; only one that is open and alarmed as stuck can be ruled."
    chinese = "该操作已有结果，或未处于需要人工裁定的告警状态，不能裁定。"


class ProviderCannot(RuleBroken):
    """The provider does not offer this kind of call."""

    code = "provider-cannot"
    hint = "Read its capabilities and choose another way, or another provider."
    chinese = "该支付机构不支持此类操作，请更换方式或机构。"


class NotificationForged(Forbidden):
    """The signature of the notification is not the provider's."""

    code = "notification-forged"
    hint = "Sign the raw body with the secret that both sides hold."
    chinese = "通知签名无效，已拒绝。"


class NotificationStale(Forbidden):
    """The notification was signed too long ago, or in the future."""

    code = "notification-stale"
    hint = "Send it again with a fresh signature and a right clock."
    chinese = "通知的签名时间超出允许范围，请重新签名发送。"


class NotificationMalformed(RuleBroken):
    """The notification is signed, and cannot be read."""

    code = "notification-malformed"
    hint = "Send the fields that the provider's own format asks for."
    chinese = "通知内容无法解析，请检查格式。"
