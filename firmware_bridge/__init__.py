"""The glove's side: serial bytes become frames; the bridge sends them on; the emulator stands in for a glove."""
