"""Word lists: their making, words of them that come out as themselves, and letters decoded as words."""
