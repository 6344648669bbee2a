// Types of the JavaScript client. Those of the messages and answers are generated from the service's own documents:
// python -m tests.clients.generated.write_types

import type { components as Answers } from "./answers.js";
import type { components as Messages } from "./messages.js";

type Message = Messages["schemas"];

export type Started = Message["Started"];
export type Stopped = Message["Stopped"];
export type Prediction = Message["Prediction"];
export type Gesture = Message["Gesture"];
export type Text = Message["Text"];
export type Word = Message["Word"];
export type Gap = Message["Gap"];
export type Stale = Message["Stale"];
/** The connection is lost; the next try is in `retry_ms` milliseconds. */
export type Lost = { type: "lost"; retry_ms: number };

/** A message of the service about a stream, by `type`. */
export type ServerMessage = Message["OfServer"];
/** A message about the glove that a client may send, by `type`. */
export type GloveMessage = Message["LinkReport"] | Message["DeviceRemark"] | Message["GloveLetter"] | Message["Commanded"];
export type EditAction = Message["Edit"]["action"];
export type TextOptions = Partial<Message["TextOptions"]>;

export type Answer = Answers["schemas"]["Answer"];
export type StreamInfo = Answers["schemas"]["StreamInfo"];
export type AddedExample = Answers["schemas"]["AddedExample"];
export type Doubts = Answers["schemas"]["Doubts"];
export type KeptWords = Answers["schemas"]["KeptWords"];

/** `flex1` to `flex5`, `pitch`, `roll`, `yaw`: the order of the numbers of a frame. */
export const CHANNELS: readonly string[];
export const MAX_FRAMES_PER_MESSAGE: number;

/** A class like the platform's own WebSocket, such as that of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string[]) => any;

/** An error that the service answers, or `cannot_connect`. */
export class ServiceError extends Error {
  constructor(fault: { code: string; detail: string; status?: number; field?: string | null });
  readonly code: string;
  readonly detail: string;
  /** HTTP status, or 0. */
  readonly status: number;
  readonly field: string | null;
}

export interface RequestOptions {
  token?: string;
  signal?: AbortSignal;
}

export interface PredictOptions extends RequestOptions {
  model?: string;
  wearer?: string;
  glove?: string;
  sampleRateHz?: number;
  topK?: number;
}

/** Predict the letters of windows [frames][8] in raw units. */
export function predict(url: string, windows: number[][][], options?: PredictOptions): Promise<Answer[]>;
export function listStreams(url: string, options?: RequestOptions): Promise<StreamInfo[]>;
export function doubts(
  url: string,
  wearer: string,
  stream: string,
  options?: RequestOptions & { model?: string; count?: number },
): Promise<Doubts>;
export function answer(
  url: string,
  wearer: string,
  stream: string,
  shape: number,
  label: string,
  options?: RequestOptions & { model?: string },
): Promise<AddedExample>;

/** Keep what the words of a stream have shown of a hand as examples of its wearer. */
export function keepWords(url: string, wearer: string, stream: string, options?: RequestOptions): Promise<KeptWords>;

export interface WatchOptions extends RequestOptions {
  WebSocket?: WebSocketClass;
  lost?: (retryMs: number) => void;
}

/** Yield every message about a stream until it ends. */
export function watch(url: string, stream: string, options?: WatchOptions): AsyncGenerator<ServerMessage, void, undefined>;

export interface StreamOptions {
  model?: string;
  wearer?: string;
  glove?: string;
  /** The glove's board, vendor:product:serial number. */
  usb?: string;
  /** Without it the service uses the times of the frames. */
  sampleRateHz?: number | null;
  hopMs?: number;
  topK?: number;
  text?: TextOptions;
  /** Commands that the glove obeys. */
  commands?: string[];
  token?: string;
  WebSocket?: WebSocketClass;
}

/** A glove's stream to the service, which reconnects. */
export class GloveStream implements AsyncIterable<ServerMessage | Lost> {
  constructor(url: string, options?: StreamOptions);
  readonly started: Started | null;
  readonly stopped: Stopped | null;
  readonly framesSent: number;
  readonly framesLost: number;
  readonly unread: number;
  open(): Promise<Started>;
  send(
    times: ArrayLike<number>,
    values: ArrayLike<ArrayLike<number | null>>,
    options?: { seq?: number },
  ): Promise<boolean>;
  tell(message: GloveMessage): void;
  reset(): void;
  edit(action: EditAction): void;
  doubts(count?: number, wearer?: string): Promise<Doubts>;
  answer(shape: number, label: string, wearer?: string): Promise<AddedExample>;
  keepWords(wearer?: string): Promise<KeptWords>;
  useGlove(glove?: string): void;
  useWearer(wearer?: string, model?: string): void;
  stop(): Promise<Stopped>;
  close(): void;
  [Symbol.asyncIterator](): AsyncIterableIterator<ServerMessage | Lost>;
  predictions(): AsyncIterableIterator<Prediction>;
  texts(): AsyncIterableIterator<Text>;
  /** @deprecated the name of `texts` before version 0.2 */
  text(): AsyncIterableIterator<Text>;
}

export interface SerialOptions {
  baudRate?: number;
  token?: string;
  wearer?: string;
  glove?: string;
  model?: string;
  text?: TextOptions;
  WebSocket?: WebSocketClass;
}

/** A glove at a serial port of this browser: `serial` is `navigator.serial`, `port` one that the user has granted. */
export class SerialGlove {
  constructor(url: string, serial: EventTarget, port: EventTarget, options?: SerialOptions);
  run(passOn?: (message: ServerMessage | Lost) => void): Promise<void>;
  useGlove(glove?: string): void;
  useWearer(wearer?: string, model?: string): void;
  stop(): Promise<void>;
}

/** What a glove's bytes say, as codec/events.js lists it. */
export type GloveEvent = { event: string; [field: string]: unknown };

/** The decoder of a glove's bytes. */
export class GloveDecoder {
  constructor();
  readonly counts: object;
  readonly format: "text" | "binary" | null;
  readonly joined: boolean;
  readonly wantsHeader: boolean;
  readonly due: number | null;
  rejoin(): void;
  feed(bytes: Uint8Array, arrival?: number): GloveEvent[];
}

/** The decoder that reads text of any sketch, too. */
export class GloveReader extends GloveDecoder {}
