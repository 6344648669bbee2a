// Labels of a recording from its name, as `named` in scaleglove/recordings/labels.py reads it. A browser tells no folders,
// which there go first: so up_slow is a label here, also where the folder up/slow says that slow is the bend. Pure.

import { LETTERS } from "../korean.js";

// A browser that saves a file of the same name again adds a number: episode_..._1 (2).csv.
const NAME = /^episode_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(.+?)(?: ?\([0-9]{1,3}\))?\.csv$/i;
const BEND = /^(.+)_([0-9]{1,2})$/; // a label that is no letter may have a _ itself, so its bend is a number
const FILLERS = /[\u115f\u1160\u3164]/g;
const FINALS = [..."ᆨᆫᆮᆯᆷᆸᆺᆼᆽᆾᆿᇀᇁᇂ"]; // conjoining consonants at the end of a syllable, in the order of LETTERS
const LETTER_OF = new Map([
  ...LETTERS.flatMap((letter) => [[letter, letter], [letter.normalize("NFKC"), letter]]),
  ...FINALS.map((final, i) => [final, LETTERS[i]]),
]);

/** Return { label, letter, bend, begunAt } of a file, each null where its name does not say it. `isPublished` is the layout
 * SIGN.csv of the ASL glove's recordings. */
export function labelsOf(name, isPublished = false) {
  const [matched, year, month, day, hour, minute, second, rest] = NAME.exec(name.normalize("NFC")) ?? [];
  if (matched === undefined) return labelled(isPublished ? plain(name.replace(/\.[^.]*$/, "")) : null, null, null);
  const begunAt = new Date(year, month - 1, day, hour, minute, second);
  const [first, ...parts] = rest.split("_");
  if (LETTERS.includes(plain(first))) return labelled(plain(first), plain(parts.join("_")) || null, begunAt);
  const [, label, bend] = BEND.exec(rest) ?? [null, rest, null];
  return labelled(plain(label), bend, begunAt);
}

/** Return a name in NFC; a single letter in any of Unicode's forms (conjoining, halfwidth) as one of LETTERS. */
function plain(text) {
  const bare = text.replace(FILLERS, "");
  return LETTER_OF.get(bare) ?? LETTER_OF.get(bare.normalize("NFKC")) ?? text.normalize("NFC");
}

function labelled(label, bend, begunAt) {
  return { label, letter: LETTERS.includes(label) ? label : null, bend, begunAt };
}
