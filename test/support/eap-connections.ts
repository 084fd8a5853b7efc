/** Connections of EAP built by hand, as support/connections.ts builds those over TCP. */
import type { Connection, EapCarrierFacts, EapFacts, EapSide, Side } from '../../src/connection/connection.js';
import { connection, sighting } from './connections.js';

/** A side whose last EAP packet, of so many bytes, is in this frame. */
export function eapSide(from: Side, frame: number, lastLength: number): EapSide {
  const last = sighting(from, frame);
  return {
    bytes: 1000,
    missing: 0,
    retransmissions: 0,
    firstData: last,
    lastData: last,
    packets: 4,
    last,
    lastLength,
    hasMore: false,
  };
}

type Overrides = Omit<NonNullable<Parameters<typeof connection>[0]>, 'transport' | 'eap'> & {
  readonly transport?: Partial<Omit<EapCarrierFacts, 'client' | 'server'>> & {
    readonly client?: Partial<EapSide>;
    readonly server?: Partial<EapSide>;
  };
  readonly eap?: Partial<EapFacts>;
};

/** EAP-TLS in RADIUS, between 198.51.100.1 and 198.51.100.20, that worked. */
export function eapConnection({ transport = {}, eap = {}, ...overrides }: Overrides = {}): Connection {
  const { client, server, ...carrier } = transport;
  return {
    ...connection({
      client: { address: '198.51.100.1', port: 40000 },
      server: { address: '198.51.100.20', port: 1812 },
      ...overrides,
    }),
    protocol: 'eap-tls',
    transport: {
      kind: 'radius',
      isAlone: false,
      icmp: [],
      answers: 5,
      unanswered: null,
      framedMtu: 1400,
      ...carrier,
      client: { ...eapSide('client', 13, 100), ...client },
      server: { ...eapSide('server', 14, 4), ...server },
    },
    eap: {
      packets: [],
      started: [{ ...sighting('server', 3), method: 'EAP-TLS' }],
      naks: [],
      identity: 'alice',
      stationId: null,
      fragments: 0,
      isLate: false,
      result: { ...sighting('server', 14), isSuccess: true },
      ...eap,
    },
  };
}
