"""Where an organisation wants its money: bank accounts, made known to the provider first."""
