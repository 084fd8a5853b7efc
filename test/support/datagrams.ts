/** Datagrams of DTLS, and what the stages up to `connection/` make of them. */
import type { Frame } from '../../src/capture/frame.js';
import { newFrame } from '../../src/capture/frame.js';
import type { Timestamp } from '../../src/capture/timestamp.js';
import { buildConnection } from '../../src/connection/build.js';
import type { Connection, DtlsFacts, Side, UdpFacts, UdpSide } from '../../src/connection/connection.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { endedUdp } from '../../src/connection/ended-udp.js';
import { newPacket, type Packet } from '../../src/packet/packet.js';
import { createDatagramProtocols } from '../../src/tls/datagrams.js';
import { NO_SECRETS, type Secrets } from '../../src/tls/decrypt/secrets.js';
import { createUdpTracker, type UdpLimits, type UdpTracker } from '../../src/transport/udp/tracker.js';
import { createX509Reader } from '../../src/x509/reader.js';
import { be16, concat } from './captures.js';
import { connection, sighting, type ConnectionOverrides } from './connections.js';
import { be24, codes, extension, RANDOM, vector16, vector8, type Bytes } from './tls.js';

export const DTLS_1_2 = 0xfefd;

/** A record of DTLS with the plain header. */
export function dtlsRecord(
  type: number,
  body: Bytes,
  { epoch = 0, sequence = 0, version = DTLS_1_2 } = {},
): Uint8Array {
  return concat([type], be16(version), be16(epoch), [0, 0], be16(0), be16(sequence), be16(body.length), body);
}

/** A fragment of a handshake message: the bytes from `start` to `end` of its body. */
export function fragment(type: number, number: number, body: Uint8Array, start = 0, end = body.length): Uint8Array {
  return concat([type], be24(body.length), be16(number), be24(start), be24(end - start), body.subarray(start, end));
}

/** A message as one fragment in a record of its own. */
export const dtlsMessage = (type: number, number: number, body: Uint8Array): Uint8Array =>
  dtlsRecord(22, fragment(type, number, body));

export interface DtlsHelloOptions {
  readonly version?: number;
  readonly random?: Uint8Array;
  readonly cookie?: Bytes;
  readonly extensions?: readonly Uint8Array[];
}

/** The body of a ClientHello with two suites. */
export function dtlsClientHello({ version = DTLS_1_2, random = RANDOM, cookie = [], ...rest }: DtlsHelloOptions = {}) {
  const extensions = rest.extensions ?? [extension(10, vector16(codes([29])))];
  return concat(
    be16(version),
    random,
    vector8(),
    vector8(cookie),
    vector16(codes([0xc02b, 0xc02f])),
    vector8([0]),
    vector16(...extensions),
  );
}

/** The body of a ServerHello. */
export function dtlsServerHello({ version = DTLS_1_2, extensions = [] }: DtlsHelloOptions = {}): Uint8Array {
  return concat(be16(version), RANDOM, vector8(), be16(0xc02f), [0], vector16(...extensions));
}

export const helloVerifyRequest = (cookie: Bytes = [1, 2, 3, 4]): Uint8Array => concat(be16(0xfeff), vector8(cookie));

/** A datagram between 192.0.2.10 (client) and 198.51.100.20 (server). */
export interface TestDatagram {
  readonly from: Side;
  readonly data: Uint8Array;
  /** Seconds. */
  readonly time?: number;
  readonly clientPort?: number;
  /** The last byte of the server's address, if it is another. */
  readonly host?: number;
  readonly serverPort?: number;
  readonly missing?: number;
}

const CLIENT = [0, 0, 0xffff, 0xc000020a] as const;
const SERVER = [0, 0, 0xffff] as const;
const NETWORK = 0xc6336400;

/** Fills a packet with a datagram, as the decoder does. */
export function packetOf(
  { from, data, clientPort = 50000, host = 20, serverPort = 4433, missing = 0 }: TestDatagram,
  packet = newPacket(),
): Packet {
  const isClient = from === 'client';
  packet.ipVersion = 4;
  const server = [...SERVER, NETWORK + host];
  packet.addresses.set(isClient ? [...CLIENT, ...server] : [...server, ...CLIENT]);
  packet.sourcePort = isClient ? clientPort : serverPort;
  packet.destinationPort = isClient ? serverPort : clientPort;
  packet.bytes = data;
  packet.offset = 0;
  packet.end = data.length;
  packet.missing = missing;
  packet.ttl = 64;
  return packet;
}

