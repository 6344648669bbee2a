// Names of a glove's readings as people spell them: from a field of a header to what it measures, its unit, its range. The
// same table as scaleglove/channel_names.py; both are held to tests/scaleglove/channel_names.json. Pure.

export const TIME = "time"; // the device's clock
export const RECEIVED = "received"; // the computer's clock when the frame arrived
export const ACCELERATION = ["accel_x", "accel_y", "accel_z"];
export const ROTATION = ["gyro_x", "gyro_y", "gyro_z"];
export const QUATERNION = ["quat_w", "quat_x", "quat_y", "quat_z"];

const UNKNOWN = { quantity: "", unit: "", limits: null };

const FINGERS = {
  flex1: ["thumb", "엄지"],
  flex2: ["index", "pointer", "forefinger", "검지"],
  flex3: ["middle", "중지"],
  flex4: ["ring", "약지"],
  flex5: ["little", "pinky", "pinkie", "소지", "새끼"],
};
const SENSORS = ["flex", "flexsensor", "flexfinger", "finger", "bend", "bendsensor", "sensor", "f"];
const MOTION = {
  accel_: ["accel", "acc", "acceleration", "accelerometer", "ac", "a"],
  gyro_: ["gyro", "gyr", "gyroscope", "gy", "g"],
  quat_: ["quat", "quaternion", "q"],
};
const TIMES = [
  "time", "timestamp", "timestamps", "t", "ts", "tick", "ticks", "devicetime", "clock", "elapsed", "elapsedtime", "uptime",
  "시간",
];
const RECEIVED_TIMES = ["recvtimestamp", "recvtime", "receivedtime", "receivedat", "received", "hosttime", "pctime"];
const ANGLES = { pitch: "pitch", roll: "roll", yaw: "yaw", heading: "yaw" };

// Names of the device's clock that are its unit.
const NAMED_BY_UNIT = new Map(
  Object.entries({
    millis: "ms", milliseconds: "ms", ms: "ms", micros: "us", microseconds: "us", us: "us", seconds: "s", secs: "s", sec: "s",
  }),
);

const SPELLINGS = new Map([
  ...TIMES.map((name) => [name, TIME]),
  ...RECEIVED_TIMES.map((name) => [name, RECEIVED]),
  ...Object.entries(ANGLES).flatMap(([angle, channel]) => ["", "angle", "euler"].map((prefix) => [prefix + angle, channel])),
  ...Object.entries(FINGERS).flatMap(([channel, fingers], i) => [
    ...SENSORS.map((sensor) => [`${sensor}${i + 1}`, channel]),
    ...fingers.flatMap((name) => [name, `${name}finger`, `${name}flex`, `flex${name}`].map((each) => [each, channel])),
  ]),
  ...Object.entries(MOTION).flatMap(([prefix, names]) =>
    names.flatMap((name) => [...(prefix === "quat_" ? "wxyz" : "xyz")].map((axis) => [`${name}${axis}`, `${prefix}${axis}`])),
  ),
  ...QUATERNION.map((name, i) => [`q${i}`, name]),
]);
const ROW_NUMBER = "index"; // a finger only beside another finger's name: alone it counts the rows

const RAW = ["adc", "count", "counts", "raw", "lsb"]; // units of what a converter or a chip gives

const UNITS = {
  time: {
    ms: ["ms", "msec", "millis", "millisecond", "milliseconds"],
    us: ["us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"],
    s: ["s", "sec", "secs", "second", "seconds"],
    ns: ["ns", "nsec", "nanoseconds"],
  },
  angle: { deg: ["deg", "degs", "degree", "degrees", "°"], rad: ["rad", "rads", "radian", "radians"] },
  flex: {
    adc: RAW,
    V: ["v", "volt", "volts"],
    mV: ["mv", "millivolt", "millivolts"],
    ohm: ["ohm", "ohms", "ω"],
    kohm: ["kohm", "kohms", "kω"],
    "%": ["%", "percent", "pct"],
    deg: ["deg", "degree", "degrees", "°"],
  },
  accel: { raw: RAW, g: ["g"], mg: ["mg"], "m/s2": ["m/s2", "m/s^2", "m/s²", "ms2", "mps2", "m/s/s"] },
  gyro: {
    raw: RAW,
    "deg/s": ["deg/s", "dps", "degs", "°/s", "degree/s", "degrees/s"],
    "rad/s": ["rad/s", "rads", "rps"],
    "mdeg/s": ["mdps", "mdeg/s"],
  },
};
const DEGREES = 180 / Math.PI;
const FACTORS = {
  time: { ms: 1, us: 1e-3, s: 1e3, ns: 1e-6 },
  angle: { deg: 1, rad: DEGREES },
  flex: { adc: 1 },
  accel: { g: 1, mg: 1e-3, "m/s2": 1 / 9.80665 },
  gyro: { "deg/s": 1, "rad/s": DEGREES, "mdeg/s": 1e-3 },
};

