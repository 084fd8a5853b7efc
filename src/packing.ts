/**
 * Packs numbers into a string, one after the other, and unpacks them in the same order. A string is the smallest
 * container of bytes in the engine: 16 bytes more than its content, where an array takes a hundred more.
 */
export interface Packing {
  /** Begins the next string. */
  readonly begin: () => void;
  /** Packs a signed integer of 32 bits; small ones take less room. */
  readonly put: (value: number) => void;
  /** Packs a place: a frame and its time. The nearer it is to the last one packed, the less room it takes. */
  readonly putPlace: (frame: number, at: Time) => void;
  /** Packs an even number of lower-case hex digits. */
  readonly putHex: (digits: string) => void;
  /** Whether everything since `begin` could be packed, and there was room for it. */
  readonly fits: () => boolean;
  /** What was packed since `begin`, if it fits. */
  readonly end: () => string;
  /** Begins to unpack what `end` returned. */
  readonly open: (packed: string) => void;
  readonly take: () => number;
  /** Unpacks a place: returns its frame, and writes its time into `at`. */
  readonly takePlace: (at: Time) => number;
  readonly takeHex: () => string;
}

interface Time {
  seconds: number;
  nanoseconds: number;
  digits: number;
}

/** The most bytes of a string; an ordinary connection takes a tenth of that. */
const MAX_BYTES = 4096;
/** The most bytes of a number: seven bits each. */
const MAX_NUMBER = 5;

export function createPacking(): Packing {
  const bytes = Buffer.alloc(MAX_BYTES);
  let at = 0;
  let fits = true;
  let lastFrame = 0;
  const lastTime: Time = { seconds: 0, nanoseconds: 0, digits: 0 };

  const start = (): void => {
    at = lastFrame = lastTime.seconds = lastTime.nanoseconds = lastTime.digits = 0;
  };
  const put = (value: number): void => {
    if ((value | 0) !== value || at + MAX_NUMBER > MAX_BYTES) {
      fits = false;
      return;
    }
    // Maps small numbers of either sign to small unsigned ones.
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
  };
  const take = (): number => {
    let value = 0;
    let byte = 0x80;
    for (let shift = 0; (byte & 0x80) !== 0; shift += 7) {
      byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  };
  return {
    begin() {
      start();
      fits = true;
    },
    put,
    putPlace(frame, { seconds, nanoseconds, digits }) {
      put(frame - lastFrame);
      put(seconds - lastTime.seconds);
      put(nanoseconds - lastTime.nanoseconds);
      put(digits - lastTime.digits);
      lastFrame = frame;
      lastTime.seconds = seconds;
      lastTime.nanoseconds = nanoseconds;
      lastTime.digits = digits;
    },
    putHex(digits) {
      const length = digits.length / 2;
      put(length);
      if (at + length > MAX_BYTES) fits = false;
      else at += bytes.write(digits, at, 'hex');
    },
    fits: () => fits,
    end: () => bytes.toString('latin1', 0, at),
    open(packed) {
      start();
      bytes.write(packed, 'latin1');
    },
    take,
    takePlace(time) {
      lastFrame += take();
      time.seconds = lastTime.seconds += take();
      time.nanoseconds = lastTime.nanoseconds += take();
      time.digits = lastTime.digits += take();
      return lastFrame;
    },
    takeHex() {
      const length = take();
      at += length;
      return bytes.toString('hex', at - length, at);
    },
  };
}

/** Flags as the bits of an integer, the first one the lowest. */
export function bits(...marks: readonly boolean[]): number {
  return marks.reduce((all, mark, index) => all | (Number(mark) << index), 0);
}

/** Whether the flag at `index` is set in the result of `bits`. */
export const isSet = (all: number, index: number): boolean => ((all >>> index) & 1) === 1;
