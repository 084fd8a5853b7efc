import { formatTimestamp } from '../../capture/timestamp.js';
import {
  type Connection,
  type EapSide,
  type IcmpError,
  type QuicFacts,
  type TcpFacts,
  type TcpSide,
  type UdpFacts,
  type UdpSide,
  overEap,
} from '../../connection/connection.js';
import { sighting } from './common.js';
import type {
  JsonEap,
  JsonEapSide,
  JsonIcmpError,
  JsonQuic,
  JsonTcp,
  JsonTcpSide,
  JsonUdp,
  JsonUdpSide,
} from './contract.js';

function jsonIcmpError(error: IcmpError): JsonIcmpError {
  const { capture, frame, router, about, type, code, meaning, mtu } = error;
  return { capture, frame, at: formatTimestamp(error.at), router, about, type, code, meaning, mtu };
}

export function jsonTcp({ syns, synAck, resets, fins, icmp, client, server }: TcpFacts): JsonTcp {
  return {
    syns: syns.map(sighting),
    synAck: synAck && sighting(synAck),
    resets: resets.map((reset) => ({
      capture: reset.capture,
      frame: reset.frame,
      at: formatTimestamp(reset.at),
      from: reset.from,
      ttl: reset.ttl,
      ipId: reset.ipId,
    })),
    fins: fins.map(sighting),
    icmp: icmp.length === 0 ? undefined : icmp.map(jsonIcmpError),
    client: jsonTcpSide(client),
    server: jsonTcpSide(server),
  };
}

export function jsonQuic(quic: QuicFacts): JsonQuic {
  return {
    version: quic.version,
    offeredVersions: quic.offeredVersions,
    versionNegotiations: quic.versionNegotiations.map((seen) => ({ ...sighting(seen), versions: seen.versions })),
    retries: quic.retries.map((seen) => ({ ...sighting(seen), isAgain: seen.isAgain, isIntact: seen.isIntact })),
    token: quic.token && sighting(quic.token),
    transportParameters: quic.transportParameters,
    closes: quic.closes.map((seen) => {
      const { code, name, application, frameType, reason, level } = seen;
      const decrypted = level === 'initial' ? undefined : true;
      return { ...sighting(seen), code, name, application, frameType, reason, decrypted };
    }),
    isHelloAcknowledged: quic.isHelloAcknowledged,
    isAnswerAcknowledged: quic.isAnswerAcknowledged,
    altered: quic.altered && sighting(quic.altered),
    serverName: quic.serverName,
    client: quic.client.packets,
    server: quic.server.packets,
  };
}

export function jsonUdp({ icmp, client, server }: UdpFacts): JsonUdp {
  return {
    icmp: icmp.length === 0 ? undefined : icmp.map(jsonIcmpError),
    client: jsonUdpSide(client),
    server: jsonUdpSide(server),
  };
}

export function jsonEap(connection: Connection): JsonEap | undefined {
  const { eap } = connection;
  const carrier = overEap(connection);
  if (eap === null || carrier === null) return undefined;
  const { started, naks, identity, stationId, fragments, result } = eap;
  const { unanswered, icmp, client, server } = carrier;
  return {
    method: started.at(-1)?.method ?? null,
    identity,
    stationId,
    fragments,
    result: result && (result.isSuccess ? 'success' : 'failure'),
    resultFrame: result?.frame ?? null,
    naks: naks.map(({ method }) => method),
    unanswered: unanswered
      ? { first: unanswered.first.frame, last: unanswered.last.frame, times: unanswered.times }
      : undefined,
    icmp: icmp.length === 0 ? undefined : icmp.map(jsonIcmpError),
    client: jsonEapSide(client),
    server: jsonEapSide(server),
  };
}

function jsonEapSide({ packets, bytes, missing, retransmissions, firstData, lastData }: EapSide): JsonEapSide {
  return {
    packets,
    bytes,
    missing,
    retransmissions,
    firstData: firstData && sighting(firstData),
    lastData: lastData && sighting(lastData),
  };
}

function jsonUdpSide(side: UdpSide): JsonUdpSide {
  return {
    datagrams: side.datagrams,
    bytes: side.bytes,
    missing: side.missing,
    fragmented: side.fragmented?.datagrams ?? 0,
    retransmissions: side.retransmissions,
    ttl: side.ttl,
    firstData: side.firstData && sighting(side.firstData),
    lastData: side.lastData && sighting(side.lastData),
  };
}

function jsonTcpSide(side: TcpSide): JsonTcpSide {
  return {
    bytes: side.bytes,
    retransmissions: side.retransmissions,
    missing: side.missing,
    acknowledged: side.acknowledged,
    resentInVain: side.resentInVain && { bytes: side.resentInVain.bytes, times: side.resentInVain.times },
    lost: side.lost,
    ttl: side.ttl,
    firstData: side.firstData && sighting(side.firstData),
    lastData: side.lastData && sighting(side.lastData),
  };
}
