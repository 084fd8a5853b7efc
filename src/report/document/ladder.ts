/** Who sent what when: a handshake as a diagram. */
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type {
  Alert,
  Connection,
  EncryptedRecord,
  HandshakeMessage,
  ProtectedPacket,
  QuicFacts,
  Side,
  Sighting,
} from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { closeText } from '../../diagnose/evidence/quic.js';
import type { DiagnosedConnection, Finding } from '../../diagnose/finding.js';
import { isReal } from '../../tls/wire/registry/names.js';
import { count, endpointText, frameText, gapText } from '../phrases.js';
import { factOf } from '../words.js';
import type { Scope } from './scope.js';
import { isOfOtherConnection } from './history.js';
import { packetsElsewhere, placesAtPoints, type PlacesOf } from './path.js';
import { code, wire, type Text } from './text.js';

/** What one side sent in one frame. */
export interface Rung {
  /** `469`; `2:469` where there are several files; `1:5  2:4` where there are several points, `—` where it was not seen. */
  readonly place: string;
  readonly time: string;
  /** `+18 ms` since the frame before, shown or not; empty for the first. */
  readonly since: string;
  readonly from: Side;
  /** In the order sent: `2 × encrypted record, fatal alert handshake_failure (40)`. */
  readonly label: Text;
  readonly details: readonly Text[];
  /** What is said above it: that something is left out here, or that nothing was sent for long; or null. */
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
  readonly rungs: readonly Rung[];
  /** How it ended, where nothing was sent to end it. */
  readonly silence: string | null;
  readonly isFailed: boolean;
}

/** One thing that was sent. Label and detail may have text from the wire. */
interface Item {
  readonly label: string;
  readonly detail: string | null;
  /** A fatal or encrypted alert, a FIN or reset, or anything else. */
  readonly kind: 'alert' | 'end' | 'other';
}

/** A silence of this many milliseconds is worth a line of its own. */
const LONG_GAP = 1000;

type Event = Sighting & Item;

/** The ladder of a connection, of all that is known or of at most `most` rungs: its beginning, its end, and the evidence. */
export function ladderOf(
  { connection, cause }: DiagnosedConnection,
  { clock, results: { captures } }: Pick<Scope, 'clock' | 'results'>,
  most = Number.POSITIVE_INFINITY,
): Ladder {
  const cited = new Set(
    (cause?.evidence ?? []).map(({ capture, frame }) => placeKey(capture ?? connection.capture, frame)),
  );
  const frames = framesOf(withElsewhere(withCited(eventsOf(connection), connection, cause), connection));
  const placesOf = placesAtPoints(connection, { captures });
  const widths = placesOf === null ? [] : columnWidths(frames, connection, placesOf);
  const isCited = ({ capture, frame }: Frame): boolean => cited.has(placeKey(capture ?? connection.capture, frame));
  const isFailed = connection.outcome === 'failed';
  const decisive = isFailed ? decisiveOf(frames, connection, isCited) : undefined;
  const kept = keptOf(frames, most, (frame) => frame === decisive || isCited(frame));
  const rungs = kept.map((index, position): Rung => {
    const frame = frames[index] as Frame;
    const previous = frames[index - 1];
    const skipped = index - (kept[position - 1] ?? -1) - 1;
    const gap = previous === undefined ? 0 : millisecondsBetween(previous.at, frame.at);
    const pause = gap >= LONG_GAP ? `nothing for ${gapText(gap).slice(1)}` : null;
    return {
      place:
        placesOf === null
          ? frameText(frame.frame, frame.capture ?? connection.capture, captures)
          : placesOf(frame.frame, frame.capture ?? connection.capture)
              .map((place, point) => place.padStart(widths[point] ?? 0))
              .join('  '),
      time: clock.time(frame.at),
      since: previous === undefined ? '' : gapText(gap),
      from: frame.from,
      ...labelled(frame.items),
      before: skipped > 0 ? `${count(skipped, 'more frame')} not shown` : pause,
      isEvidence: isCited(frame),
      isDecisive: frame === decisive,
    };
  });
  return {
    connection: connection.id,
    client: code(endpointText(connection.client)),
    server: code(endpointText(connection.server)),
    rungs,
    silence: silenceOf(connection),
    isFailed,
  };
}

/** How wide the column of each point is. */
function columnWidths(frames: readonly Frame[], { capture }: Connection, placesOf: PlacesOf): number[] {
  const widths: number[] = [];
  for (const frame of frames) {
    for (const [point, { length }] of placesOf(frame.frame, frame.capture ?? capture).entries()) {
      widths[point] = Math.max(widths[point] ?? 0, length);
    }
  }
  return widths;
}

