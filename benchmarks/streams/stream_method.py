"""Texts of the page of `scaleglove evaluate --protocol stream`: what is measured, and how."""

from __future__ import annotations

from typing import Final

from benchmarks.streams.experiment import ALONE, FIXED, MAJORITY

INTRODUCTION: Final = """\
Words of Korean, signed continuously by hands of which nothing, something or much is known, with every part of the
recognition on and off. The letters are recorded; **everything between them is simulated**: no recording of continuous
signing exists for this glove. The network was never trained on what is signed. The decoder's constants were chosen on
streams made in the same way from the same recordings, since there are no others: expect somewhat worse figures for
another collection."""

GOALS_NOTE: Final = """\
Letters that a hand writes in an hour while it signs nothing are in [silence](silence.md); *false positives* here are
those of rests and movements between words."""

BY_CASE: Final = "With all words of each stream."

METHOD: Final = f"""\
## How the streams are made

`benchmarks/streams/` makes them, with random numbers that are the same every time, in any process.

- **Words** are drawn from wordfreq's list by their frequency, so that letters are as uneven as in the language; 40 %
  have an ending. 15 % are *in no list*: every tenth word of the list is taken out of what the language knows while a
  stream is recognised, list and model of letters, and these are drawn from those. How letters are read as syllables
  still knows them.
- A hand that has shown letters signs half as many words as one of which nothing is known.
- **Spaces**: the hand rests after each word; where *no spaces* are signed, after sentences of two to five words.
- **Wearers.** A *new wearer* is a collection that was left out of training and holds each letter in a random one of its
  ways (bend types). Examples are drawn from one half of its episodes; streams are cut from the other half. A *known
  wearer* is a collection whose letters in one way were left out of training; this one is signed. The *own profile* has
  three episodes of each letter in the other ways. *Guided* examples are those that
  `models/adaptation/example_selection.py` asks for until it has enough, each in another way. In *a sitting* the wearer
  spells the words that they are shown, one hold for each letter; letters of which nothing is found are asked for once
  more, and nobody answers what is in doubt.
- **Letters** are cuts of one episode each, 0.4 to 1.5 s long, drawn at random each time. A slow sway is added (1.5
  counts, 0.6 degrees), since people keep stiller when they record.
- **Movements** of 0.2 to 0.6 s between the shapes have a minimum-jerk profile (Flash and Hogan, 1985); angles take the
  shorter direction. Between two equal letters the hand opens to another shape for 0.1 to 0.25 s.
- **Rests** of 1.5 to 3 s between words and 1.5 to 5 s between sentences: relaxed, at the median of all letters (40 %),
  with the arm hanging down (20 %), still in a shape halfway between two letters (15 %), moving from one such shape to
  the next without a halt (25 %). A profile or examples include two windows of rest, relaxed and with the arm down, a
  sitting one; the other rests are never shown.
- **Sensors**: frames at 50 Hz, or as said, with 10 % jitter; three times a minute a flex sensor reads 0 for 20 to 200
  ms; 0.5 % of the frames are lost; noise as recorded. *Flex offsets*: another glove whose five sensors read 50 more, 30
  less, 40 more, 45 less and 35 more counts; *12 bits*: four times as many. Nothing is said of either.

## How they are scored

- *Decoded*: the letters as they are decoded at once, each error (wrong, missed, false) by the letter that was signed
  (Levenshtein). *As written*: those of the line, after words were changed. By the place of a word in its stream.
- *Intervals* resample the words of each stream: they are of these hands, and say nothing of the next.
- *Syllables wrong*: Levenshtein distance between the line and what was signed, without spaces, over the latter.
- *False positives*: letters that begin during rest or movement, per minute of these, except those up to 250 ms before
  their own hold or up to 200 ms after it.
- *Delay*: from the begin of a hold to that of its letter, for letters recognised correctly, in device time. There is a
  prediction every 100 ms.
- *Calibration error*: of the confidence of each letter, and of each window within a hold, in 15 bins.
- *{MAJORITY}*: a letter begins when most of the newest five predictions name it with a confidence of 0.6 or more;
  nothing is written. Without examples these are the network's own predictions; with examples they are those that the
  decoder gets.
- *{FIXED}* leaves out what is learned from held shapes and from words, and of a hand of which nothing is known
  how its glove is ranged; *{ALONE}*: `alone_confidence` is no more than `min_confidence`.
"""
