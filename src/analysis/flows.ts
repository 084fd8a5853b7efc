import type { Timestamp } from '../capture/timestamp.js';
import type { RepeatedConnections } from '../connection/fast-path/repeated.js';
import type { EndedConnection } from '../connection/ended.js';
import { endedEap } from '../connection/ended-eap.js';
import { endedTcp } from '../connection/ended-tcp.js';
import { endedUdp } from '../connection/ended-udp.js';
import type { createUnreadCounter } from '../packet/unread.js';
import type { Secrets } from '../tls/decrypt/secrets.js';
import { createDatagramProtocols, type DatagramSession } from '../tls/datagrams.js';
import type { HandshakeSession } from '../tls/handshake/session.js';
import type { QuicConnection } from '../tls/quic/connection.js';
import { createTlsReader } from '../tls/reader.js';
import { createSharedContent } from '../tls/wire/messages/shared.js';
import { createEapTracker } from '../transport/eap/tracker.js';
import { isHandedOn } from '../transport/tcp/life-cycle.js';
import { createTcpTracker } from '../transport/tcp/tracker.js';
import type { UdpAssociation } from '../transport/udp/association.js';
import { createUdpTracker } from '../transport/udp/tracker.js';

/**
 * Ended connections are built in batches of this size: most of what was read of them is garbage after that, and cheap to
 * collect while it is young.
 */
export const ENDED_AT_ONCE = 32;

/** The part of the captures that counts, if it is not all of them: the rest is read only to understand that part. */
export interface Part {
  /** Numbers flows: those that begin in the part from 1 on, others from `OUTSIDE_PART` on. */
  readonly nextId: () => number;
  /** Whether a frame that was read is in the part. */
  readonly isIn: (frame: number) => boolean;
}

/** Numbers of flows that begin outside of the part start here. */
export const OUTSIDE_PART = 2 ** 30;

/** What the flows of a capture are made for. */
export interface FlowOptions {
  /** Records of handshakes that these belong to are decrypted. */
  readonly secrets: Secrets;
  /** Called with each connection when it is over. */
  readonly ended: (connection: EndedConnection) => void;
  /** Handles connections that repeat an earlier one; without it, all are read in full. */
  readonly repeated?: Pick<RepeatedConnections, 'recogniser' | 'quic'> | undefined;
  readonly part: Part;
  /** Counts the packets of flows that turn out not to be connections. */
  readonly unread: ReturnType<typeof createUnreadCounter>;
}

/** The trackers of all transports, with the readers of TLS on top: from packets to connections that have ended. */
export function createFlows({ secrets, ended, repeated, part, unread }: FlowOptions) {
  let begun = 0;
  const nextId = (): number => {
    begun++;
    return part.nextId();
  };
  /** Sessions whose certificates must be decompressed before `ended` is called. */
  const late: HandshakeSession[] = [];
  let justEnded = 0;
  const end = (connection: EndedConnection): void => {
    justEnded++;
    if (connection.handshake?.hasZstdCertificates === true) late.push(connection.handshake);
    ended(connection);
  };
  const shared = createSharedContent();
  const tls = createTlsReader(secrets, shared);
  const tcp = createTcpTracker(
    tls,
    (connection, now) => {
      if (isHandedOn(connection)) {
        justEnded++;
        connection.recognised.handOn();
        return;
      }
      end(endedTcp(connection, now));
      if (connection.content !== null) tls.release(connection.content);
    },
    nextId,
    {
      packer: tls,
      recogniser: repeated === undefined ? null : { ...repeated.recogniser, isPatient: () => !secrets.isEmpty },
    },
  );
  const udp = createUdpTracker(
    createDatagramProtocols(secrets, shared),
    (association, now) => {
      const pattern = isQuic(association) ? (repeated?.quic(association, now) ?? null) : null;
      if (pattern === 'handed on') {
        justEnded++;
        return;
      }
      const connection = endedUdp(association, now, pattern);
      if (connection !== null) end(connection);
      else if (association.id < OUTSIDE_PART) unread.add('udp', 'quic', datagramsOf(association));
    },
    nextId,
  );
  /** Packets of EAP conversations that carry no TLS. */
  const otherEap = { eapol: 0, radius: 0 };
  const eap = createEapTracker(
    tls,
    {
      ended(flow, now) {
        end(endedEap(flow, now));
        if (flow.conversation.content !== null) tls.release(flow.conversation.content);
      },
      other({ radius, packets, firstFrame }) {
        if (part.isIn(firstFrame)) otherEap[radius === null ? 'eapol' : 'radius'] += packets;
      },
    },
    nextId,
  );
  return {
    tcp,
    udp,
    eap,
    /** Bytes that the reader of TLS holds of a connection over TCP. */
    heldBytes: tls.heldBytes,
    /** Connections that have ended since `readLate`. */
    justEnded: () => justEnded,
    evicted: () => tcp.evicted() + udp.evicted() + eap.evicted(),
    /** Completes what has ended, before it is built. */
    async readLate(): Promise<void> {
      justEnded = 0;
      for (const session of late.splice(0)) await session.readZstdCertificates(shared);
    },
    /** Ends what is still open, as the captures are over; the last frame was at `now`. */
    async finish(pause: () => Promise<void>, now: Timestamp): Promise<void> {
      while (tcp.finishSome(ENDED_AT_ONCE) || udp.finishSome(ENDED_AT_ONCE, now)) await pause();
      const isEapAlone = begun <= 1 && unread.list().every(({ kind }) => kind === 'eap');
      while (eap.finishSome(ENDED_AT_ONCE, now, isEapAlone)) await pause();
      const { eapol, radius } = otherEap;
      if (eapol > 0) unread.add('link', 'eap', eapol);
      if (radius > 0) unread.add('udp', 'radius', radius);
      await pause();
    },
  };
}

const isQuic = (association: UdpAssociation<DatagramSession>): association is UdpAssociation<QuicConnection> =>
  association.reader.protocol === 'quic';

const datagramsOf = ({ ends }: UdpAssociation): number => ends[0].datagrams + ends[1].datagrams;
