import type { CaptureWarning } from '../capture/frame.js';
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
