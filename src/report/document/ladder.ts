/** Who sent what and when: a handshake as a diagram. */
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type {
  Alert,
  Connection,
  EapFacts,
  EncryptedRecord,
  HandshakeMessage,
  IcmpError,
  PathPacket,
  QuicFacts,
  Side,
  Sighting,
} from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { messageName } from '../../diagnose/evidence/messages.js';
import { closeText } from '../../diagnose/evidence/quic.js';
import type { DiagnosedConnection, Finding } from '../../diagnose/finding.js';
import type { Evidence } from '../../diagnose/verdict.js';
import type { EncryptionLevel } from '../../tls/handshake/transcript.js';
import { isNoGrease } from '../../tls/wire/registry/names.js';
import type { Preamble } from '../../preamble/preamble.js';
import type { PreambleStep } from '../../preamble/protocol.js';
import { durationText, endpointText, frameText, gapFormat } from '../phrases.js';
import type { Wording } from '../wording.js';
import { factOf } from '../words.js';
import type { Scope } from './scope.js';
import { isOfOtherConnection } from './history.js';
import { packetsElsewhere, placesAtPoints } from './path.js';
import { code, wire, type Text } from './text.js';

/** What one side sent in one frame. */
export interface Rung {
  /** Its frame at each point: `469`; `2:469` if there are several files; `—` if it was not seen, empty if unknown. */
  readonly places: readonly string[];
  readonly time: string;
  /** `+18.03 ms` since the frame before, shown or not, in one unit for the whole ladder; empty for the first. */
  readonly since: string;
  readonly from: Side;
  /** It is a cited frame of another connection, which the two sides did not send. */
  readonly isElsewhere: boolean;
  /** In the order sent: `2 × encrypted record, fatal alert handshake_failure (40)`. */
  readonly label: Text;
  readonly details: readonly Text[];
  /** A line above it, about something left out or a long silence; or null. */
  readonly before: string | null;
  /** The finding that is the cause cites this frame. */
  readonly isEvidence: boolean;
  /** Here the handshake failed. */
  readonly isDecisive: boolean;
}

export interface Ladder {
  readonly connection: string;
  readonly client: Text;
  readonly server: Text;
  /** Points of the path with captures: each has a column. */
  readonly points: number;
  readonly rungs: readonly Rung[];
  /** How it ended, if nothing was sent to end it; decisive if no frame is. */
  readonly silence: { readonly text: string; readonly isDecisive: boolean } | null;
  /** How many repeated packets have no rung: `5 packets of the server sent again`; or null. */
  readonly resent: string | null;
}

/** Something that was sent. Label and detail may have text from the wire. */
interface Item {
  readonly label: string;
  readonly detail: string | null;
  /** What it came in: an encryption level of QUIC, an epoch of DTLS; undefined if obvious. */
  readonly layer?: string | undefined;
  /** A fatal or encrypted alert, a FIN or reset, or anything else. */
  readonly kind: 'alert' | 'end' | 'other';
}

/** Milliseconds of silence that get a line of their own. */
const LONG_GAP = 1000;

/** `isElsewhere`: see `Rung`. */
type Event = Sighting & Item & { readonly isElsewhere?: true };

