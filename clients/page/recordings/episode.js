// Episodes: what a glove read in a stretch of time, and how it was labelled. Pure; in the browser, in a worker and in Node.
//
// An episode is { name, letter, bend, begunAt, t, values, receivedMs, acceleration, repairs, part }. `t` begins at 0, in ms
// of the glove's clock; a row of `values` has the eight CHANNELS; `receivedMs` and `acceleration` have a row for each frame,
// or are null where nobody knows them; `letter` and `bend` are null while nobody has said them; `repairs` is how often which
// repair was made; `part` is the place in a longer recording, or null.

export const CHANNELS = ["flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"];
export const ACCELERATION = ["accel_x", "accel_y", "accel_z"];
export const LETTERS = [..."ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎㅏㅑㅓㅕㅗㅛㅜㅠㅡㅣ"];
export const BENDS = ["1", "2", "3", "4", "5"];
export const MAX_MAGNITUDE = 1e6; // as in the service: no sensor of a glove reads this much

// What is looked at in one piece.
const PART_MS = 60_000;
const PART_FRAMES = 12_000;

const NAME = /^episode_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(.+)_([^_]+)\.csv$/i;

/** An episode of these frames, whose times need not begin at 0. `begunAt` counts where the name does not say it. */
export function episodeOf({ name, t, values, receivedMs = null, acceleration = null, repairs = {}, begunAt }) {
  const { letter, bend, begunAt: named } = labelsOf(name);
  const times = t.map((ms) => ms - t[0]);
  return { name, letter, bend, begunAt: named ?? begunAt, t: times, values, receivedMs, acceleration, repairs, part: null };
}

/** Its name as a file of the public layout, without a letter while nobody has said it. */
export function fileNameOf({ letter, bend, begunAt }) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${begunAt.getFullYear()}${two(begunAt.getMonth() + 1)}${two(begunAt.getDate())}`;
  const time = `${two(begunAt.getHours())}${two(begunAt.getMinutes())}${two(begunAt.getSeconds())}`;
  return ["episode", day, time, ...(letter === null ? [] : [letter, bend])].join("_") + ".csv";
}

export function durationMs({ t }) {
  return t.at(-1);
}

/** The same frames in pieces that can be looked at, one by one. */
export function* inParts(episode) {
  const { t, values, receivedMs, acceleration, begunAt } = episode;
  let from = 0;
  while (from < t.length) {
    let to = from + 1;
    while (to < t.length && to - from < PART_FRAMES && t[to] - t[from] <= PART_MS) to += 1;
    if (to - from === t.length) {
      yield episode;
    } else {
      yield {
        ...episode,
        t: t.slice(from, to).map((ms) => ms - t[from]),
        values: values.slice(from, to),
        receivedMs: receivedMs?.slice(from, to) ?? null,
        acceleration: acceleration?.slice(from, to) ?? null,
        begunAt: new Date(begunAt.getTime() + t[from]),
        part: { fromMs: t[from], toMs: t[to - 1] },
      };
    }
    from = to;
  }
}

/** What the name of a file says, in the public layout. */
function labelsOf(name) {
  const [, year, month, day, hour, minute, second, letter, bend] = NAME.exec(name.normalize("NFC")) ?? [];
  if (!LETTERS.includes(letter)) return { letter: null, bend: null, begunAt: null };
  return { letter, bend, begunAt: new Date(year, month - 1, day, hour, minute, second) };
}
