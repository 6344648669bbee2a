// The ends of a sketch's lines: LF, or CR where nothing else ends them. Pure. docs/reference/link.md, "Ends of lines".

import { MAX_LINE_BYTES } from "../lines.js";

const CR_ENDS = 3; // carriage returns inside one line, from which on they end lines
const INSIDE = /[^\r]\r+(?=[^\r])/g;

/** The divider of text into lines; any division of the text into pieces gives the same lines. */
export class LineEnds {
  #isCr = false; // CR ends lines at present

  /**
   * Return the lines that the text ends, and behind them the beginning of the next one.
   * @param {string} text
   * @param {boolean} isSkipping the text goes on in a line that is too long, which the next LF or CR ends
   * @returns {string[]}
   */
  divide(text, isSkipping) {
    const lines = [];
    let begin = 0;
    if (isSkipping) {
      const end = text.search(/[\r\n]/);
      if (end < 0) return [text];
      this.#isCr = this.#isCr && text[end] === "\r";
      lines.push(text.slice(0, end));
      begin = end + 1;
    }
    const segments = text.slice(begin).split("\n");
    const rest = segments.pop();
    for (const segment of segments) {
      lines.push(...this.#divideAtCr(segment));
      this.#isCr = false;
    }
    return [...lines, ...this.#divideAtCr(rest)];
  }

  /** Return the lines in text that has no LF. */
  #divideAtCr(text) {
    const lines = [];
    let rest = text;
    // Whether a line is too long is decided when byte 513 comes, by what has come until then.
    while (!this.#isCr && rest.length > MAX_LINE_BYTES && crsInside(rest.slice(0, MAX_LINE_BYTES + 1)) === 0) {
      const end = rest.indexOf("\r", MAX_LINE_BYTES + 1);
      if (end < 0) return [...lines, rest];
      lines.push(rest.slice(0, end));
      rest = rest.slice(end + 1);
    }
    this.#isCr ||= rest.length > MAX_LINE_BYTES || crsInside(rest) >= CR_ENDS;
    return [...lines, ...(this.#isCr ? rest.split("\r") : [rest])];
  }
}

function crsInside(text) {
  return text.match(INSIDE)?.length ?? 0;
}
