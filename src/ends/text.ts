/** The text of a file, and a description of one whose format is unknown. */

/** Characters of a line that an error shows. */
const MAX_SHOWN = 60;

/** Text without the byte order mark that Windows editors write; PowerShell writes UTF-16. */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** Describes a file of unknown format: what it looks like, and in which line that shows, if it has lines. */
export function describeUnknownFile(bytes: Uint8Array): { readonly line?: number; readonly what: string } {
  if (bytes.length === 0) return { what: 'it is empty' };
  const text = textOf(bytes);
  // Text has no NUL, and hardly anything but UTF-8.
  if (text.includes('\0'))
    return { what: `it is binary, and begins with ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}` };
  if (/^\s*[[{]/.test(text)) {
    try {
      JSON.parse(text);
      return { what: 'it is other JSON' };
    } catch {
      return { line: faultyLine(text), what: 'not JSON that can be read' };
    }
  }
  const lines = text.split('\n');
  const index = lines.findIndex((line) => /^\s*[^\s#;]/.test(line));
  const first = (lines[index] ?? '').trim();
  if (index < 0) return { what: 'it has comments alone' };
  return {
    line: index + 1,
    what: `"${first.slice(0, MAX_SHOWN)}${first.length > MAX_SHOWN ? '…' : ''}" begins none of them`,
  };
}

/** The line of the first token that cannot be JSON; not all errors of Node.js say it. */
export function faultyLine(text: string): number {
  const token = /\s+|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[[\]{},:]/y;
  const open: string[] = [];
  let last = '';
  for (let offset = 0; ; offset = token.lastIndex) {
    token.lastIndex = offset;
    const [found = ''] = token.exec(text) ?? [];
    const isSpace = /^\s/.test(found);
    const isValue = !isSpace && !/^[\]},:]/.test(found);
    const mayBegin = last === '' || last === ',' || last === ':' || last === '[' || last === '{';
    const isWrong =
      found === '' ||
      (isValue && !mayBegin) ||
      (/^[\]}]/.test(found) && (open.pop() !== (found === ']' ? '[' : '{') || last === ',' || last === ':')) ||
      (/^[,:]/.test(found) && (open.length === 0 || mayBegin));
    if (isWrong) return text.slice(0, offset).split('\n').length;
    if (isSpace) continue;
    if (found === '[' || found === '{') open.push(found);
    last = found;
  }
}
