"""Copy claims: an author says that another's version copies hers; people rule, not machines."""
