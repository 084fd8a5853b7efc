/** Who sent what and when: a handshake as a diagram. */
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type {
  Alert,
  Connection,
  EapFacts,
  EncryptedRecord,
  HandshakeMessage,
  IcmpError,
  ProtectedPacket,
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
import type { ReportOptions } from '../format.js';
import type { Language } from '../messages/language.js';
import { count, durationText, endpointText, frameText, gapFormat } from '../phrases.js';
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

/** `isElsewhere` as of a rung. */
type Event = Sighting & Item & { readonly isElsewhere?: true };

/** The ladder of a connection, with everything or at most `most` rungs: its beginning, its end, and what is cited. */
export function ladderOf(
  { connection, cause, findings }: DiagnosedConnection,
  {
    clock,
    results: { captures },
    options: { language },
  }: Pick<Scope, 'clock' | 'results'> & { readonly options: Pick<ReportOptions, 'language'> },
  most = Number.POSITIVE_INFINITY,
): Ladder {
  const keyOf = keysOf(connection);
  const citedBy = (some: readonly Finding[]): ReadonlySet<string> =>
    new Set(some.flatMap(({ evidence }) => evidence.map(keyOf)));
  const all = cause === null || findings.includes(cause) ? findings : [cause, ...findings];
  const cited = citedBy(all);
  const decides = citedBy(cause === null ? [] : [cause]);
  const events = withElsewhere(eventsOf(connection), connection);
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
    const pause = gap >= LONG_GAP ? `nothing for ${durationText(gap)}` : null;
    return {
      places: placesOf?.(frame.frame, frame.capture ?? connection.capture, isElsewhere) ?? [
        frameText(frame.frame, frame.capture ?? connection.capture, captures),
      ],
      time: clock.time(frame.at),
      since: Number.isNaN(gap) ? '' : gapText(gap),
      from: frame.from,
      isElsewhere,
      ...labelled(frame.items),
      before: skipped > 0 ? `${count(skipped, 'more frame')} not shown` : pause,
      isEvidence: decides.has(keyOf(frame)),
      isDecisive: frame === decisive,
    };
  });
  const silence = silenceOf(connection);
  return {
    connection: connection.id,
    client: code(endpointText(connection.client)),
    server: code(endpointText(connection.server)),
    points: connection.path?.points.length ?? 1,
    rungs,
    silence: silence === null ? null : { text: silence, isDecisive: isFailed && decisive === undefined },
    resent: resentText(connection),
  };
}

/** Tells the frame of a packet. */
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
function withElsewhere(events: Event[], connection: Connection): Event[] {
  const others = packetsElsewhere(connection).map(({ packet, isRecut, ...sighting }): Event => {
    const { what, bytes } = packet;
    return {
      ...sighting,
      label: what === 'data' ? count(bytes, 'byte') : what,
      detail: isRecut ? 'cut anew between the points' : 'only at another point of the path',
      kind: what === 'reset' || what === 'FIN' ? 'end' : 'other',
    };
  });
  return [...events, ...others];
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
  }: { readonly keyOf: KeyOf; readonly drawn: ReadonlySet<string>; readonly language: Language | undefined },
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
function eventsOf(connection: Connection): Event[] {
  const { messages, alerts, quic, eap, transport } = connection;
  const { syns = [], synAcks = [], fins = [], resets = [] } = overTcp(connection) ?? {};
  const tcpEvent = (label: string, sighting: Sighting, kind: Item['kind'] = 'other'): Event => ({
    ...sighting,
    label,
    detail: null,
    kind,
  });
  return [
    ...syns.map((syn, index) => tcpEvent(index === 0 ? 'SYN' : 'SYN again', syn)),
    ...synAcks.map((synAck, index) => tcpEvent(index === 0 ? 'SYN-ACK' : 'SYN-ACK again', synAck)),
    ...plaintextEvents(connection),
    ...messages.map((message) => messageEvent(message, connection)),
    ...encryptedAlone(connection).map(recordEvent),
    ...(quic === null ? alerts.map(alertEvent) : quicEvents(quic)),
    ...(eap === null ? [] : eapEvents(eap, (frame) => connection.transcript.some((sent) => sent.frame === frame))),
    ...resentEvents(connection),
    ...fins.map((fin) => tcpEvent('FIN', fin, 'end')),
    ...resets.map((reset) => tcpEvent(`reset (TTL ${reset.ttl})`, reset, 'end')),
    ...transport.icmp.map(icmpEvent),
  ];
}

/** What was said in plaintext, before TLS or instead of it: the words if they are known, else that there were some. */
function plaintextEvents({ preamble, plaintext, transport, clientHello }: Connection): Event[] {
  const words = new Map<string, Event>();
  for (const said of [...plaintext, ...stepsOf(preamble)]) {
    const key = `${said.from} ${said.capture ?? ''} ${said.frame}`;
    // The decisive line, if a turn has several.
    words.set(key, { ...said, label: 'plaintext', detail: said.text, kind: 'other' });
  }
  if (preamble === null) return [...words.values()];
  const detail = preamble.target === null ? preamble.kind : `${preamble.kind} to ${preamble.target}`;
  const others = [transport.client.firstData, transport.server.firstData]
    .filter((sighting) => sighting !== null)
    .filter(({ at }) => clientHello === null || millisecondsBetween(at, clientHello.at) > 0)
    .filter(({ frame, from }) => ![...words.values()].some((each) => each.frame === frame && each.from === from))
    .map((sighting): Event => ({ ...sighting, label: 'before TLS', detail, kind: 'other' }));
  return [...words.values(), ...others];
}