/** The ladder of a connection, with everything or at most `most` rungs: its beginning, its end, and what is cited. */
export function ladderOf(
  { connection, cause, findings }: DiagnosedConnection,
  { clock, results: { captures }, words }: Pick<Scope, 'clock' | 'results' | 'words'>,
  most = Number.POSITIVE_INFINITY,
): Ladder {
  const { ladder: say, language } = words;
  const keyOf = keysOf(connection);
  const citedBy = (some: readonly Finding[]): ReadonlySet<string> =>
    new Set(some.flatMap(({ evidence }) => evidence.map(keyOf)));
  const all = cause === null || findings.includes(cause) ? findings : [cause, ...findings];
  const cited = citedBy(all);
  const decides = citedBy(cause === null ? [] : [cause]);
  const events = withElsewhere(eventsOf(connection, words), connection, words);
  const frames = framesOf(
    inTime([...events, ...citedEvents(all, connection, { keyOf, drawn: new Set(events.map(keyOf)), language })]),
  );
  const placesOf = placesAtPoints(connection, { captures });
  const isFailed = connection.outcome === 'failed';
  const decisive = isFailed ? decisiveOf(frames, connection, (frame) => decides.has(keyOf(frame))) : undefined;
  const kept = keptOf(frames, most, (frame) => frame === decisive || cited.has(keyOf(frame)));
  const gaps = gapsOf(frames);
  const longest = gaps.reduce((most, gap) => (Math.abs(gap) > most ? Math.abs(gap) : most), 0);
  const gapText = gapFormat(longest, connection.startedAt.digits);
  const rungs = kept.map((index, position): Rung => {
    const frame = frames[index] as Frame;
    const { isElsewhere } = frame;
    const skipped = index - (kept[position - 1] ?? -1) - 1;
    const gap = gaps[index] ?? NaN;
    const pause = gap >= LONG_GAP ? say.pause({ duration: durationText(gap, words) }) : null;
    return {
      places: placesOf?.(frame.frame, frame.capture ?? connection.capture, isElsewhere) ?? [
        frameText(frame.frame, frame.capture ?? connection.capture, captures),
      ],
      time: clock.time(frame.at),
      since: Number.isNaN(gap) ? '' : gapText(gap),
      from: frame.from,
      isElsewhere,
      ...labelled(frame.items),
      before: skipped > 0 ? say.notShown({ count: skipped }) : pause,
      isEvidence: decides.has(keyOf(frame)),
      isDecisive: frame === decisive,
    };
  });
  const silence = silenceOf(connection, say);
  return {
    connection: connection.id,
    client: code(endpointText(connection.client)),
    server: code(endpointText(connection.server)),
    points: connection.path?.points.length ?? 1,
    rungs,
    silence: silence === null ? null : { text: silence, isDecisive: isFailed && decisive === undefined },
    resent: resentText(connection, words),
  };
}

/** The key of a packet's frame. */
type KeyOf = (place: { readonly capture?: number | undefined; readonly frame: number }) => string;

/** A packet that several points show has the key of its frame at the connection's own point. */
function keysOf({ capture: own, path }: Connection): KeyOf {
  const plain: KeyOf = ({ capture = own, frame }) => `${capture} ${frame}`;
  const ownKeys = new Map<string, string>();
  for (const { seen } of path?.packets ?? []) {
    const here = seen[path?.own ?? 0] ?? null;
    if (here === null) continue;
    for (const there of seen) if (there !== null) ownKeys.set(plain(there), plain(here));
  }
  return (place) => ownKeys.get(plain(place)) ?? plain(place);
}

/**
 * Milliseconds since the previous frame of this connection; NaN for the first one, and for frames of other connections.
 */
function gapsOf(frames: readonly Frame[]): number[] {
  let previous: Frame | undefined;
  return frames.map((frame) => {
    if (frame.isElsewhere) return NaN;
    const gap = previous === undefined ? NaN : millisecondsBetween(previous.at, frame.at);
    previous = frame;
    return gap;
  });
}

/** Adds what other points of the path show, and this one does not. */
function withElsewhere(events: Event[], connection: Connection, { ladder: say, counts }: Wording): Event[] {
  const others = packetsElsewhere(connection).map(({ packet, isRecut, ...sighting }): Event => {
    const { what, bytes } = packet;
    return {
      ...sighting,
      label: what === 'data' ? counts.bytes({ count: bytes }) : packetText(what, say),
      detail: isRecut ? say.recut : say.elsewhere,
      kind: what === 'reset' || what === 'FIN' ? 'end' : 'other',
    };
  });
  return [...events, ...others];
}

