import { BOUNDS } from '../bounds.js';

const MOST_BYTES = BOUNDS.baselineBytes.value;
const LINE_FEED = 0x0a;
/** How a connection begins in this program's reports, each on its own line. */
const CONNECTION = '{"id":"';

/**
 * Reads a file of known failures without the connections of a report, which are nearly all of it, and not needed. Null
 * if the rest is longer than `baselineBytes`.
 */
export async function readWithoutConnections(source: AsyncIterable<Buffer>): Promise<string | null> {
  const kept: Buffer[] = [];
  let bytes = 0;
  let open: Buffer[] = [];
  let openBytes = 0;
  const add = (part: Buffer): void => {
    open.push(part);
    openBytes += part.length;
  };
  const end = (): void => {
    const line = Buffer.concat(open);
    open = [];
    openBytes = 0;
    if (line.subarray(0, CONNECTION.length).toString() === CONNECTION) return;
    kept.push(line);
    bytes += line.length;
  };
  for await (const chunk of source) {
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, at + 1));
      start = at + 1;
      end();
    }
    add(chunk.subarray(start));
    if (bytes + openBytes > MOST_BYTES) return null;
  }
  end();
  return Buffer.concat(kept).toString();
}
