import { readFile } from 'node:fs/promises';
import { BOUNDS } from '../bounds.js';
import type { Frame } from '../capture/frame.js';
import { newReading, openCapture } from '../capture/open.js';
import { millisecondsBetween } from '../capture/timestamp.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import type { DiagnosedConnection } from '../diagnose/finding.js';
import { formatAddress } from '../packet/address.js';
import { createDecoder, TCP_SEGMENT } from '../packet/decode.js';
import { newPacket, type Packet } from '../packet/packet.js';
import { escapeTerminal } from '../report/escape.js';
import { generator } from '../report/generator.js';
import { ENGLISH } from '../report/messages/english.js';
import { listed } from '../report/phrases.js';
import { inZone, UTC, type TimeZone } from '../report/time-zone.js';
import { factOf } from '../report/words.js';
import { decryptionSecrets, enhancedPacket, interfaceDescription, sectionHeader } from './pcapng.js';

/** The frames of some connections, as a capture of their own. */
export interface FrameExport {
  /** Takes a connection; false when there are more than a small capture should have. */
  add(connection: DiagnosedConnection): boolean;
  /**
   * Reads the captures again and gives the new one in pieces: the frames of the connections taken, and those that a finding
   * cites, each of these with a comment that says what it shows.
   * @param paths of the captures analysed, in order
   * @param names for them in comments
   * @param keyLogs files of which the keys of the connections taken are written too, and those that the captures carry; null
   * to leave all keys out
   */
  write(
    paths: readonly string[],
    names: readonly string[],
    keyLogs?: readonly string[] | null,
  ): AsyncIterable<Uint8Array>;
}

const MOST_KEY_LINES = BOUNDS.secrets.value;
const MAX_CONNECTIONS = BOUNDS.exportedConnections.value;

/** What is told of a frame: of which connections, by what is told. */
type Comments = Map<string, string[]>;

/** Connections that a comment names. */
const MOST_IDS = 8;
/** Different things told of one frame. */
const MOST_COMMENTS = BOUNDS.frameComments.value;

export function createFrameExport(zone: TimeZone = UTC): FrameExport {
  const language = inZone(ENGLISH, zone);
  const byEndpoints = new Map<string, Connection[]>();
  const comments = new Map<string, Comments>();
  /** ClientHello.randoms of the connections taken, to which keys belong. */
  const randoms = new Set<string>();
  let taken = 0;

  const comment = (capture: number, frame: number, id: string, text: string): void => {
    const key = `${capture} ${frame}`;
    let own = comments.get(key);
    if (own === undefined) comments.set(key, (own = new Map<string, string[]>()));
    const ids = own.get(text);
    if (ids !== undefined) ids.push(id);
    else if (own.size < MOST_COMMENTS) own.set(text, [id]);
  };

  return {
    add({ connection, cause }) {
      if (taken >= MAX_CONNECTIONS) return false;
      taken++;
      const { id, client, server, capture, firstFrame, outcome, clientHello } = connection;
      if (clientHello !== null) randoms.add(clientHello.random);
      const key = keyOf(client, server);
      const others = byEndpoints.get(key);
      if (others === undefined) byEndpoints.set(key, [connection]);
      else others.push(connection);
      const result = cause === null ? outcome : `${cause.rule.title} (${cause.rule.id}, ${cause.certainty})`;
      comment(capture, firstFrame, id, `it begins here. ${result}`);
      if (cause === null) return true;
      for (const item of cause.evidence) {
        const fact = factOf(cause.rule, item, escapeTerminal, language);
        comment(item.capture ?? capture, item.frame, id, `from the ${item.from}: ${fact}`);
      }
      return true;
    },

    async *write(paths, names, keyLogs = null) {
      yield sectionHeader();
      const keys = keyLogs === null ? '' : await keysOf(randoms, paths, keyLogs);
      if (keys !== '') yield decryptionSecrets(Buffer.from(keys, 'latin1'));
      const interfaces = new Map<string, number>();
      const packet = newPacket();
      for (const [index, path] of paths.entries()) {
        const capture = await openCapture(path);
        const decoder = createDecoder(() => undefined);
        do {
          while (capture.next()) {
            const { frame } = capture;
            // Every frame is decoded, since a decoder puts fragments together.
            const isSegment = decoder.decode(frame, packet) === TCP_SEGMENT;
            const told = comments.get(`${index} ${frame.number}`);
            if (told === undefined && !(isSegment && isWanted(byEndpoints.get(packetKey(packet)), index, frame)))
              continue;
            const id = `${index} ${frame.linkType}`;
            let interfaceId = interfaces.get(id);
            if (interfaceId === undefined) {
              interfaces.set(id, (interfaceId = interfaces.size));
              yield interfaceDescription(frame.linkType);
            }
            const place = `frame ${frame.number} of ${escapeTerminal(names[index] ?? path)}`;
            yield enhancedPacket(interfaceId, frame, told === undefined ? [] : commentsText(told, place));
          }
        } while (await capture.fill());
      }
    },
  };
}

/** The lines of key logs, and of those that captures carry, that are for these ClientHello.randoms, each once. */
async function keysOf(
  randoms: ReadonlySet<string>,
  paths: readonly string[],
  keyLogs: readonly string[],
): Promise<string> {
  const lines = new Set<string>();
  const take = (text: string): void => {
    for (const line of text.split('\n', MOST_KEY_LINES)) {
      const words = line.trim().split(/ +/);
      if (words.length === 3 && randoms.has(words[1]?.toLowerCase() ?? '')) lines.add(words.join(' '));
    }
  };
  for (const path of keyLogs) take(await readFile(path, 'latin1'));
  const reading = newReading(undefined, undefined, ({ data }) => {
    take(Buffer.from(data).toString('latin1'));
  });
  for (const path of paths) {
    const capture = await openCapture(path, reading);
    do while (capture.next());
    while (await capture.fill());
  }
  return [...lines].map((line) => `${line}\n`).join('');
}

function commentsText(comments: Comments, place: string): string[] {
  return Array.from(comments, ([text, ids]) => {
    const whose = `${ids.length === 1 ? 'connection' : 'connections'} ${listed(ids, MOST_IDS)}`;
    return `${generator.name}: ${whose}, ${place}: ${text}`;
  });
}

function isWanted(candidates: readonly Connection[] | undefined, capture: number, frame: Frame): boolean {
  return (
    candidates?.some(
      (connection) =>
        (connection.capture === capture
          ? frame.number >= connection.firstFrame
          : millisecondsBetween(connection.startedAt, frame) >= 0) &&
        ((connection.lastCapture ?? connection.capture) === capture
          ? frame.number <= connection.lastFrame
          : millisecondsBetween(frame, connection.endedAt) >= 0),
    ) ?? false
  );
}

/** The same for both directions. */
function keyOf(one: Endpoint, other: Endpoint): string {
  const [a, b] = [`${one.address} ${one.port}`, `${other.address} ${other.port}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

function packetKey({ addresses, ipVersion, sourcePort, destinationPort }: Packet): string {
  return keyOf(
    { address: formatAddress(addresses, 0, ipVersion), port: sourcePort },
    { address: formatAddress(addresses, 4, ipVersion), port: destinationPort },
  );
}
