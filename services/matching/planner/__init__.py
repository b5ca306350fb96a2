"""The gathering that costs nothing: what goods, room and theme would cost a host together."""
