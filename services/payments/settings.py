"""What payments reads from its environment beyond what every service does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from chassis.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsSettings(Settings):
    """Payments' knobs.

    ``market`` names the log: one region with its currencies, whose days are those of
    ``zone``, a name of the IANA database. The bank is a provider where ``bank_holder`` and
    ``bank_account`` name our account there, Stripe where its two secrets are given, and
    WeChat Pay and Alipay where all of ``wechat_`` and of ``alipay_`` is.
    Keys are PEM; ``wechat_public_keys`` may hold several, and ``wechat_public_key_ids``
    their ids in the same order, with commas between.
    The platform's fee has the tax of ``tax_region`` in it, by ``tax_rates``: region, first
    day and basis points of the price without tax, one after the other with ``;`` between.
    """

    market: str = "main"
    zone: str = "Asia/Shanghai"
    intents_seconds: float = 0.2
    projection_seconds: float = 0.2
    history_seconds: float = 1.0
    hold_expiry_seconds: float = 5.0
    payout_provider: str = "sandbox"
    payouts_seconds: float = 1.0
    providers_seconds: float = 0.5
    sealing_seconds: float = 30.0
    audit_seconds: float = 5.0
    dues_seconds: float = 1.0
    reconciliation_seconds: float = 5.0
    bank_holder: str = ""
    bank_account: str = ""
    bank_bic: str = ""
    bank_currency: str = "CNY"
    stripe_key: str = field(default="", repr=False)
    stripe_webhook_secret: str = field(default="", repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    wechat_merchant: str = ""
    wechat_app: str = ""
    wechat_serial: str = ""
    wechat_key: str = field(default="", repr=False)
    wechat_public_keys: str = ""
    wechat_public_key_ids: str = ""
    wechat_notices_key: str = field(default="", repr=False)
    wechat_api_base: str = "https://api.mch.weixin.qq.com"
    alipay_app: str = ""
    alipay_key: str = field(default="", repr=False)
    alipay_public_key: str = ""
    alipay_gateway: str = "https://openapi.alipay.com/gateway.do"
    returns_basis_points: int = 0
    funds_seconds: float = 1.0
    invoices_seconds: float = 5.0
    tax_region: str = "CN"
    tax_rates: str = "CN 2016-05-01 600"
    api_internal_host: str = "127.0.0.1"

    @property
    def outbox_keep(self) -> timedelta | None:
        """Keep what the books said for ever."""
        return None

    @property
    def own_internal_url(self) -> str:
        """Where other payments processes reach this one."""
        return f"http://{self.api_internal_host}:{self.api_internal_port}"

    def webhook_url(self, provider: str) -> str:
        """The door at which this service's api takes in a provider's messages."""
        host = urlsplit(self.payments_internal_url).hostname
        return f"http://{host}:{self.api_port}/v1/providers/{provider}/webhooks"