function stepsOf(preamble: Preamble | null): readonly PreambleStep[] {
  return preamble === null ? [] : [...preamble.steps, ...stepsOf(preamble.next)];
}

/** What a side sent again in vain, all copies as one, at the last of them. */
function resentEvents({ transport }: Connection): Event[] {
  const unanswered = 'unanswered' in transport ? transport.unanswered : null;
  if (unanswered !== null) {
    const detail = `sent ${count(unanswered.times, 'time')}, never answered`;
    return [{ ...unanswered.first, label: 'RADIUS request', detail, kind: 'other' }];
  }
  return [transport.client, transport.server].flatMap((side): Event[] => {
    if ('resentInVain' in side && side.resentInVain !== null && side.lastData !== null) {
      const { bytes, times } = side.resentInVain;
      const detail = `sent again ${count(times, 'time')}, never acknowledged`;
      return [{ ...side.lastData, label: `the same ${count(bytes, 'byte')} again`, detail, kind: 'other' }];
    }
    if ('mostResent' in side && side.mostResent !== null) {
      const { message, times, ...sighting } = side.mostResent;
      const detail = `sent again ${count(times, 'time')}`;
      return [{ ...sighting, label: `${messageName(message)} again`, detail, kind: 'other' }];
    }
    return [];
  });
}

/** Repeats that have no rung. */
function resentText({ transport }: Connection): string | null {
  const of = (side: Connection['transport']['client'], from: Side): string[] => {
    const radius = 'unanswered' in transport && from === 'client' ? transport.unanswered?.times : undefined;
    const told =
      'resentInVain' in side
        ? side.resentInVain?.times
        : 'mostResent' in side
          ? side.mostResent?.times
          : radius && radius - 1;
    const others = side.retransmissions - (told ?? 0);
    return others > 0 ? [`${count(others, told === undefined ? 'packet' : 'other packet')} of the ${from}`] : [];
  };
  const both = [...of(transport.client, 'client'), ...of(transport.server, 'server')];
  return both.length === 0 ? null : `sent again: ${both.join(', ')}`;
}

/** An ICMP error, which goes to the sender of the packet that it is about, from a router or from the other end. */
function icmpEvent({ capture, frame, at, router, about, type, code: number, meaning, mtu }: IcmpError): Event {
  const what = meaning === 'other' ? `type ${type}, code ${number}` : meaning.replaceAll('-', ' ');
  return {
    ...(capture === undefined ? {} : { capture }),
    frame,
    at,
    from: about === 'client' ? 'server' : 'client',
    label: `ICMP ${what}`,
    detail: `from ${router}${mtu === null ? '' : `; MTU ${mtu}`}`,
    kind: 'other',
  };
}

