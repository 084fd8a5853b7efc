/** Messages of DNS, and the packets that carry them. */
import { be16, be32, concat, ethernet, ipv4, tcp } from './captures.js';
import { bytesOf } from './conversation.js';

const TYPES: Readonly<Record<string, number>> = { A: 1, CNAME: 5, PTR: 12, AAAA: 28, HTTPS: 65 };

export interface ResourceRecord {
  readonly name: string;
  readonly type: string;
  /** An address, a name, or bytes. */
  readonly value: string | Uint8Array;
  readonly ttl?: number;
}

export interface MessageOptions {
  readonly name?: string | null;
  readonly type?: string;
  readonly code?: number;
  readonly answers?: readonly ResourceRecord[];
  readonly isResponse?: boolean;
  readonly classFlags?: number;
}

/** A name, each label behind its length. */
export function nameBytes(name: string): Uint8Array {
  const labels = name === '' ? [] : name.split('.').map(bytesOf);
  return concat(...labels.flatMap((label) => [[label.length], label]), [0]);
}

function valueBytes({ type, value }: ResourceRecord): Uint8Array {
  if (typeof value !== 'string') return value;
  if (type === 'A') return Uint8Array.from(value.split('.').map(Number));
  if (type !== 'AAAA') return nameBytes(value);
  const [head = '', tail = ''] = value.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail)];
  const zeros = new Array<number>(8 - first.length - last.length).fill(0);
  return concat(...[...first, ...zeros, ...last].map(be16));
}

/** A question without answers, an answer else. */
export function dnsMessage({
  name = 'shop.example',
  type = 'A',
  code = 0,
  answers = [],
  isResponse = answers.length > 0 || code > 0,
  classFlags = 0,
}: MessageOptions = {}): Uint8Array<ArrayBuffer> {
  const question = name === null ? [] : [nameBytes(name), be16(TYPES[type] ?? 0), be16(1)];
  return concat(
    be16(0x4711),
    be16((isResponse ? 0x8180 : 0x0100) | code),
    be16(name === null ? 0 : 1),
    be16(answers.length),
    be16(0),
    be16(0),
    ...question,
    ...answers.flatMap((record) => {
      const value = valueBytes(record);
      return [
        nameBytes(record.name),
        be16(TYPES[record.type] ?? 0),
        be16(1 | classFlags),
        be32(record.ttl ?? 60),
        be16(value.length),
        value,
      ];
    }),
  );
}

export const CLIENT = '192.0.2.1';
export const RESOLVER = '192.0.2.53';

export interface Ends {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

const bytesOfAddress = (address: string): number[] => address.split('.').map(Number);

/** The frame of a UDP datagram; from the resolver to the client if nothing else is said. */
export function udpFrame(payload: Uint8Array, ends: Ends = {}): Uint8Array<ArrayBuffer> {
  const { source = RESOLVER, destination = CLIENT, sourcePort = 53, destinationPort = 40_053 } = ends;
  const datagram = concat(be16(sourcePort), be16(destinationPort), be16(8 + payload.length), be16(0), payload);
  const addresses = { source: bytesOfAddress(source), destination: bytesOfAddress(destination) };
  return ethernet(0x0800, ipv4(datagram, { ...addresses, protocol: 17 }));
}

/** The frame of a TCP segment from the resolver to the client. */
export function tcpFrame(payload: Uint8Array, sequence: number, flags = 0x18): Uint8Array<ArrayBuffer> {
  const segment = tcp(payload, { sourcePort: 53, destinationPort: 40_053, sequence, flags });
  return ethernet(0x0800, ipv4(segment, { source: bytesOfAddress(RESOLVER), destination: bytesOfAddress(CLIENT) }));
}

/** A frame of IPv4 from or to the other server. */
export function atServer(frame: Uint8Array, address: string, isFromServer: boolean): Uint8Array {
  const moved = Uint8Array.from(frame);
  moved.set(bytesOfAddress(address), isFromServer ? 26 : 30);
  return moved;
}
