import type { Alert, Connection, Sighting, Side } from '../connection/connection.js';
import { overEap, overTcp, overUdp } from '../connection/connection.js';
import { memoize } from '../memoize.js';
import { party, times, type Message, type MessageOf, type Phrase, type Value } from '../message.js';
import { alertText, endingAlert } from './evidence/alerts.js';
import { messagePhrase } from './evidence/messages.js';
import { icmpSighting, icmpToClient } from './evidence/icmp.js';
import { differencesOf } from './evidence/path.js';
import { closeText, quicVersionRefusal } from './evidence/quic.js';
import { phrase } from './phrases.js';

/** What the capture shows of how a connection ended, by id: who did what, after what. No reasons. */
export const OBSERVATIONS = {
  alert: 'The {from} sent {alert} after it received {received}.',
  alertAtOnce: 'The {from} sent {alert}; the capture shows nothing that it had received.',
  closed: 'The {from} closed the connection (TCP FIN) after it received {received}.',
  closedWith: 'The {from} closed the connection with {close} after it received {received}.',
  closedWithAtOnce: 'The {from} closed the connection with {close}; the capture shows nothing that it had received.',
  versionRefused: 'The server answered with Version Negotiation, and the client went no further.',
  closedAtOnce: 'The {from} closed the connection (TCP FIN); the capture shows nothing that it had received.',
  // A reset's address does not show who sent it: a device on the path also uses the address of a side.
  reset: "A reset from the {from}'s address (TCP RST) ended the connection after {received}.",
  resetAtOnce:
    "A reset from the {from}'s address (TCP RST) ended the connection; the capture shows nothing that the {from} had received.",
  resetInName:
    'A reset arrived in the name of the {from} (TCP RST); the point of the path that is nearer to the {from} does not show it.',
  silent: 'Nothing new came after {received}.',
  refused: "A reset from the server's address answered the SYN.",
  refusedBetween:
    "A reset in the server's name answered the SYN; a point of the path nearer to the server shows neither.",
  unanswered: 'Nothing answered the SYN.',
  halfOpen: 'Nothing new came after the SYN-ACK of the server.',
  unreachable: 'An ICMP error answered what the client sent.',
  noDatagram: "The server answered none of the client's datagrams.",
  rejected: 'The server ended the conversation with EAP-Failure after it received {received}.',
  rejectedEarly: 'The server ended the conversation with EAP-Failure before TLS began.',
  requestUnanswered: 'The RADIUS server did not answer a request that it was sent {times}.',
  eapSilent: 'Nothing more came after the last EAP packet of the {from}.',
  eapCut:
    'The capture ends with an EAP packet of the {from}, and shows nothing else: not whether an answer came later.',
  ended: 'The handshake did not complete.',
} as const;

/** How a connection failed, as visible in the frames. */
export interface Observation extends Message {
  /** The last message that the decisive side had received, if any, and what it did. */
  readonly sightings: readonly Sighting[];
}

/** The same for all endings of one kind, whatever was received before, which differs for unimportant reasons. */
export const endingKey = memoize(({ id, data }: Observation): string =>
  JSON.stringify([id, Object.entries(data).filter(([name]) => name !== 'received')]),
);

/** What kind of thing the decisive side had received before: a message, an encrypted record, plaintext; empty for nothing. */
export function receivedKind({ data: { received } }: Observation): string {
  return typeof received === 'object' && 'phrase' in received ? received.phrase : '';
}

type Observed = MessageOf<typeof OBSERVATIONS>;

const SIDES: readonly Side[] = ['client', 'server'];

interface Received {
  readonly what: Value;
  readonly at: Sighting;
}

const observation = (message: Observed, sightings: readonly (Sighting | undefined)[]): Observation => ({
  ...message,
  sightings: sightings.filter((one) => one !== undefined),
});

/** What happened to a connection that failed. */
export function observe(connection: Connection): Observation {
  const { ending } = connection;
  const tcp = overTcp(connection);
  const alert = endingAlert(connection);
  if (alert !== undefined) {
    const from = party(alert.from);
    const before = receivedBy(connection, alert.from, alert.frame);
    const data = { from, alert: alertPhrase(alert) };
    return before === undefined
      ? observation({ id: 'alertAtOnce', data }, [alert])
      : observation({ id: 'alert', data: { ...data, received: before.what } }, [before.at, alert]);
  }
  if (tcp !== null && tcp.synAck === null && tcp.syns.length > 0 && tcp.client.bytes + tcp.server.bytes === 0) {
    const reset = tcp.resets.find(({ from }) => from === 'server');
    const isBetween = differencesOf(connection, 'absent').some(({ isProven }) => isProven);
    const error = reset === undefined ? icmpToClient(tcp) : undefined;
    if (error !== undefined)
      return observation({ id: 'unreachable', data: {} }, [tcp.syns.at(-1), icmpSighting(error)]);
    const id = reset === undefined ? 'unanswered' : isBetween ? 'refusedBetween' : 'refused';
    return observation({ id, data: {} }, [tcp.syns.at(-1), reset]);
  }
  const udp = overUdp(connection);
  if (udp?.server.datagrams === 0) {
    const [error] = udp.icmp;
    return error === undefined
      ? observation({ id: 'noDatagram', data: {} }, [udp.client.lastData ?? undefined])
      : observation({ id: 'unreachable', data: {} }, [
          udp.client.firstData ?? undefined,
          { frame: error.frame, at: error.at, from: 'server' },
        ]);
  }
  const ofEap = observeEap(connection);
  if (ofEap !== null) return ofEap;
  const { by, how, frame, at } = ending;
  if (by !== 'none' && frame !== null && at !== null) {
    const end: Sighting = { frame, at, from: by };
    const from = party(by);
    const before = receivedBy(connection, by, frame);
    const quicClose = connection.quic?.closes.find((one) => one.frame === frame && one.from === by);
    if (quicClose !== undefined) {
      const close = closeText(quicClose);
      return before === undefined
        ? observation({ id: 'closedWithAtOnce', data: { from, close } }, [end])
        : observation({ id: 'closedWith', data: { from, close, received: before.what } }, [before.at, end]);
    }
    const isForeign = differencesOf(connection, 'inserted').some(
      (one) => one.what === 'reset' && one.from === by && !one.mayBeOver,
    );
    if (how === 'reset' && isForeign) return observation({ id: 'resetInName', data: { from } }, [end]);
    return before === undefined
      ? observation({ id: how === 'reset' ? 'resetAtOnce' : 'closedAtOnce', data: { from } }, [end])
      : observation({ id: how === 'reset' ? 'reset' : 'closed', data: { from, received: before.what } }, [
          before.at,
          end,
        ]);
  }
  const refusal = quicVersionRefusal(connection);
  if (refusal !== null) return observation({ id: 'versionRefused', data: {} }, [refusal]);
  const last = SIDES.flatMap((side) => [lastPacket(connection, side), receivedBy(connection, side, Infinity)]).reduce(
    (a, b) => ((a?.at.frame ?? 0) > (b?.at.frame ?? 0) ? a : b),
  );
  if (last !== undefined) return observation({ id: 'silent', data: { received: last.what } }, [last.at]);
  const synAck = tcp?.synAcks.at(-1);
  return synAck === undefined
    ? observation({ id: 'ended', data: {} }, [])
    : observation({ id: 'halfOpen', data: {} }, [tcp?.syns[0], synAck]);
}

