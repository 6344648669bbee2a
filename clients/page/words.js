// The last word of the line that its language has changed, or that the wearer has taken back. Pure.

// Characters at the end of a line that tell it from another: the service drops those before the last 1,000.
const COMPARED = 500;

/** Return the message `word` of the last word of the finished line after a `message`, or null where the line has it as it
 * was signed from the beginning; `word` and `text` are those before it. */
export function wordAfter(word, text, message) {
  if (message.type === "word") return message;
  if (message.type !== "text" || (text !== null && endOf(text) === endOf(message))) return word;
  return null; // the line has another end: the next word, or an edit
}

/** Return whether the language has changed the word, so that it can be taken back. */
export function isChanged(word) {
  return word?.by === "language";
}

/** Return the finished line in three parts: what is before the word that the language has changed, this word, and the space
 * after it. Without such a word the first has all. */
export function partsOf(text, word) {
  const committed = text?.committed ?? "";
  const end = committed.trimEnd();
  if (!isChanged(word) || !end.endsWith(word.written)) return [committed, "", ""];
  return [end.slice(0, end.length - word.written.length), word.written, committed.slice(end.length)];
}

function endOf({ committed }) {
  return committed.trimEnd().slice(-COMPARED);
}
