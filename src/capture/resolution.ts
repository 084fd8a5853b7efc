/** Converts times counted in units since 1970, as in pcapng, to seconds and nanoseconds, exactly. */

/** A unit of time: `if_tsresol` of draft-ietf-opsawg-pcapng, section 4.2. */
export interface Resolution {
  /** Units per second. */
  readonly perSecond: bigint;
  /** The n of 10^-n if the unit is a power of ten of at most nine digits, else -1. */
  readonly decimal: number;
  /** 10^n = 2^n 5^n. */
  readonly twos: number;
  readonly fives: number;
  /** 10^(9-n). */
  readonly nanosecondsPerUnit: number;
  /** Decimal digits that show every unit, at most 9. */
  readonly digits: number;
}

/** Decodes an `if_tsresol` byte: the top bit selects powers of two instead of ten, the rest is the exponent. */
export function resolutionOf(tsresol: number): Resolution {
  const exponent = tsresol & 0x7f;
  if (tsresol & 0x80) {
    const digits = Math.min(9, Math.ceil(exponent * Math.log10(2)));
    return { perSecond: 1n << BigInt(exponent), decimal: -1, twos: 0, fives: 0, nanosecondsPerUnit: 0, digits };
  }
  return {
    perSecond: 10n ** BigInt(exponent),
    decimal: exponent <= 9 ? exponent : -1,
    twos: 2 ** exponent,
    fives: 5 ** exponent,
    nanosecondsPerUnit: 10 ** (9 - exponent),
    digits: Math.min(9, exponent),
  };
}

/** Where a time is put. */
interface Time {
  seconds: number;
  nanoseconds: number;
  digits: number;
}

/**
 * Sets `time` to a 64-bit count of units, given as two unsigned 32-bit halves. Exact up to 2^53 seconds; fractions of
 * nanoseconds are dropped.
 */
export function readTime(high: number, low: number, resolution: Resolution, time: Time): void {
  const { decimal } = resolution;
  time.digits = resolution.digits;
  if (decimal < 0) {
    readOddTime(high, low, resolution, time);
    return;
  }
  // A number holds only 53 of the 64 bits. To divide by 10^n, shift n bits out (the 2^n), then do long division by 5^n,
  // which is below 2^21, in two steps of 32 bits: each partial dividend is below 2^53.
  const shiftedHigh = high >>> decimal;
  const shiftedLow = decimal === 0 ? low : ((high << (32 - decimal)) | (low >>> decimal)) >>> 0;
  const upper = Math.floor(shiftedHigh / resolution.fives);
  const dividend = (shiftedHigh - upper * resolution.fives) * 2 ** 32 + shiftedLow;
  const lower = Math.floor(dividend / resolution.fives);
  const units = (dividend - lower * resolution.fives) * resolution.twos + (low & (resolution.twos - 1));
  time.seconds = upper * 2 ** 32 + lower;
  // An integer for the engine, which then stores it without a heap object.
  time.nanoseconds = (units * resolution.nanosecondsPerUnit) | 0;
}

/** For rare units (powers of two, finer than nanoseconds); slower. */
function readOddTime(high: number, low: number, { perSecond }: Resolution, time: Time): void {
  const units = (BigInt(high) << 32n) | BigInt(low);
  time.seconds = Number(units / perSecond);
  time.nanoseconds = Number(((units % perSecond) * 1_000_000_000n) / perSecond);
}
