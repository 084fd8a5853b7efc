import { notice } from '../notices.js';
import { timestampOf, type Timestamp } from '../capture/timestamp.js';
import type { TlsSession } from '../tls/session.js';
import type { EapEnd } from '../transport/eap/conversation.js';
import { PEER, SERVER } from '../transport/eap/conversation.js';
import type { EapFlow } from '../transport/eap/flow.js';
import { endingOf } from '../transport/eap/flow.js';
import { methodName, typeName } from '../transport/eap/packet.js';
import type { Direction, FrameRef } from '../transport/flow.js';
import type { EapCarrierFacts, EapFacts, EapSide, NamedMethod, Note, Side, Sighting } from './connection.js';
import type { EndedConnection } from './ended.js';
import { icmpError } from './icmp.js';

const seen = ({ frame, at }: FrameRef, from: Side): Sighting => ({ frame, at, from });

function sideFacts(end: EapEnd, from: Side): EapSide {
  const { packets, bytes, missing, retransmissions, firstData, lastData, last, lastLength, hasMore } = end;
  return {
    packets,
    bytes,
    missing,
    retransmissions,
    firstData: firstData && seen(firstData, from),
    lastData: lastData && seen(lastData, from),
    last: last && seen({ frame: last.number, at: timestampOf(last) }, from),
    lastLength,
    hasMore,
  };
}

function carrierFacts({ conversation, radius, isAlone }: EapFlow<TlsSession>): EapCarrierFacts {
  const { icmp = [], answers = 0, unanswered = null, framedMtu = null } = radius ?? {};
  return {
    kind: radius === null ? 'eapol' : 'radius',
    client: sideFacts(conversation.ends[PEER], 'client'),
    server: sideFacts(conversation.ends[SERVER], 'server'),
    icmp: icmp.map((event) => icmpError(event, PEER)),
    isAlone,
    answers,
    unanswered: unanswered && {
      first: seen(unanswered.first, 'client'),
      last: seen(unanswered.last, 'client'),
      times: unanswered.times,
      isCut: unanswered.isCut,
    },
    framedMtu,
  };
}

function eapFacts({ conversation, radius }: EapFlow<TlsSession>): EapFacts {
  const { packets, started, wanted, identity, fragments, hasLateStart, result } = conversation;
  const named = (methods: typeof started, from: Side): readonly NamedMethod[] =>
    methods.map((method) => ({ ...seen(method, from), method: methodName(method.type) }));
  return {
    packets: packets.map(({ direction, type, tls, length, ...at }) => ({
      ...seen(at, direction === PEER ? 'client' : 'server'),
      type: typeName(type),
      tls,
      length,
    })),
    started: named(started, 'server'),
    naks: named(wanted, 'client'),
    identity,
    stationId: radius?.stationId ?? null,
    fragments,
    isLate: hasLateStart,
    result: result && { ...seen(result, 'server'), isSuccess: result.isSuccess },
  };
}

/** What the capture lacks of a conversation, for the report. */
function eapNotes({ conversation: { ends, hasLateStart } }: EapFlow<TlsSession>): readonly Note[] {
  const notes: Note[] = [];
  if (hasLateStart) notes.push({ ...notice('starts-mid-connection', 'connection'), frame: null });
  const missing = ends[PEER].missing + ends[SERVER].missing;
  if (missing > 0) notes.push({ ...notice('missing-segments', 'eap', { bytes: missing }), frame: null });
  return notes;
}

/** An EAP conversation that is over; `now` is the capture's time then. */
export function endedEap(flow: EapFlow<TlsSession>, now: Timestamp): EndedConnection {
  const { id, conversation, client, server, firstFrame, startedAt, last } = flow;
  const { ends, content } = conversation;
  const isWhole = (direction: Direction): boolean =>
    ends[direction].isWhole && content?.records[direction].hasGap === false;
  return {
    id,
    protocol: 'eap-tls',
    ends: [client, server],
    client: PEER,
    firstFrame,
    lastFrame: last.number,
    startedAt,
    endedAt: timestampOf(last),
    handshake: content,
    plaintext: content?.plaintextTurns ?? [],
    isSeen: [ends[PEER].packets > 0, ends[SERVER].packets > 0],
    isWhole: [isWhole(PEER), isWhole(SERVER)],
    unfinishedRecords: [],
    transport: carrierFacts(flow),
    ending: endingOf(flow, now),
    notes: eapNotes(flow),
    eap: eapFacts(flow),
  };
}