/** Round trips of EAP, and the result; TLS in them is drawn as its messages, if visible. */
function eapEvents({ packets, naks, identity, result }: EapFacts, isShown: (frame: number) => boolean): Event[] {
  const lastIdentity = packets.findLast(({ type, from }) => type === 'Identity' && from === 'client');
  const wanted = (frame: number): string =>
    naks.flatMap(({ frame: of, method }) => (of === frame ? [method] : [])).join(', ');
  const requests = packets.map(({ type, tls, length, ...seen }): Event | null => {
    const event = (label: string, detail: string | null): Event => ({ ...seen, label, detail, kind: 'other' });
    switch (tls) {
      case 'start':
        return event(`${type} start`, null);
      case 'acknowledgment':
        return event(`${type} acknowledgment`, null);
      case 'fragment':
        return event(`${type} fragment`, count(length, 'byte'));
      case 'data':
        return isShown(seen.frame) ? null : event(`${type} data`, count(length, 'byte'));
      case null: {
        const detail = type === 'Nak' ? `asks for ${wanted(seen.frame) || 'nothing'}` : null;
        const isName = seen.frame === lastIdentity?.frame && seen.from === 'client';
        return event(`EAP ${type} ${seen.from === 'server' ? 'request' : 'response'}`, isName ? identity : detail);
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

function messageEvent(message: HandshakeMessage, connection: Connection): Event {
  const label = message.encrypted ? 'encrypted handshake message' : messageName(message.type) + decryptedMark(message);
  const layer = layerOf(message);
  return { ...message, label, detail: detailOf(message, connection), layer, kind: 'other' };
}

const LEVELS: Readonly<Record<EncryptionLevel, string>> = {
  initial: 'Initial',
  handshake: 'Handshake',
  '1rtt': '1-RTT',
};

/** Epoch 0 of DTLS is not encrypted. */
function layerOf({ epoch = 0, level }: Pick<HandshakeMessage, 'epoch' | 'level'>): string | undefined {
  return level === undefined ? (epoch === 0 ? undefined : `epoch ${epoch}`) : LEVELS[level];
}

/** Marks what keys opened. */
const decryptedMark = ({ decrypted }: { readonly decrypted?: true }): string => (decrypted ? ' (decrypted)' : '');

function detailOf(message: HandshakeMessage, connection: Connection): string | null {
  const { clientHello, serverHello, helloRetryRequest, certificateRequest } = connection;
  const isAt = (place: { readonly frame: number } | null): boolean => place?.frame === message.frame;
  switch (message.type) {
    case 'client_hello': {
      if (clientHello === null || !isAt(clientHello)) return null;
      const suites = clientHello.cipherSuites.filter(isNoGrease);
      const versions = clientHello.supportedVersions.filter(isNoGrease);
      return `${versions.join(', ')}; ${clientHello.serverName ?? 'no server name'}; ${count(suites.length, 'cipher suite')}`;
    }
    case 'server_hello':
      return serverHello === null || !isAt(serverHello)
        ? null
        : `${serverHello.version}, ${serverHello.cipherSuite}${serverHello.resumed ? ', resumed' : ''}`;
    case 'hello_retry_request':
      return helloRetryRequest?.group ?? null;
    case 'encrypted_extensions': {
      const protocol = serverHello?.alpn ?? null;
      return protocol === null ? null : `application protocol ${protocol}`;
    }
    case 'compressed_certificate':
    case 'certificate': {
      const certificates = connection[message.from === 'client' ? 'clientCertificates' : 'serverCertificates'];
      const [leaf] = certificates;
      if (leaf === undefined) return 'empty';
      return leaf.subject + (certificates.length > 1 ? ` and ${count(certificates.length - 1, 'more', 'more')}` : '');
    }
    case 'certificate_request': {
      const authorities = certificateRequest?.certificateAuthorities.length ?? 0;
      return authorities === 0 ? null : `of ${count(authorities, 'authority', 'authorities')}`;
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

function recordEvent(record: EncryptedRecord): Event {
  const label =
    record.contentType === 'change_cipher_spec'
      ? 'ChangeCipherSpec'
      : record.decrypted
        ? 'application data'
        : 'encrypted record';
  const detail = record.contentType === 'change_cipher_spec' ? null : count(record.length, 'byte');
  return { ...record, label, detail, layer: layerOf(record), kind: 'other' };
}

function alertEvent(alert: Alert): Event {
  const { level, name, code } = alert;
  const label = alert.encrypted
    ? `encrypted alert${alert.inferred ? ' (by its size)' : ''}`
    : `${level ?? ''} alert ${name ?? ''} (${code ?? ''})${decryptedMark(alert)}`;
  return { ...alert, label, detail: null, kind: level === 'warning' ? 'other' : 'alert' };
}

/** What QUIC sends besides messages; its closes are the alerts. */
function quicEvents(quic: QuicFacts): Event[] {
  const { versionNegotiations, retries, token, altered, handshakeDone, closes, client, server } = quic;
  const event = (label: string, seen: Sighting | null, layer: string): Event[] =>
    seen === null ? [] : [{ ...seen, label, layer, detail: null, kind: 'other' }];
  return [
    ...event('token of the Retry', token, LEVELS.initial),
    ...event('altered on its way', altered, LEVELS.initial),
    ...event('HANDSHAKE_DONE', handshakeDone, LEVELS['1rtt']),
    ...versionNegotiations.map((seen): Event => {
      return { ...seen, label: 'Version Negotiation', detail: seen.versions.join(', '), kind: 'other' };
    }),
    ...retries.map((seen): Event => {
      return {
        ...seen,
        label: 'Retry',
        detail: seen.isAgain ? 'although the client had a token' : null,
        kind: 'other',
      };
    }),
    ...[...client.protectedPackets, ...server.protectedPackets].map((packet): Event => {
      return { ...packet, label: PACKETS[packet.level], detail: count(packet.length, 'byte'), kind: 'other' };
    }),
    ...closes.map((close): Event => {
      const label = `CONNECTION_CLOSE ${closeText(close)}`;
      return { ...close, label, detail: close.reason || null, layer: LEVELS[close.level], kind: 'alert' };
    }),
  ];
}

const PACKETS: Readonly<Record<ProtectedPacket['level'], string>> = {
  '0rtt': '0-RTT packet',
  handshake: 'Handshake packet',
  '1rtt': '1-RTT packet',
};

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
function silenceOf({ ending, transport, alerts, eap }: Connection): string | null {
  if (ending.how === 'timeout') return 'silence: neither side sends anything more';
  const isOver =
    transport.kind !== 'tcp' &&
    (alerts.some(({ level }) => level !== 'warning') ||
      (eap?.result ?? null) !== null ||
      transport.icmp.some(({ meaning }) => meaning === 'port-unreachable'));
  return ending.how === 'none' && !isOver ? 'the capture does not show how it ended' : null;
}
