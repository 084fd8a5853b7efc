/**
 * Puts numbers into a string, one after the other, and takes them out in the same order. Of all that an engine has for bytes, a
 * string takes the least room: 16 bytes more than it holds, where an array takes a hundred more.
 */
export interface Packing {
  /** Begins the next string. */
  readonly begin: () => void;
  /** Puts an integer of 32 bits, signed: the nearer to 0, the less room it takes. */
  readonly put: (value: number) => void;
  /** Puts the place of something: its frame, and the time of it. It takes the less room, the nearer it is to the place put last. */
  readonly putPlace: (frame: number, at: Time) => void;
  /** Puts an even number of hex digits in lower case. */
  readonly putHex: (digits: string) => void;
  /** Whether all that was put since `begin` is such, and there was room for it. */
  readonly fits: () => boolean;
  /** What was put since `begin`, where that fits. */
  readonly end: () => string;
  /** Begins to take from what `end` gave. */
  readonly open: (packed: string) => void;
  readonly take: () => number;
  /** Takes a place: returns its frame, and writes the time of it into `at`. */
  readonly takePlace: (at: Time) => number;
  readonly takeHex: () => string;
}

interface Time {
  seconds: number;
  nanoseconds: number;
  digits: number;
}

/** Bytes that a string may have: an ordinary connection takes a tenth of that. */
const MAX_BYTES = 4096;
/** Bytes that a number takes at most: seven bits each. */
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
    // Small ones, of either sign, become small ones without a sign.
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

/** Marks as the bits of an integer, the first one the lowest. */
export function bits(...marks: readonly boolean[]): number {
  return marks.reduce((all, mark, index) => all | (Number(mark) << index), 0);
}

/** Whether the mark at `index` is set in what `bits` gave. */
export const isSet = (all: number, index: number): boolean => ((all >>> index) & 1) === 1;
