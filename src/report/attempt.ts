import type { Diagnosis } from '../diagnose/finding.js';
import { faultText } from '../fault.js';

/**
 * Draws one part of a report. If a fault of this program occurs in it, only that part is lost: `instead` gets a
 * sentence that says so.
 * @param what the part: `connection #12, from frame 33`
 */
export function attempt<T>(what: string, draw: () => T, instead: (sentence: string) => T): T {
  try {
    return draw();
  } catch (error) {
    return instead(`${what} cannot be shown: internal error, please report it: ${faultText(error)}`);
  }
}

/** The name of a cause that cannot be shown. */
export function causeName({
  rule,
  example: {
    connection: { id, firstFrame },
  },
}: Diagnosis): string {
  return `the cause ${rule.id} (connection ${id}, from frame ${firstFrame})`;
}
