import { decodeFault } from '../decode-faults.js';
import { content, type DerElement, DerError } from './der.js';

const utcTimeTag = 0x17;
const generalizedTimeTag = 0x18;

// RFC 5280 §4.1.2.5 wants seconds and Z; older certificates are seen without seconds, with fractions and with offsets.
const utcTime = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const generalizedTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})$/;

/**
 * A UTCTime or GeneralizedTime (RFC 5280 §4.1.2.5) in ISO 8601, UTC, whole seconds. Two-digit years are 1950 to 2049.
 * @throws DerError if the element is no such time, or the day or time of day does not exist
 */
export function readTime(element: DerElement | undefined): string {
  if (element === undefined) throw new DerError(decodeFault('missing', { field: 'time' }));
  const text = Buffer.from(content(element)).toString('latin1');
  const form = { [utcTimeTag]: utcTime, [generalizedTimeTag]: generalizedTime }[element.tag];
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '00', zone = ''] = form?.exec(text) ?? [];
  const century = year.length === 4 ? '' : Number(year) >= 50 ? '19' : '20';
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const local = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const date = new Date(local + offset);
  if (!Number.isNaN(date.getTime())) {
    const iso = date.toISOString();
    // The engine reads 31 February as 2 or 3 March.
    const written = zone === 'Z' ? iso : new Date(`${local}Z`).toISOString();
    if (written.startsWith(local)) return iso.replace('.000Z', 'Z');
  }
  throw new DerError(decodeFault('notATime', { text: JSON.stringify(text.slice(0, 32)) }));
}
