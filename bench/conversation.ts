import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { u16, u8 } from '../src/bytes.js';
import { newReadContext, openCapture, type TakeSecrets } from '../src/capture/open.js';
import { toMilliseconds } from '../src/capture/timestamp.js';
import { formatAddress } from '../src/packet/address.js';
import { decode, TCP_SEGMENT } from '../src/packet/decode.js';
import { ACK, FIN, newPacket, SYN } from '../src/packet/packet.js';

/** A TCP segment of a recorded connection, freed of what was particular to it. */
export interface Segment {
  readonly fromClient: boolean;
  /** Microseconds since the conversation's first segment. */
  readonly at: number;
  readonly flags: number;
  /** Counted from the sender's initial sequence number. */
  readonly sequence: number;
  /** Counted from the peer's initial sequence number; 0 without ACK. */
  readonly acknowledgment: number;
  readonly window: number;
  readonly payload: Uint8Array;
}

/** A connection out of the samples, to be replayed between other addresses. */
export interface Conversation {
  readonly sample: string;
  readonly ipVersion: 4 | 6;
  readonly serverPort: number;
  /** When it was recorded, in milliseconds since 1970: its certificates are judged at that time. */
  readonly recordedAt: number;
  /** What a correct tool says of it; null when nothing failed. */
  readonly cause: string | null;
  /** A full TLS 1.2 handshake shows its certificates; TLS 1.3 hides them; `other` covers resumptions and failures. */
  readonly kind: 'tls12' | 'tls13' | 'other';
  readonly segments: readonly Segment[];
  /** Whether keys come with its sample. Without them a correct tool may say something else of it. */
  readonly hasKeys: boolean;
  /** Of its sample's keys: label and secret of each line for this connection. */
  readonly secrets: readonly (readonly [label: string, secret: string])[];
  /** How many segments come before the closing: where a transfer can be put in. */
  readonly opening: number;
}

/** The form of samples/expected.json. */
type Expected = Readonly<Record<string, readonly { diagnosis: string; frames: readonly number[] }[]>>;

/** Every connection of the samples, in order of file name and first frame. */
export async function readSamples(folder: URL): Promise<Conversation[]> {
  const expected = JSON.parse(await readFile(new URL('expected.json', folder), 'utf8')) as Expected;
  const conversations: Conversation[] = [];
  for (const [sample, diagnoses] of Object.entries(expected)) {
    const keyLogs: string[] = [];
    const recorded = await record(new URL(sample, folder), ({ data }) => {
      keyLogs.push(Buffer.from(data).toString('latin1'));
    });
    const keyLog = new URL(sample.replace(/\.pcap(ng)?$/, '.keys'), folder);
    if (existsSync(keyLog)) keyLogs.push(await readFile(keyLog, 'utf8'));
    const lines = keyLogs.flatMap((text) => text.split('\n').map((line) => line.split(' ')));
    for (const { frames, ...conversation } of recorded) {
      const explained = diagnoses.find((diagnosis) => diagnosis.frames.some((frame) => frames.has(frame)));
      conversations.push({
        ...conversation,
        sample,
        cause: explained?.diagnosis ?? null,
        kind: kindOf(conversation.segments),
        hasKeys: lines.length > 0,
        secrets: secretsOf(conversation.segments, lines),
        opening: openingOf(conversation.segments),
      });
    }
  }
  return conversations;
}

interface Recorded extends Pick<Conversation, 'ipVersion' | 'serverPort' | 'recordedAt'> {
  readonly segments: Segment[];
  readonly frames: Set<number>;
}

