/** Facts of connections over QUIC, built by hand. */
import type {
  Connection,
  Ending,
  QuicClose,
  QuicFacts,
  QuicSide,
  Side,
  UdpFacts,
  UdpSide,
} from '../../src/connection/connection.js';
import { connection, message, sighting, type ConnectionOverrides } from './connections.js';

function udpSide(from: Side, overrides: Partial<UdpSide> = {}): UdpSide {
  return {
    datagrams: 3,
    bytes: 2800,
    missing: 0,
    mostResent: null,
    fragmented: null,
    retransmissions: 0,
    firstData: sighting(from, from === 'client' ? 4 : 5),
    lastData: sighting(from, from === 'client' ? 6 : 7),
    ttl: 60,
    ...overrides,
  };
}

function quicSide(
  overrides: Partial<Omit<QuicSide, 'packets'>> & { readonly packets?: Partial<QuicSide['packets']> },
): QuicSide {
  return {
    protectedPackets: [],
    longestDatagram: 1200,
    ...overrides,
    packets: { initial: 2, '0rtt': 0, handshake: 0, '1rtt': 0, short: 0, ...overrides.packets },
  };
}

/** A CONNECTION_CLOSE of the server. */
export function quicClose(overrides: Partial<QuicClose> = {}): QuicClose {
  return {
    ...sighting('server', 6),
    code: 2,
    name: 'CONNECTION_REFUSED',
    application: false,
    frameType: 0,
    reason: '',
    level: 'initial',
    ...overrides,
  };
}

export type QuicOverrides = Omit<ConnectionOverrides, 'transport' | 'ending' | 'quic'> & {
  readonly quic?: Partial<Omit<QuicFacts, 'client' | 'server'>> & {
    readonly client?: Parameters<typeof quicSide>[0];
    readonly server?: Parameters<typeof quicSide>[0];
  };
  readonly udp?: Partial<Pick<UdpFacts, 'icmp' | 'strayAnswer'>> & {
    readonly client?: Partial<UdpSide>;
    readonly server?: Partial<UdpSide>;
  };
  readonly ending?: Partial<Ending>;
};

/** A connection over QUIC whose ClientHello got no answer, as far as `overrides` does not say otherwise. */
export function quicConnection({ quic = {}, udp = {}, ending, ...overrides }: QuicOverrides = {}): Connection {
  const { closes = [] } = quic;
  const [close] = closes;
  return {
    ...connection({
      phase: 'client-hello',
      messages: [message('client_hello', 'client', 4, { length: 1500, level: 'initial' })],
      lastFrame: 7,
      ...overrides,
      protocol: 'quic',
    }),
    transport: {
      kind: 'udp',
      icmp: udp.icmp ?? [],
      strayAnswer: udp.strayAnswer ?? null,
      client: udpSide('client', udp.client),
      server: udpSide('server', udp.server),
    },
    quic: {
      version: null,
      offeredVersions: ['QUIC v1'],
      availableVersions: [],
      versionNegotiations: [],
      retries: [],
      token: null,
      transportParameters: [4, 15],
      handshakeDone: null,
      halfRtt: 0,
      isHelloAcknowledged: null,
      helloPart: null,
      isAnswerAcknowledged: null,
      altered: null,
      serverName: null,
      ...quic,
      closes,
      client: quicSide(quic.client ?? {}),
      server: quicSide(quic.server ?? {}),
    },
    ending:
      close === undefined
        ? { by: 'none', how: 'timeout', frame: 7, at: sighting('client', 7).at, ...ending }
        : { by: close.from, how: 'close', frame: close.frame, at: close.at, ...ending },
  };
}

/**
 * A server that closes upon the client's flight, out of sight, as quic-go does: it acknowledges the flight, of so many bytes, and
 * sends one Handshake packet more; nobody goes on.
 */
export function closedUponFlight(
  length: number,
  { answers = [7, 8], lastOfClient = 6, isUnfinished = false, ...overrides }: QuicOverrides & ClosingFrames = {},
): Connection {
  const handshake = (from: Side, frames: readonly number[], bytes: number) =>
    frames.map((frame) => ({ ...sighting(from, frame), level: 'handshake' as const, length: bytes }));
  return quicConnection({
    outcome: 'established',
    phase: 'finished',
    serverHello: { version: 'TLS 1.3' },
    serverCertificates: [],
    udp: {
      client: { lastData: sighting('client', lastOfClient) },
      server: { lastData: sighting('server', Math.max(...answers)) },
    },
    quic: {
      version: 'QUIC v1',
      client: {
        packets: { handshake: 2, '1rtt': isUnfinished ? 0 : 1 },
        protectedPackets: [...handshake('client', [5], 36), ...handshake('client', [6], length)],
      },
      server: { packets: { handshake: 4, '1rtt': 1 }, protectedPackets: handshake('server', answers, 36) },
    },
    ...overrides,
  });
}

/** The client used no application keys. */
export const UNFINISHED = { outcome: 'failed', phase: 'server-certificate', isUnfinished: true } as const;

interface ClosingFrames {
  /** Whether the client used no application keys. */
  readonly isUnfinished?: boolean;
  /** Frames of the server's Handshake packets behind the flight. */
  readonly answers?: readonly number[];
  readonly lastOfClient?: number;
}
