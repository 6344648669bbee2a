"""Emulated glove: it spells a text or replays recordings, and answers commands as a real board does."""
