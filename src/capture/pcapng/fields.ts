import type { Window } from '../window.js';

/** The fields of pcapng's blocks, in the byte order of their section. Offsets are those of the window. */
export interface Fields {
  /** Sets the byte order of the section that begins. */
  setByteOrder(littleEndian: boolean): void;
  /** 16 bits. */
  readonly short: (offset: number) => number;
  /** 32 bits. */
  readonly integer: (offset: number) => number;
  /** 64 bits; inexact from 2^53 on. */
  readonly unsigned64: (offset: number) => number;
  readonly signed64: (offset: number) => number;
  /** Calls `read` with each option, or record of names, between two offsets (section 3.5 and 4.5), until one does not fit. */
  readonly list: (start: number, end: number, read: ReadField) => void;
}

/** Reads a field with a code, whose value begins at an offset. */
export type ReadField = (code: number, value: number, length: number) => void;

/** The code after which neither options nor names follow. */
const END = 0;

export function createFields(window: Window): Fields {
  let littleEndian = false;
  const short = (offset: number): number => window.view.getUint16(offset, littleEndian);
  const integer = (offset: number): number => window.view.getUint32(offset, littleEndian);
  const high = (offset: number): number => integer(offset + (littleEndian ? 4 : 0));
  const low = (offset: number): number => integer(offset + (littleEndian ? 0 : 4));

  /** Options and names have the same form: code, length, value, padding to 32 bits. */
  const list = (start: number, end: number, read: ReadField): void => {
    for (let at = start; at + 4 <= end;) {
      const code = short(at);
      const length = short(at + 2);
      const value = at + 4;
      if (code === END || value + length > end) return;
      read(code, value, length);
      at = value + Math.ceil(length / 4) * 4;
    }
  };

  return {
    setByteOrder(isLittle) {
      littleEndian = isLittle;
    },
    short,
    integer,
    unsigned64: (offset) => high(offset) * 2 ** 32 + low(offset),
    signed64: (offset) => (high(offset) | 0) * 2 ** 32 + low(offset),
    list,
  };
}