/** With what other points of the path show, and this one does not. */
function withElsewhere(events: Event[], connection: Connection): Event[] {
  const others = packetsElsewhere(connection).map(({ packet, ...sighting }): Event => {
    const { what, bytes } = packet;
    return {
      ...sighting,
      label: what === 'data' ? count(bytes, 'byte') : what,
      detail: 'only at another point of the path',
      kind: what === 'reset' || what === 'FIN' ? 'end' : 'other',
    };
  });
  return others.length === 0 ? events : inTime([...events, ...others]);
}

/** Equal ones in a row together, and the details of all. */
function labelled(items: readonly Item[]): Pick<Rung, 'label' | 'details'> {
  const runs: { label: string; times: number; details: string[] }[] = [];
  for (const { label, detail } of items) {
    let run = runs.at(-1);
    if (run?.label !== label) runs.push((run = { label, times: 0, details: [] }));
    run.times++;
    if (detail !== null) run.details.push(detail);
  }
  return {
    label: runs.map(({ label, times }) => (times === 1 ? '' : `${times} × `) + wire(label)).join(', '),
    details: runs.flatMap(({ details }) => (details.length === 0 ? [] : [wire(details.join(', '))])),
  };
}

interface Frame {
  readonly capture: number | undefined;
  readonly frame: number;
  readonly at: Timestamp;
  readonly from: Side;
  readonly items: Item[];
}

function placeKey(capture: number, frame: number): string {
  return `${capture} ${frame}`;
}

/** With what the cause cites of this connection and nothing else stands for. */
function withCited(events: readonly Event[], connection: Connection, cause: Finding | null): Event[] {
  const drawn = new Set(events.map(({ capture, frame }) => placeKey(capture ?? connection.capture, frame)));
  const others = (cause?.evidence ?? []).flatMap((item): Event[] => {
    const { capture = connection.capture, frame } = item;
    const isOwn =
      frame >= connection.firstFrame &&
      frame <= connection.lastFrame &&
      capture === connection.capture &&
      !isOfOtherConnection(item);
    if (cause === null || !isOwn || drawn.has(placeKey(capture, frame))) return [];
    return [{ ...item, label: factOf(cause.rule, item, (value) => value), detail: null, kind: 'other' }];
  });
  return others.length === 0 ? [...events] : inTime([...events, ...others]);
}

function inTime(events: Event[]): Event[] {
  return events.sort((a, b) => millisecondsBetween(b.at, a.at));
}

/** Everything that was sent, in the order of time; at the same time in that of the protocol. */
function eventsOf(connection: Connection): Event[] {
  const { messages, alerts, quic } = connection;
  const { syns = [], synAck = null, fins = [], resets = [] } = overTcp(connection) ?? {};
  const tcpEvent = (label: string, sighting: Sighting, kind: Item['kind'] = 'other'): Event => ({
    ...sighting,
    label,
    detail: null,
    kind,
  });
  const events = [
    ...syns.map((syn, index) => tcpEvent(index === 0 ? 'SYN' : 'SYN again', syn)),
    ...(synAck === null ? [] : [tcpEvent('SYN-ACK', synAck)]),
    ...plaintextEvents(connection),
    ...resentEvents(connection),
    ...messages.map((message) => messageEvent(message, connection)),
    ...encryptedAlone(connection).map(recordEvent),
    ...(quic === null ? alerts.map(alertEvent) : quicEvents(quic)),
    ...fins.map((fin) => tcpEvent('FIN', fin, 'end')),
    ...resets.map((reset) => tcpEvent(`reset (TTL ${reset.ttl})`, reset, 'end')),
  ];
  return inTime(events);
}

/** What was said in the clear, before TLS or in its place: the words where they are known, else that there were some. */
function plaintextEvents({ preamble, plaintext, transport, clientHello }: Connection): Event[] {
  const words = plaintext.map((each): Event => ({ ...each, label: 'plaintext', detail: each.text, kind: 'other' }));
  if (preamble === null) return words;
  const detail = preamble.target === null ? preamble.kind : `${preamble.kind} to ${preamble.target}`;
  const others = [transport.client.firstData, transport.server.firstData]
    .filter((sighting) => sighting !== null)
    .filter(({ at }) => clientHello === null || millisecondsBetween(at, clientHello.at) > 0)
    .filter(({ frame, from }) => !plaintext.some((each) => each.frame === frame && each.from === from))
    .map((sighting): Event => ({ ...sighting, label: 'before TLS', detail, kind: 'other' }));
  return [...words, ...others];
}