/** What EAP, or its carrier, says about its end; null over another carrier. */
function observeEap(connection: Connection): Observation | null {
  const { eap, ending } = connection;
  const carrier = overEap(connection);
  if (eap === null || carrier === null) return null;
  const { unanswered, client, server } = carrier;
  if (eap.result !== null) {
    const before = receivedBy(connection, 'server', eap.result.frame);
    return before === undefined
      ? observation({ id: 'rejectedEarly', data: {} }, [client.last ?? undefined, eap.result])
      : observation({ id: 'rejected', data: { received: before.what } }, [before.at, eap.result]);
  }
  if (unanswered !== null && unanswered.times > 1) {
    const data = { times: times(unanswered.times) };
    return observation({ id: 'requestUnanswered', data }, [unanswered.first, unanswered.last]);
  }
  const last = (client.last?.frame ?? 0) > (server.last?.frame ?? 0) ? client.last : server.last;
  if (last === null) return null;
  const id = ending.how === 'timeout' ? 'eapSilent' : 'eapCut';
  return observation({ id, data: { from: party(last.from) } }, [last]);
}

function alertPhrase({ level, encrypted, ...alert }: Alert): Phrase {
  return encrypted
    ? phrase('anEncryptedAlert')
    : phrase('alertOfLevel', { level: level ?? '', alert: alertText(alert) });
}

/** The last packet of a side that QUIC encrypts, whatever it contains. */
function lastPacket({ quic }: Connection, from: Side): Received | undefined {
  const at = quic?.[from].protectedPackets.at(-1);
  return at && { what: phrase('encryptedPacketOf', { peer: party(from) }), at };
}

/** Whether all that a side sent over TCP was sent again and never acknowledged: the other side received none of it. */
function isUnheard(connection: Connection, from: Side): boolean {
  const { bytes, resentInVain } = overTcp(connection)?.[from] ?? { bytes: 0, resentInVain: null };
  return resentInVain !== null && resentInVain.bytes === bytes;
}

/**
 * The last message that a side had received from the other by a frame, as far as the capture shows; it had received more if the
 * capture lacks some of it.
 */
function receivedBy(connection: Connection, side: Side, frame: number): Received | undefined {
  const seen = seenBy(connection, side, frame);
  const from = side === 'client' ? 'server' : 'client';
  if (seen === undefined || connection.transport[from].missing === 0) return seen;
  return isRest(seen) ? seen : { what: phrase('atLeastReceived', { received: seen.what }), at: seen.at };
}

const isRest = ({ what }: Received): boolean =>
  typeof what === 'object' && 'phrase' in what && what.phrase === 'restOf';

function seenBy(connection: Connection, side: Side, frame: number): Received | undefined {
  const { messages, encryptedRecords, plaintext, alerts, transport } = connection;
  if (connection.ending.how === 'close' && isUnheard(connection, side === 'client' ? 'server' : 'client')) {
    return undefined;
  }
  const isBefore = (one: Sighting): boolean => one.from !== side && one.frame <= frame;
  const message = messages.findLast(isBefore);
  const record = encryptedRecords.findLast(
    (one) => isBefore(one) && one.contentType !== 'alert' && one.decrypted !== true,
  );
  const words = plaintext.findLast(isBefore);
  const peer = party(side === 'client' ? 'server' : 'client');
  if (record !== undefined && record.frame >= (message?.frame ?? 0)) {
    return { what: phrase('encryptedRecordOf', { peer }), at: record };
  }
  if (message !== undefined) return { what: messagePhrase(message, peer), at: message };
  if (words !== undefined) {
    // After a gap, TLS looks like any bytes.
    const isBehindGap = words.protocol === null && transport[words.from].missing > 0;
    return { what: phrase(isBehindGap ? 'restOf' : 'plaintextOf', { peer }), at: words };
  }
  const alert = alerts.findLast(isBefore);
  return alert && { what: phrase('alertOf', { alert: alertPhrase(alert), peer }), at: alert };
}