function packetText(what: PathPacket['what'], say: Wording['ladder']): string {
  return what === 'reset' || what === 'acknowledgment' ? say[what] : what;
}

/** Merges equal consecutive items, with the details of all. */
function labelled(items: readonly Item[]): Pick<Rung, 'label' | 'details'> {
  const runs: { label: string; layer: string | undefined; times: number; details: string[] }[] = [];
  for (const { label, layer, detail } of items) {
    let run = runs.at(-1);
    if (run?.label !== label || run.layer !== layer) runs.push((run = { label, layer, times: 0, details: [] }));
    run.times++;
    if (detail !== null) run.details.push(detail);
  }
  return {
    label: runs
      .map(({ label, layer, times }, index) => {
        const isNew = layer !== runs[index - 1]?.layer;
        const joint = index === 0 ? '' : isNew ? '; ' : ', ';
        return `${joint}${isNew && layer !== undefined ? `${layer}: ` : ''}${times === 1 ? '' : `${times} × `}${wire(label)}`;
      })
      .join(''),
    details: runs.flatMap(({ details }) => (details.length === 0 ? [] : [wire(details.join(', '))])),
  };
}

interface Frame {
  readonly capture: number | undefined;
  readonly frame: number;
  readonly at: Timestamp;
  readonly from: Side;
  readonly isElsewhere: boolean;
  readonly items: Item[];
}

/** Cited frames that nothing else in the drawing shows, in the words of the rule; each frame once. */
function citedEvents(
  findings: readonly Finding[],
  connection: Connection,
  {
    keyOf,
    drawn,
    language,
  }: { readonly keyOf: KeyOf; readonly drawn: ReadonlySet<string>; readonly language: Wording['language'] },
): Event[] {
  const events = new Map<string, Event>();
  for (const { rule, evidence } of findings) {
    for (const item of evidence) {
      const { capture = connection.capture, frame, at, from } = item;
      const key = keyOf(item);
      if (drawn.has(key) || events.has(key)) continue;
      const label = factOf(rule, item, (value) => value, language);
      const event: Event = {
        ...(capture === connection.capture ? {} : { capture }),
        frame,
        at,
        from,
        label,
        detail: null,
        kind: 'other',
      };
      events.set(key, isOwn(item, connection) ? event : { ...event, isElsewhere: true });
    }
  }
  return [...events.values()];
}

/** Whether a cited frame lies within the connection. */
function isOwn(item: Evidence, { capture, firstFrame, lastFrame, lastCapture = capture, path }: Connection): boolean {
  const of = item.capture ?? capture;
  if (isOfOtherConnection(item)) return false;
  if (of === capture && item.frame < firstFrame) return false;
  if (of === lastCapture && item.frame > lastFrame) return false;
  return path !== undefined || (of >= capture && of <= lastCapture);
}

/** Ordered by time, and at the same time by frame, within one capture. */
function inTime(events: Event[]): Event[] {
  return events.sort((a, b) => millisecondsBetween(b.at, a.at) || (a.capture === b.capture ? a.frame - b.frame : 0));
}

/** Everything that was sent; at the same time in the order of the protocol. */
function eventsOf(connection: Connection, words: Wording): Event[] {
  const say = words.ladder;
  const { messages, alerts, quic, eap, transport } = connection;
  const { syns = [], synAcks = [], fins = [], resets = [] } = overTcp(connection) ?? {};
  const tcpEvent = (label: string, sighting: Sighting, kind: Item['kind'] = 'other'): Event => ({
    ...sighting,
    label,
    detail: null,
    kind,
  });
  return [
    ...syns.map((syn, index) => tcpEvent(index === 0 ? 'SYN' : say.again({ what: 'SYN' }), syn)),
    ...synAcks.map((synAck, index) => tcpEvent(index === 0 ? 'SYN-ACK' : say.again({ what: 'SYN-ACK' }), synAck)),
    ...plaintextEvents(connection, say),
    ...messages.map((message) => messageEvent(message, connection, words)),
    ...encryptedAlone(connection).map((record) => recordEvent(record, words)),
    ...(quic === null ? alerts.map((alert) => alertEvent(alert, say)) : quicEvents(quic, words)),
    ...(eap === null
      ? []
      : eapEvents(eap, words, (frame) => connection.transcript.some((sent) => sent.frame === frame))),
    ...resentEvents(connection, say),
    ...fins.map((fin) => tcpEvent('FIN', fin, 'end')),
    ...resets.map((reset) => tcpEvent(say.resetWithTtl({ ttl: String(reset.ttl) }), reset, 'end')),
    ...transport.icmp.map((error) => icmpEvent(error, say)),
  ];
}

