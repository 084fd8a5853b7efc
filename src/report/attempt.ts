import type { Diagnosis } from '../diagnose/finding.js';
import { faultText } from '../fault.js';
import { ENGLISH_WORDING, type Wording } from './wording.js';

/**
 * Draws one part of a report. If a fault of this program occurs in it, only that part is lost: `instead` gets a
 * sentence that says so.
 * @param what the part: `connection #12, from frame 33`
 */
export function attempt<T>(
  what: string,
  draw: () => T,
  instead: (sentence: string) => T,
  { faults }: Wording = ENGLISH_WORDING,
): T {
  try {
    return draw();
  } catch (error) {
    return instead(faults.notShown({ what, fault: faultText(error) }));
  }
}

/** The name of a cause that cannot be shown. */
export function causeName(
  {
    rule,
    example: {
      connection: { id, firstFrame },
    },
  }: Diagnosis,
  { faults }: Wording = ENGLISH_WORDING,
): string {
  return faults.cause({ rule: rule.id, connection: id, frame: String(firstFrame) });
}
