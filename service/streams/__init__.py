"""Gloves' streams: sockets, frames, windows, letters, and who watches."""