/** The connections of one sample. They were recorded whole, so each begins with its SYN. */
async function record(file: URL, onSecrets: TakeSecrets): Promise<Recorded[]> {
  const capture = await openCapture(file.pathname, newReadContext(undefined, undefined, onSecrets));
  const { frame } = capture;
  const packet = newPacket();
  const open = new Map<string, Recorded & { clientBase: number; serverBase: number | null }>();
  do {
    while (capture.next()) {
      if (decode(frame, packet) !== TCP_SEGMENT) continue;
      const { addresses, ipVersion, sourcePort, destinationPort, flags } = packet;
      const source = `${formatAddress(addresses, 0, ipVersion)} ${sourcePort}`;
      const destination = `${formatAddress(addresses, 4, ipVersion)} ${destinationPort}`;
      const fromClient = !open.has(`${destination} ${source}`);
      const key = fromClient ? `${source} ${destination}` : `${destination} ${source}`;
      const now = toMilliseconds(frame);
      let recorded = open.get(key);
      if (recorded === undefined) {
        if ((flags & (SYN | ACK)) !== SYN) throw new Error(`${file.pathname}: frame ${frame.number} is not a SYN`);
        recorded = {
          ipVersion: ipVersion === 4 ? 4 : 6,
          serverPort: destinationPort,
          recordedAt: now,
          segments: [],
          frames: new Set(),
          clientBase: packet.sequence,
          serverBase: null,
        };
        open.set(key, recorded);
      }
      if (!fromClient) recorded.serverBase ??= packet.sequence;
      const { clientBase, serverBase } = recorded;
      const peerBase = fromClient ? serverBase : clientBase;
      recorded.frames.add(frame.number);
      recorded.segments.push({
        fromClient,
        at: Math.round((now - recorded.recordedAt) * 1000),
        flags,
        sequence: (packet.sequence - ((fromClient ? clientBase : serverBase) ?? 0)) >>> 0,
        acknowledgment: (flags & ACK) === 0 ? 0 : (packet.acknowledgment - (peerBase ?? 0)) >>> 0,
        window: packet.window,
        payload: packet.bytes.slice(packet.offset, packet.end),
      });
    }
  } while (await capture.fill());
  return [...open.values()];
}

/** Of the lines of a key log, those for the ClientHello of a conversation. */
function secretsOf(segments: readonly Segment[], lines: readonly (readonly string[])[]): Conversation['secrets'] {
  const hello = segments.find(({ payload }) => isClientHello(payload));
  if (hello === undefined) return [];
  const random = Buffer.from(hello.payload.subarray(HELLO_RANDOM, HELLO_RANDOM + 32)).toString('hex');
  return lines.flatMap(([label, of, secret]): (readonly [string, string])[] =>
    label !== undefined && of === random && secret !== undefined ? [[label, secret]] : [],
  );
}

// A record header, a message header, the version: then the random.
export const HELLO_RANDOM = 11;

export function isClientHello(payload: Uint8Array): boolean {
  return payload.length > HELLO_RANDOM + 32 && payload[0] === 22 && payload[5] === 1;
}

const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;

/** Tells the versions apart by what the server sends in the clear. */
function kindOf(segments: readonly Segment[]): Conversation['kind'] {
  const stream = Buffer.concat(segments.flatMap(({ fromClient, payload }) => (fromClient ? [] : [payload])));
  const records: { type: number; message: number }[] = [];
  for (let at = 0; at + 5 < stream.length; at += 5 + u16(stream, at + 3)) {
    records.push({ type: u8(stream, at), message: u8(stream, at + 5) });
  }
  const [hello, ...others] = records.filter(({ type }) => type === HANDSHAKE);
  if (hello?.message !== SERVER_HELLO) return 'other';
  if (others.length === 0) return 'tls13';
  return others.some(({ message }) => message === CERTIFICATE) ? 'tls12' : 'other';
}

/** An alert or close_notify, encrypted or not, is shorter than this; a Finished or a request is longer. */
const CLOSING_LENGTH = 50;

/** Behind the last segment with more than a close_notify, before the first FIN. */
function openingOf(segments: readonly Segment[]): number {
  const last = segments.findLastIndex(({ flags, payload }) => payload.length > CLOSING_LENGTH && (flags & FIN) === 0);
  return last + 1;
}