export const frameAt = (number: number, time = number / 100): Frame => ({
  ...newFrame(),
  number,
  seconds: Math.floor(time),
  nanoseconds: Math.round((time % 1) * 1e9),
  digits: 6,
});

export interface UdpRecorder {
  readonly tracker: UdpTracker;
  readonly ended: EndedConnection[];
  /** Hands datagrams to the tracker, in frames that count from 1; says which of them are taken. */
  readonly feed: (datagrams: readonly TestDatagram[]) => boolean[];
  /** Ends all, as the capture is over; what is made of them, in order of their first frames. */
  readonly finish: (now?: Timestamp) => Connection[];
}

export function udpRecorder(bounds?: Partial<UdpLimits>, secrets: Secrets = NO_SECRETS): UdpRecorder {
  const ended: EndedConnection[] = [];
  const reader = createX509Reader();
  const tracker = createUdpTracker(
    createDatagramProtocols(secrets),
    (association, now) => {
      const one = endedUdp(association, now);
      if (one !== null) ended.push(one);
    },
    undefined,
    bounds,
  );
  let frame = 0;
  return {
    tracker,
    ended,
    feed: (datagrams) =>
      datagrams.map((datagram) => tracker.datagram(packetOf(datagram), frameAt(++frame, datagram.time))),
    finish(now) {
      while (tracker.finishSome(100, now));
      return ended.map((each) => buildConnection(each, 0, reader)).sort((a, b) => Number(a.id) - Number(b.id));
    },
  };
}

/** The connections in these datagrams. */
export function connectionsOfDatagrams(datagrams: readonly TestDatagram[], secrets?: Secrets): Connection[] {
  const { feed, finish } = udpRecorder(undefined, secrets);
  feed(datagrams);
  return finish();
}

type UdpOverrides = Partial<Omit<UdpFacts, 'kind' | 'client' | 'server'>> & {
  readonly client?: Partial<UdpSide>;
  readonly server?: Partial<UdpSide>;
};

export type DatagramOverrides = Omit<ConnectionOverrides, 'transport' | 'dtls'> & {
  readonly transport?: UdpOverrides;
  readonly dtls?: Partial<DtlsFacts>;
};

/** A connection of DTLS 1.2 built by hand, as `connection` of connections.ts builds one over TCP. */
export function dtlsConnection({ transport = {}, dtls, ...overrides }: DatagramOverrides = {}): Connection {
  const built = connection({
    ...overrides,
    clientHello:
      overrides.clientHello === null
        ? null
        : {
            frame: 1,
            recordVersion: 'DTLS 1.0',
            legacyVersion: 'DTLS 1.2',
            supportedVersions: ['DTLS 1.2'],
            ...overrides.clientHello,
          },
    serverHello: overrides.serverHello === null ? null : { version: 'DTLS 1.2', ...overrides.serverHello },
    ending: { by: 'none', how: 'timeout', frame: null, at: null, ...overrides.ending },
  });
  const side = (from: Side, more: Partial<UdpSide> = {}): UdpSide => ({
    datagrams: 4,
    bytes: 900,
    missing: 0,
    retransmissions: 0,
    mostResent: null,
    fragmented: null,
    ttl: 64,
    firstData: sighting(from, from === 'client' ? 1 : 2),
    lastData: sighting(from, from === 'client' ? 8 : 9),
    ...more,
  });
  return {
    ...built,
    protocol: 'dtls',
    transport: {
      kind: 'udp',
      icmp: transport.icmp ?? [],
      strayAnswer: transport.strayAnswer ?? null,
      client: side('client', transport.client),
      server: side('server', transport.server),
    },
    dtls: { helloVerifyRequests: 0, retransmissions: 0, acks: 0, connectionId: false, ...dtls },
  };
}

/** A side that sent nothing. */
export const NO_DATAGRAMS: Partial<UdpSide> = { datagrams: 0, bytes: 0, ttl: null, firstData: null, lastData: null };
