"""WeChat Pay's profit sharing (version 3 of its interface) as a payment provider."""
