import { notice, type NoticeCode } from '../notices.js';
import type { CaptureWarning } from '../capture/frame.js';
import type { Faults } from '../fault.js';
import type { Connection } from './connection.js';
import { endpointText } from './endpoint.js';

/**
 * Notes that also concern the capture: a warning says how many connections have them. Other notes concern one
 * connection.
 */
const ABOUT_CAPTURE = [
  'starts-mid-connection',
  'one-sided',
  'missing-segments',
  'too-many-messages',
  'too-many-alerts',
  'too-many-certificates',
  'message-too-long',
  'tls-not-offered',
] as const satisfies readonly NoticeCode[];

/** Counts the connections with such notes. */
export interface NoteCounter {
  add(connection: Connection): void;
  /** The warnings by capture. */
  warnings(): ReadonlyMap<number, readonly CaptureWarning[]>;
}

/** How many connections of a capture have a note, and the server of the first of them. */
interface Noted {
  count: number;
  readonly server: string;
}

export function createNoteCounter(): NoteCounter {
  const totals = new Map<number, number>();
  const counts = new Map<number, Map<NoticeCode, Noted>>();
  return {
    add({ capture, notes, server }) {
      totals.set(capture, (totals.get(capture) ?? 0) + 1);
      if (notes.length === 0) return;
      const codes = counts.get(capture) ?? new Map<NoticeCode, Noted>();
      counts.set(capture, codes);
      for (const code of new Set(notes.map((note) => note.code))) {
        const noted = codes.get(code);
        if (noted === undefined) codes.set(code, { count: 1, server: endpointText(server) });
        else noted.count++;
      }
    },
    warnings() {
      const warnings = new Map<number, CaptureWarning[]>();
      for (const [capture, codes] of counts) {
        const said = ABOUT_CAPTURE.flatMap((code): CaptureWarning[] => {
          const noted = codes.get(code);
          if (noted === undefined) return [];
          const data = { count: noted.count, connections: totals.get(capture) ?? 0 };
          if (code !== 'tls-not-offered') return [notice(code, 'inCapture', data)];
          return [notice(code, 'inCapture', { ...data, server: noted.server })];
        });
        if (said.length > 0) warnings.set(capture, said);
      }
      return warnings;
    },
  };
}

/** Warns of connections that a fault of this program left out of the report. */
export function faultWarnings({ first, count }: Faults): CaptureWarning[] {
  const more = count() - first.length;
  return first.map(({ stage, frame, message }, index) => {
    const errors = { style: 'plain', items: [message], more: index === first.length - 1 ? more : 0 } as const;
    return { ...notice('internal-error', stage, { errors }), frame };
  });
}
