import type { Window } from './window.js';

// First bytes, in hexadecimal, of what people give instead of a capture.
const BEGINNINGS: readonly (readonly [prefix: string, description: string])[] = [
  ['1f8b', 'it looks like gzip'],
  ['28b52ffd', 'it looks like zstd'],
  ['04224d18', 'it looks like lz4'],
  ['02214c18', 'it looks like lz4 in its legacy format, which is not supported'],
  ['fd377a585a00', 'it looks like xz'],
  ['425a68', 'it looks like bzip2'],
  ['504b0304', 'it looks like a zip archive'],
  ['377abcaf271c', 'it looks like a 7-Zip archive'],
  ['736e6f6f70000000', 'it looks like a snoop capture that was cut short'],
  ['474d4255', 'it looks like a Network Monitor capture, which is not supported'],
  // "# SSL/TLS secrets", "CLIENT_", "SERVER_"
  ['232053534c2f544c53', 'it looks like a key log, which --keys takes'],
  ['434c49454e545f', 'it looks like a key log, which --keys takes'],
  ['5345525645525f', 'it looks like a key log, which --keys takes'],
  ['7f454c46', 'it looks like a program'],
  ['89504e47', 'it looks like a PNG image'],
  ['ffd8ff', 'it looks like a JPEG image'],
  ['25504446', 'it looks like a PDF document'],
];

/** What the beginning of an input that no format recognises looks like, in a few words that fit in parentheses. */
export function appearance({ bytes, start, end }: Window): string {
  if (start === end) return 'it is empty';
  const head = Buffer.from(bytes.subarray(start, Math.min(end, start + 64)));
  const hex = head.toString('hex');
  const known = BEGINNINGS.find(([prefix]) => hex.startsWith(prefix));
  if (known) return known[1];
  return isText(head) ? 'it looks like text' : `it begins with ${hex.slice(0, 16)}`;
}

function isText(head: Buffer): boolean {
  return head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