/** What was said in plaintext, before TLS or instead of it: the words if they are known, else that there were some. */
function plaintextEvents(connection: Connection, say: Wording['ladder']): Event[] {
  const { preamble, plaintext, transport, clientHello, serverHello } = connection;
  const words = new Map<string, Event>();
  // Between the hellos stand the headers of packets that carry TLS (OpenVPN).
  const isHeader = ({ frame, from }: { readonly frame: number; readonly from: string }): boolean =>
    from === 'server' && frame >= (clientHello?.frame ?? Infinity) && frame <= (serverHello?.frame ?? 0);
  const said = plaintext.filter((line) => !isHeader(line));
  for (const line of [...said, ...stepsOf(preamble)]) {
    const key = `${line.from} ${line.capture ?? ''} ${line.frame}`;
    // The decisive line, if a turn has several.
    words.set(key, { ...line, label: say.plaintext, detail: line.text, kind: 'other' });
  }
  if (preamble === null) return [...words.values()];
  const { kind: protocol, target } = preamble;
  const detail = target === null ? protocol : say.preambleTo({ protocol, target });
  const others = [transport.client.firstData, transport.server.firstData]
    .filter((sighting) => sighting !== null)
    .filter(({ at }) => clientHello === null || millisecondsBetween(at, clientHello.at) > 0)
    .filter(({ frame, from }) => ![...words.values()].some((each) => each.frame === frame && each.from === from))
    .map((sighting): Event => ({ ...sighting, label: say.beforeTls, detail, kind: 'other' }));
  return [...words.values(), ...others];
}

function stepsOf(preamble: Preamble | null): readonly PreambleStep[] {
  return preamble === null ? [] : [...preamble.steps, ...stepsOf(preamble.next)];
}

/** What a side sent again in vain, all copies as one, at the last of them. */
function resentEvents({ transport }: Connection, say: Wording['ladder']): Event[] {
  const unanswered = 'unanswered' in transport ? transport.unanswered : null;
  if (unanswered !== null) {
    const detail = say.neverAnswered({ count: unanswered.times });
    return [{ ...unanswered.first, label: say.radiusRequest, detail, kind: 'other' }];
  }
  return [transport.client, transport.server].flatMap((side): Event[] => {
    if ('resentInVain' in side && side.resentInVain !== null && side.lastData !== null) {
      const { bytes, times } = side.resentInVain;
      const detail = say.neverAcknowledged({ count: times });
      return [{ ...side.lastData, label: say.sameBytes({ count: bytes }), detail, kind: 'other' }];
    }
    if ('mostResent' in side && side.mostResent !== null) {
      const { message, times, ...sighting } = side.mostResent;
      const detail = say.sentAgain({ count: times });
      return [{ ...sighting, label: say.again({ what: messageName(message) }), detail, kind: 'other' }];
    }
    return [];
  });
}

