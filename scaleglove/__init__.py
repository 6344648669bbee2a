"""What every other package may import: channels, letters, resampling, Hangul, the protocol and the client."""