/** The segment that a side sent again in vain, all its copies in one, at the last of them. */
function resentEvents(connection: Connection): Event[] {
  const tcp = overTcp(connection);
  if (tcp === null) return [];
  return [tcp.client, tcp.server].flatMap(({ resentInVain, lastData }): Event[] => {
    if (resentInVain === null || lastData === null) return [];
    const label = `the same ${count(resentInVain.bytes, 'byte')} again`;
    return [
      {
        ...lastData,
        label,
        detail: `sent again ${count(resentInVain.times, 'time')}, never acknowledged`,
        kind: 'other',
      },
    ];
  });
}

function messageEvent(message: HandshakeMessage, connection: Connection): Event {
  const label = message.encrypted ? 'encrypted handshake message' : camel(message.type) + decryptedMark(message);
  return { ...message, label, detail: detailOf(message, connection), kind: 'other' };
}

/** What keys that were given opened is marked. */
const decryptedMark = ({ decrypted }: { readonly decrypted?: true }): string => (decrypted ? ' (decrypted)' : '');

/** `client_hello` as the RFCs write it: `ClientHello`. */
function camel(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function detailOf(message: HandshakeMessage, connection: Connection): string | null {
  const { clientHello, serverHello, helloRetryRequest, certificateRequest } = connection;
  const isAt = (place: { readonly frame: number } | null): boolean => place?.frame === message.frame;
  switch (message.type) {
    case 'client_hello': {
      if (clientHello === null || !isAt(clientHello)) return null;
      const suites = clientHello.cipherSuites.filter(isReal);
      const versions = clientHello.supportedVersions.filter(isReal);
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
 * The encrypted records that no message and no alert stands for: handshake and alert records do, and in TLS 1.3 the record
 * that is known to be an alert by its size.
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
  return { ...record, label, detail, kind: 'other' };
}

function alertEvent(alert: Alert): Event {
  const { level, name, code } = alert;
  const label = alert.encrypted
    ? `encrypted alert${alert.inferred ? ' (by its size)' : ''}`
    : `${level ?? ''} alert ${name ?? ''} (${code ?? ''})${decryptedMark(alert)}`;
  return { ...alert, label, detail: null, kind: level === 'warning' ? 'other' : 'alert' };
}

/** What QUIC sends besides messages, whose alerts are closes. */
function quicEvents({ versionNegotiations, retries, closes, client, server }: QuicFacts): Event[] {
  return [
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
      return { ...close, label: `CONNECTION_CLOSE ${closeText(close)}`, detail: close.reason || null, kind: 'alert' };
    }),
  ];
}

const PACKETS: Readonly<Record<ProtectedPacket['level'], string>> = {
  '0rtt': '0-RTT packet',
  handshake: 'Handshake packet',
  '1rtt': '1-RTT packet',
};

/** Events of one side in one frame together. */
function framesOf(events: readonly Event[]): Frame[] {
  const frames: Frame[] = [];
  for (const { capture, frame, at, from, label, detail, kind } of events) {
    const last = frames.at(-1);
    if (last?.frame === frame && last.capture === capture && last.from === from)
      last.items.push({ label, detail, kind });
    else frames.push({ capture, frame, at, from, items: [{ label, detail, kind }] });
  }
  return frames;
}

/**
 * The frame that ended the handshake: the alert that is cited; the last frame cited that ends the connection; the last frame
 * cited; without any, the alert or else the end. Nothing where silence did.
 */
function decisiveOf(
  frames: readonly Frame[],
  { ending }: Connection,
  isCited: (frame: Frame) => boolean,
): Frame | undefined {
  const isAlert = ({ items }: Frame): boolean => items.some(({ kind }) => kind === 'alert');
  const isEnd = ({ items }: Frame): boolean => items.some(({ kind }) => kind === 'end');
  return (
    frames.find((frame) => isAlert(frame) && isCited(frame)) ??
    frames.findLast((frame) => isEnd(frame) && isCited(frame)) ??
    (ending.how === 'timeout' ? undefined : frames.findLast(isCited)) ??
    frames.find(isAlert) ??
    (ending.how === 'timeout' ? undefined : frames.find(isEnd))
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

function silenceOf({ ending }: Connection): string | null {
  if (ending.how === 'timeout') return 'silence: neither side sends anything more';
  return ending.how === 'none' ? 'the capture does not show how it ended' : null;
}
