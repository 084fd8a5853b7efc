import type { CaptureWarning } from '../capture/frame.js';
import type { Fault, Faults } from '../fault.js';
import type { Connection } from './connection.js';

/**
 * What is to be said of a capture when connections in it have a note: how many do is counted, the rest is here. Notes that
 * are not here concern their connection only.
 */
const ABOUT_CAPTURE: Readonly<Record<string, string>> = {
  'starts-mid-connection':
    'began before the capture did, and what was said until then is not known: start capturing before they connect',
  'one-sided':
    'are seen in one direction only, as with asymmetric routing or a one-way mirror: capture where both directions pass',
  'missing-segments':
    'lack segments that their peers acknowledged: the capturing host dropped packets (a larger buffer helps: tcpdump -B), or they took another way',
  'too-many-messages': 'have more handshake messages than are kept; the first ones are',
  'too-many-alerts': 'have more alerts than are kept; the first ones are',
  'too-many-certificates': 'have a longer certificate chain than is read',
  'message-too-long': 'have a handshake message longer than is read',
};

/** Counts what connections say of their capture. */
export interface NoteCounter {
  add(connection: Connection): void;
  /** The warnings by capture. */
  warnings(): ReadonlyMap<number, readonly CaptureWarning[]>;
}

export function createNoteCounter(): NoteCounter {
  const totals = new Map<number, number>();
  const counts = new Map<number, Map<string, number>>();
  return {
    add({ capture, notes }) {
      totals.set(capture, (totals.get(capture) ?? 0) + 1);
      if (notes.length === 0) return;
      const codes = counts.get(capture) ?? new Map<string, number>();
      counts.set(capture, codes);
      for (const code of new Set(notes.map((note) => note.code))) {
        if (!Object.hasOwn(ABOUT_CAPTURE, code)) continue;
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    },
    warnings() {
      const warnings = new Map<number, CaptureWarning[]>();
      for (const [capture, codes] of counts) {
        const said = Object.entries(ABOUT_CAPTURE).flatMap(([code, text]): CaptureWarning[] => {
          const count = codes.get(code);
          if (count === undefined) return [];
          return [{ code, message: `${count} of ${totals.get(capture) ?? 0} connections ${text}` }];
        });
        if (said.length > 0) warnings.set(capture, said);
      }
      return warnings;
    },
  };
}

/** What faults of this program kept from being reported. */
export function faultWarnings({ first, count }: Faults): CaptureWarning[] {
  const more = count() - first.length;
  return first.map(({ stage, frame, message }, index) => ({
    code: 'internal-error',
    message:
      `${LOST[stage]}, by an internal error; all else is reported. Please report it: ${message}` +
      (index === first.length - 1 && more > 0 ? ` (and ${more} more)` : ''),
    frame,
  }));
}

const LOST: Readonly<Record<Fault['stage'], string>> = {
  read: 'a frame is passed over',
  build: 'a connection is left out',
  judge: 'a connection is reported without its cause',
  report: 'a connection or a cause is left out',
};
