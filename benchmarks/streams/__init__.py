"""How well letters are read from continuous signing: recorded letters, joined into streams, through the service's own
session."""
