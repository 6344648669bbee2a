"""From the letters of a word, as they were held, to the word that was meant."""
