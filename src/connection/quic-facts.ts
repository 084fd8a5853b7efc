import type { Close, QuicConnection } from '../tls/quic/connection.js';
import { dataPackets } from '../tls/quic/connection.js';
import type { QuicEnd } from '../tls/quic/end.js';
import { transportErrorName } from '../tls/quic/error-codes.js';
import type { GoogleQuicConnection } from '../tls/quic/google.js';
import { quicVersionName } from '../tls/quic/versions.js';
import type { Extension } from '../tls/wire/extensions/extension.js';
import { contentOf } from '../tls/wire/extensions/extension.js';
import type { TransportParameters } from '../tls/wire/extensions/quic-transport-parameters.js';
import {
  quicTransportParameters,
  quicTransportParametersDraft,
} from '../tls/wire/extensions/quic-transport-parameters.js';
import type { Direction, FrameRef } from '../transport/flow.js';
import { opposite } from '../transport/flow.js';
import type { QuicClose, QuicFacts, QuicSide, Side, Sighting } from './connection.js';
import { sideOf } from './side.js';

const CLIENT_HELLO = 1;

const NO_PARAMETERS: TransportParameters = { ids: [], versions: null };

/** The transport parameters of the first ClientHello. */
function clientParameters({ transcript }: QuicConnection): TransportParameters {
  const hello = transcript.events.find((event) => event.kind === 'message' && event.type === CLIENT_HELLO);
  const extensions: readonly Extension[] =
    hello?.kind === 'message' && hello.content.kind === 'client_hello' ? hello.content.hello.extensions : [];
  return (
    contentOf(extensions, quicTransportParameters) ??
    contentOf(extensions, quicTransportParametersDraft) ??
    NO_PARAMETERS
  );
}

const sighting = ({ frame, at }: FrameRef, from: Side): Sighting => ({ frame, at, from });

/** The code of an application has no name in QUIC. */
function closeFacts(
  { frame, at, direction, application, code, frameType, reason, level }: Close,
  client: Direction,
): QuicClose {
  const name = application ? null : transportErrorName(code);
  return { frame, at, from: sideOf(direction, client), code, name, application, frameType, reason, level };
}

function sideFacts({ packets, protectedPackets, longestDatagram }: QuicEnd, from: Side): QuicSide {
  return {
    packets: { ...packets },
    protectedPackets: protectedPackets.map(({ frame, at, level, length }) => ({ frame, at, from, level, length })),
    longestDatagram,
  };
}

/** What is QUIC's own of a connection. */
export function quicFacts(quic: QuicConnection): QuicFacts {
  const { client } = quic;
  const parameters = clientParameters(quic);
  return {
    version: quic.version === 0 ? null : quicVersionName(quic.version),
    offeredVersions: quic.offeredVersions.map(quicVersionName),
    availableVersions: parameters.versions?.map(quicVersionName) ?? [],
    versionNegotiations: quic.versionNegotiations.map(({ frame, at, versions }) => ({
      ...sighting({ frame, at }, 'server'),
      versions: versions.map(quicVersionName),
    })),
    retries: quic.retries.map(({ frame, at, isAgain, isIntact }) => ({
      ...sighting({ frame, at }, 'server'),
      isAgain,
      isIntact,
    })),
    token: quic.firstToken && sighting(quic.firstToken, 'client'),
    transportParameters: parameters.ids,
    closes: quic.closes.map((close) => closeFacts(close, client)),
    handshakeDone: quic.handshakeDoneAt && sighting(quic.handshakeDoneAt, 'server'),
    halfRtt: quic.ends[client].packets['1rtt'] === 0 ? dataPackets(quic.ends[opposite(client)]) : quic.halfRtt,
    isHelloAcknowledged: quic.isAcknowledged(client),
    helloPart: quic.helloPart && sighting(quic.helloPart, 'server'),
    isAnswerAcknowledged: quic.isAcknowledged(opposite(client)),
    altered: quic.altered && sighting(quic.altered, sideOf(quic.altered.direction, client)),
    serverName: null,
    client: sideFacts(quic.ends[client], 'client'),
    server: sideFacts(quic.ends[opposite(client)], 'server'),
  };
}

const NOTHING: QuicSide = {
  packets: { initial: 0, '0rtt': 0, handshake: 0, '1rtt': 0, short: 0 },
  protectedPackets: [],
  longestDatagram: 0,
};

/** What is known of Google's QUIC. */
export function googleQuicFacts({ hello }: GoogleQuicConnection): QuicFacts {
  return {
    version: hello?.version ?? null,
    offeredVersions: hello === null ? [] : [hello.version],
    availableVersions: [],
    versionNegotiations: [],
    retries: [],
    token: null,
    transportParameters: [],
    closes: [],
    handshakeDone: null,
    halfRtt: 0,
    isHelloAcknowledged: null,
    helloPart: null,
    isAnswerAcknowledged: null,
    altered: null,
    serverName: hello?.serverName ?? null,
    client: NOTHING,
    server: NOTHING,
  };
}