/** Repeats that have no rung. */
function resentText({ transport }: Connection, { ladder: say, joins, language: { parties } }: Wording): string | null {
  const of = (side: Connection['transport']['client'], from: Side): string[] => {
    const radius = 'unanswered' in transport && from === 'client' ? transport.unanswered?.times : undefined;
    const counted =
      'resentInVain' in side
        ? side.resentInVain?.times
        : 'mostResent' in side
          ? side.mostResent?.times
          : radius && radius - 1;
    const others = side.retransmissions - (counted ?? 0);
    const by = counted === undefined ? say.resentBy : say.othersResentBy;
    return others > 0 ? [by({ count: others, side: parties[from] })] : [];
  };
  const both = [...of(transport.client, 'client'), ...of(transport.server, 'server')];
  return both.length === 0 ? null : say.resent({ packets: both.join(joins.items) });
}

/** An ICMP error, which goes to the sender of the packet that it is about, from a router or from the other end. */
function icmpEvent(
  { capture, frame, at, router, about, type, code: number, meaning, mtu }: IcmpError,
  say: Wording['ladder'],
): Event {
  const what =
    meaning === 'other' ? say.icmpType({ type: String(type), code: String(number) }) : say.icmpMeanings[meaning];
  return {
    ...(capture === undefined ? {} : { capture }),
    frame,
    at,
    from: about === 'client' ? 'server' : 'client',
    label: say.icmp({ meaning: what }),
    detail: mtu === null ? say.icmpFrom({ router }) : say.icmpFromWithMtu({ router, mtu: String(mtu) }),
    kind: 'other',
  };
}

/** Round trips of EAP, and the result; TLS in them is drawn as its messages, if visible. */
function eapEvents(
  { packets, naks, identity, result }: EapFacts,
  { ladder: say, counts }: Wording,
  isShown: (frame: number) => boolean,
): Event[] {
  const lastIdentity = packets.findLast(({ type, from }) => type === 'Identity' && from === 'client');
  const wanted = (frame: number): string =>
    naks.flatMap(({ frame: of, method }) => (of === frame ? [method] : [])).join(', ');
  const requests = packets.map(({ type, tls, length, ...seen }): Event | null => {
    const event = (label: string, detail: string | null): Event => ({ ...seen, label, detail, kind: 'other' });
    switch (tls) {
      case 'start':
        return event(say.eapStart({ type }), null);
      case 'acknowledgment':
        return event(say.eapAcknowledgment({ type }), null);
      case 'fragment':
        return event(say.eapFragment({ type }), counts.bytes({ count: length }));
      case 'data':
        return isShown(seen.frame) ? null : event(say.eapData({ type }), counts.bytes({ count: length }));
      case null: {
        const methods = wanted(seen.frame);
        const wish = methods === '' ? say.eapWantsNothing : say.eapWants({ methods });
        const packet = seen.from === 'server' ? say.eapRequest : say.eapResponse;
        const isName = seen.frame === lastIdentity?.frame && seen.from === 'client';
        return event(packet({ type }), isName ? identity : type === 'Nak' ? wish : null);
      }
    }
  });
  return [
    ...requests.filter((event) => event !== null),
    ...(result === null
      ? []
      : [{ ...result, label: `EAP-${result.isSuccess ? 'Success' : 'Failure'}`, detail: null, kind: 'end' } as const]),
  ];
}

function messageEvent(message: HandshakeMessage, connection: Connection, words: Wording): Event {
  const say = words.ladder;
  const label = message.encrypted ? say.encryptedMessage : decryptedText(message, messageName(message.type), say);
  const layer = layerOf(message, say);
  return { ...message, label, detail: detailOf(message, connection, say), layer, kind: 'other' };
}

const LEVELS: Readonly<Record<EncryptionLevel, string>> = {
  initial: 'Initial',
  handshake: 'Handshake',
  '1rtt': '1-RTT',
};

/** Epoch 0 of DTLS is not encrypted. */
function layerOf(
  { epoch = 0, level }: Pick<HandshakeMessage, 'epoch' | 'level'>,
  say: Wording['ladder'],
): string | undefined {
  if (level !== undefined) return LEVELS[level];
  return epoch === 0 ? undefined : say.epoch({ number: String(epoch) });
}

