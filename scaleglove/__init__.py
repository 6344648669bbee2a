"""The front door: the `scaleglove` command and the demo that starts every room."""