const BRACKETED = /^([^()[\]]+?)\s*(?:\(([^()[\]]*)\)|\[([^()[\]]*)\])$/;
const RANGE = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*\.\.\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(.*)$/;
const HUMP = /(?<=[a-z0-9])(?=[A-Z])/g;
const JOINTS = /[\s_.-]+/;
const COUNTED_FROM_0 = new RegExp(`^(${SENSORS.join("|")})([0-5])`);

/** Return what one field of a header names: { quantity, unit, limits }; its quantity is "" for any other text. */
export function readField(text) {
  const [matched, name, round, square] = BRACKETED.exec(text.trim()) ?? [];
  if (matched === undefined) return named(text);
  const field = named(name);
  if (field.quantity === "") return UNKNOWN;
  const [, from, to, behind] = RANGE.exec((round ?? square).trim()) ?? [];
  const unit = behind ?? (round ?? square).trim();
  const ends = [Number(from), Number(to)].sort((a, b) => a - b); // as rails: which end is straight is not said
  return {
    quantity: field.quantity,
    unit: unit === "" ? field.unit : unitOf(field.quantity, unit) || unit.toLowerCase(),
    limits: ends[0] < ends[1] ? ends : null,
  };
}

/** Return what each field of a header names; fingers may be counted from 0, and `index` may be a row's number. */
export function readHeader(texts) {
  const isFrom0 = countsFrom0(texts);
  const others = Object.values(FINGERS).flat().filter((name) => name !== ROW_NUMBER);
  const hasFingers = texts.some((text) => others.some((other) => keyOf(text).includes(other)));
  return texts.map((text) => {
    if (!hasFingers && keyOf(text) === ROW_NUMBER) return UNKNOWN;
    return readField(isFrom0 ? countedFrom1(text) : text);
  });
}

/** Return the factor to ms, degrees, g or degrees/s; 1 without a unit, null for a unit that does not convert. */
export function factorOf({ quantity, unit }) {
  return unit === "" ? 1 : (FACTORS[kindOf(quantity)]?.[unit] ?? null);
}

/** Tell whether the unit of a field is one that its quantity may have. */
export function isSuited({ quantity, unit }) {
  return unit === "" || Object.hasOwn(UNITS[kindOf(quantity)] ?? {}, unit);
}

/** Return the number 0 to 5 of a numbered flex sensor, null for any other name. */
export function fingerNumber(text) {
  const match = COUNTED_FROM_0.exec(keyOf(text));
  return match !== null && match[0] === keyOf(text) ? Number(match[2]) : null;
}

/** Return the field of a name, with or without a unit after its last joint. */
function named(text) {
  const key = keyOf(text);
  const plain = SPELLINGS.get(key);
  if (plain !== undefined) return { ...UNKNOWN, quantity: plain };
  if (NAMED_BY_UNIT.has(key)) return { ...UNKNOWN, quantity: TIME, unit: NAMED_BY_UNIT.get(key) };
  const parts = text.trim().replace(HUMP, "_").split(JOINTS).filter((part) => part !== "");
  for (const joints of [1, 2]) { // the unit may have a joint itself: accel_x_m_s2
    const quantity = SPELLINGS.get(parts.slice(0, -joints).join("").toLowerCase());
    const unit = quantity === undefined ? "" : unitOf(quantity, parts.slice(-joints).join("/"));
    if (unit !== "") return { ...UNKNOWN, quantity, unit };
  }
  return UNKNOWN;
}

function keyOf(text) {
  return text.trim().split(JOINTS).join("").toLowerCase();
}

/** Return the canonical unit, "" for one that the quantity does not have. */
function unitOf(quantity, text) {
  const spelled = text.trim().toLowerCase();
  const units = Object.entries(UNITS[kindOf(quantity)] ?? {});
  return units.find(([, spellings]) => spellings.includes(spelled))?.[0] ?? "";
}

function kindOf(quantity) {
  if (quantity === TIME || quantity === RECEIVED) return "time";
  if (["pitch", "roll", "yaw"].includes(quantity)) return "angle";
  return quantity.startsWith("flex") ? "flex" : quantity.split("_")[0];
}

/** Tell whether the header counts five fingers 0 to 4, by one name. */
function countsFrom0(texts) {
  const matches = texts.map((text) => COUNTED_FROM_0.exec(keyOf(text))).filter((match) => match !== null);
  const digits = [...new Set(matches.map((match) => match[2]))].sort().join("");
  return digits === "01234" && new Set(matches.map((match) => match[1])).size === 1;
}

function countedFrom1(text) {
  const digit = COUNTED_FROM_0.exec(keyOf(text))?.[2];
  return digit === undefined ? text : text.replace(digit, String(Number(digit) + 1));
}