/** Marks what keys opened. */
function decryptedText({ decrypted }: { readonly decrypted?: true }, what: string, say: Wording['ladder']): string {
  return decrypted ? say.decrypted({ what }) : what;
}

function detailOf(message: HandshakeMessage, connection: Connection, say: Wording['ladder']): string | null {
  const { clientHello, serverHello, helloRetryRequest, certificateRequest } = connection;
  const isAt = (place: { readonly frame: number } | null): boolean => place?.frame === message.frame;
  switch (message.type) {
    case 'client_hello': {
      if (clientHello === null || !isAt(clientHello)) return null;
      const suites = clientHello.cipherSuites.filter(isNoGrease);
      const versions = clientHello.supportedVersions.filter(isNoGrease);
      return [
        versions.join(', '),
        clientHello.serverName ?? say.noServerName,
        say.cipherSuites({ count: suites.length }),
      ].join('; ');
    }
    case 'server_hello': {
      if (serverHello === null || !isAt(serverHello)) return null;
      const answer = `${serverHello.version}, ${serverHello.cipherSuite}`;
      return serverHello.resumed ? say.resumed({ answer }) : answer;
    }
    case 'hello_retry_request':
      return helloRetryRequest?.group ?? null;
    case 'encrypted_extensions': {
      const name = serverHello?.alpn ?? null;
      return name === null ? null : say.applicationProtocol({ name });
    }
    case 'compressed_certificate':
    case 'certificate': {
      const certificates = connection[message.from === 'client' ? 'clientCertificates' : 'serverCertificates'];
      const [leaf] = certificates;
      if (leaf === undefined) return say.empty;
      const { subject } = leaf;
      return certificates.length > 1 ? say.andMore({ subject, count: certificates.length - 1 }) : subject;
    }
    case 'certificate_request': {
      const count = certificateRequest?.certificateAuthorities.length ?? 0;
      return count === 0 ? null : say.ofAuthorities({ count });
    }
    default:
      return null;
  }
}

/**
 * The encrypted records that are not drawn as a message or an alert: handshake and alert records are, and in TLS 1.3 a
 * record that its size shows to be an alert.
 */
function encryptedAlone({ encryptedRecords, alerts }: Connection): EncryptedRecord[] {
  const isAlert = (record: EncryptedRecord): boolean =>
    alerts.some(({ inferred, frame, from }) => inferred && frame === record.frame && from === record.from);
  return encryptedRecords.filter(
    (record) => record.contentType !== 'handshake' && record.contentType !== 'alert' && !isAlert(record),
  );
}

function recordEvent(record: EncryptedRecord, { ladder: say, counts }: Wording): Event {
  const label =
    record.contentType === 'change_cipher_spec'
      ? 'ChangeCipherSpec'
      : record.decrypted
        ? say.applicationData
        : say.encryptedRecord;
  const detail = record.contentType === 'change_cipher_spec' ? null : counts.bytes({ count: record.length });
  return { ...record, label, detail, layer: layerOf(record, say), kind: 'other' };
}

function alertEvent(alert: Alert, say: Wording['ladder']): Event {
  const { level, name, code } = alert;
  const label = alert.encrypted
    ? alert.inferred
      ? say.encryptedAlertBySize
      : say.encryptedAlert
    : decryptedText(alert, say.alert({ level: level ?? '', name: name ?? '', code: String(code ?? '') }), say);
  return { ...alert, label, detail: null, kind: level === 'warning' ? 'other' : 'alert' };
}

