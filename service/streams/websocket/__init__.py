"""The WebSocket side of a connection: parsing, sending and closing."""