/** What QUIC sends besides messages; its closes are the alerts. */
function quicEvents(quic: QuicFacts, { ladder: say, counts }: Wording): Event[] {
  const { versionNegotiations, retries, token, altered, handshakeDone, closes, client, server } = quic;
  const event = (label: string, seen: Sighting | null, layer: string): Event[] =>
    seen === null ? [] : [{ ...seen, label, layer, detail: null, kind: 'other' }];
  return [
    ...event(say.retryToken, token, LEVELS.initial),
    ...event(say.altered, altered, LEVELS.initial),
    ...event('HANDSHAKE_DONE', handshakeDone, LEVELS['1rtt']),
    ...versionNegotiations.map((seen): Event => {
      return { ...seen, label: 'Version Negotiation', detail: seen.versions.join(', '), kind: 'other' };
    }),
    ...retries.map((seen): Event => {
      return {
        ...seen,
        label: 'Retry',
        detail: seen.isAgain ? say.retryAgain : null,
        kind: 'other',
      };
    }),
    ...[...client.protectedPackets, ...server.protectedPackets].map((packet): Event => {
      return {
        ...packet,
        label: say.packets[packet.level],
        detail: counts.bytes({ count: packet.length }),
        kind: 'other',
      };
    }),
    ...closes.map((close): Event => {
      const label = `CONNECTION_CLOSE ${closeText(close)}`;
      return { ...close, label, detail: close.reason || null, layer: LEVELS[close.level], kind: 'alert' };
    }),
  ];
}

/** Groups the events of one side in one frame. */
function framesOf(events: readonly Event[]): Frame[] {
  const frames: Frame[] = [];
  for (const { capture, frame, at, from, isElsewhere = false, label, detail, layer, kind } of events) {
    const item: Item = { label, detail, layer, kind };
    const last = frames.at(-1);
    if (last?.frame === frame && last.capture === capture && last.from === from) last.items.push(item);
    else frames.push({ capture, frame, at, from, isElsewhere, items: [item] });
  }
  return frames;
}

/**
 * The frame that ended the handshake: the cited alert; else the last cited frame that ends the connection; else the
 * last cited frame; if nothing is cited, the alert or the end. None if silence ended it, unless somebody said so.
 */
function decisiveOf(
  frames: readonly Frame[],
  { ending }: Connection,
  isCited: (frame: Frame) => boolean,
): Frame | undefined {
  const own = frames.filter(({ isElsewhere }) => !isElsewhere);
  const has =
    (kind: Item['kind']) =>
    ({ items }: Frame): boolean =>
      items.some((item) => item.kind === kind);
  const [isAlert, isEnd] = [has('alert'), has('end')];
  return (
    own.find((frame) => isAlert(frame) && isCited(frame)) ??
    own.findLast((frame) => isEnd(frame) && isCited(frame)) ??
    (ending.how === 'timeout' ? undefined : own.findLast(isCited)) ??
    own.find(isAlert) ??
    (ending.how === 'timeout' ? undefined : own.find(isEnd))
  );
}

/** Indexes of the frames to show. */
function keptOf(frames: readonly Frame[], most: number, isWanted: (frame: Frame) => boolean): number[] {
  const all = frames.map((_, index) => index);
  if (frames.length <= most) return all;
  const kept = new Set(all.filter((index) => isWanted(frames[index] as Frame)));
  // From both ends towards the middle, two of the beginning for one of the end.
  for (let i = 0, start = 0, end = frames.length - 1; kept.size < most && start <= end; i++) {
    kept.add(i % 3 === 2 ? end-- : start++);
  }
  return all.filter((index) => kept.has(index));
}

/** Only TCP shows an end: over other carriers, a fatal alert, a close or a result is one. */
function silenceOf({ ending, transport, alerts, eap }: Connection, say: Wording['ladder']): string | null {
  if (ending.how === 'timeout') return say.silence;
  const isOver =
    transport.kind !== 'tcp' &&
    (alerts.some(({ level }) => level !== 'warning') ||
      (eap?.result ?? null) !== null ||
      transport.icmp.some(({ meaning }) => meaning === 'port-unreachable'));
  return ending.how === 'none' && !isOver ? say.endNotSeen : null;
}
