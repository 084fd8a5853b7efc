import { millisecondsBetween, type Timestamp } from '../capture/timestamp.js';
import type { Alert, Connection, EncryptedRecord, HandshakeMessage, Side, Sighting } from '../connection/connection.js';
import { overTcp } from '../connection/connection.js';
import type { DiagnosedConnection } from '../diagnose/rule.js';
import { isReal } from '../tls/wire/registry/names.js';
import { count } from './phrases.js';
import type { Escape } from './words.js';

/** One thing that was sent. Label and detail have text from the wire: whoever shows them escapes them. */
export interface Item {
  /** `ClientHello`, `fatal alert handshake_failure (40)`. */
  readonly label: string;
  readonly detail: string | null;
  readonly kind: 'tcp' | 'handshake' | 'hidden' | 'alert';
}

/** Some of the same in a row. */
export interface Run {
  readonly label: string;
  readonly times: number;
  /** The details of all of them; empty without. */
  readonly details: string;
  readonly kind: Item['kind'];
}

/** What one side sent in one frame. */
export interface Rung {
  readonly capture: number | undefined;
  readonly frame: number;
  readonly at: Timestamp;
  readonly from: Side;
  /** In the order sent, equal ones in a row together. */
  readonly runs: readonly Run[];
  /** Milliseconds since the rung before; 0 for the first. */
  readonly gap: number;
  /** Rungs left out just before this one. */
  readonly skipped: number;
  /** The finding that is the cause cites this frame. */
  readonly isEvidence: boolean;
  /** Here the handshake failed. */
  readonly isFailure: boolean;
}

/** Who sent what when: a handshake as a diagram. */
export interface Ladder {
  readonly rungs: readonly Rung[];
  /** How it ended, where nothing was sent to end it. */
  readonly silence: string | null;
}

/** A silence of this many milliseconds is worth a line of its own. */
export const LONG_GAP = 1000;

type Event = Sighting & Item;

/** The ladder of a connection, of all that is known or of at most `most` rungs: its beginning, its end, and the evidence. */
export function ladderOf({ connection, cause }: DiagnosedConnection, most = Number.POSITIVE_INFINITY): Ladder {
  const cited = new Set(
    (cause?.evidence ?? []).map(({ capture, frame }) => placeKey(capture ?? connection.capture, frame)),
  );
  const frames = framesOf(eventsOf(connection));
  const isCited = ({ capture, frame }: Frame): boolean => cited.has(placeKey(capture ?? connection.capture, frame));
  const failure = connection.outcome === 'failed' ? failureOf(frames, connection, isCited) : undefined;
  const kept = keptOf(frames, most, (frame) => frame === failure || isCited(frame));
  let last = -1;
  const rungs = kept.map((index): Rung => {
    const frame = frames[index] as Frame;
    const previous = frames[index - 1];
    const skipped = index - last - 1;
    last = index;
    const { capture, frame: number, at, from } = frame;
    return {
      capture,
      frame: number,
      at,
      from,
      runs: runsOf(frame.items),
      gap: previous === undefined ? 0 : millisecondsBetween(previous.at, frame.at),
      skipped,
      isEvidence: isCited(frame),
      isFailure: frame === failure,
    };
  });
  return { rungs, silence: silenceOf(connection) };
}

/** What a rung carries, in one line. */
export function labelOf({ runs }: Rung, escape: Escape): string {
  return runs.map(({ label, times }) => (times === 1 ? '' : `${times} × `) + escape(label)).join(', ');
}

function runsOf(items: readonly Item[]): Run[] {
  const runs: { label: string; times: number; details: string[]; kind: Item['kind'] }[] = [];
  for (const { label, detail, kind } of items) {
    let run = runs.at(-1);
    if (run?.label !== label) runs.push((run = { label, times: 0, details: [], kind }));
    run.times++;
    if (detail !== null) run.details.push(detail);
  }
  return runs.map((run) => ({ ...run, details: run.details.join(', ') }));
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

/** Everything that was sent, in the order of time; at the same time in that of the protocol. */
function eventsOf(connection: Connection): Event[] {
  const { messages, alerts } = connection;
  const { syns = [], synAck = null, fins = [], resets = [] } = overTcp(connection) ?? {};
  const tcpEvent = (label: string, sighting: Sighting): Event => ({ ...sighting, label, detail: null, kind: 'tcp' });
  const events = [
    ...syns.map((syn, index) => tcpEvent(index === 0 ? 'SYN' : 'SYN again', syn)),
    ...(synAck === null ? [] : [tcpEvent('SYN-ACK', synAck)]),
    ...preambleEvents(connection),
    ...messages.map((message) => messageEvent(message, connection)),
    ...hiddenRecords(connection).map(recordEvent),
    ...alerts.map(alertEvent),
    ...fins.map((fin) => tcpEvent('FIN', fin)),
    ...resets.map((reset) => tcpEvent(`reset (TTL ${reset.ttl})`, reset)),
  ];
  return events.sort((a, b) => millisecondsBetween(b.at, a.at));
}

function preambleEvents({ preamble, transport, clientHello }: Connection): Event[] {
  if (preamble === null) return [];
  const detail = preamble.target === null ? preamble.kind : `${preamble.kind} to ${preamble.target}`;
  return [transport.client.firstData, transport.server.firstData]
    .filter((sighting) => sighting !== null)
    .filter(({ at }) => clientHello === null || millisecondsBetween(at, clientHello.at) > 0)
    .map((sighting) => ({ ...sighting, label: 'before TLS', detail, kind: 'tcp' }));
}

function messageEvent(message: HandshakeMessage, connection: Connection): Event {
  const label = message.encrypted ? 'encrypted handshake message' : camel(message.type);
  return { ...message, label, detail: detailOf(message, connection), kind: message.encrypted ? 'hidden' : 'handshake' };
}

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
function hiddenRecords({ encryptedRecords, alerts }: Connection): EncryptedRecord[] {
  const isAlert = (record: EncryptedRecord): boolean =>
    alerts.some(({ inferred, frame, from }) => inferred && frame === record.frame && from === record.from);
  return encryptedRecords.filter(
    (record) => record.contentType !== 'handshake' && record.contentType !== 'alert' && !isAlert(record),
  );
}

function recordEvent(record: EncryptedRecord): Event {
  const label = record.contentType === 'change_cipher_spec' ? 'ChangeCipherSpec' : 'encrypted record';
  const detail = record.contentType === 'change_cipher_spec' ? null : count(record.length, 'byte');
  return { ...record, label, detail, kind: 'hidden' };
}

function alertEvent(alert: Alert): Event {
  const { level, name, code } = alert;
  const label = alert.encrypted
    ? `encrypted alert${alert.inferred ? ' (by its size)' : ''}`
    : `${level ?? ''} alert ${name ?? ''} (${code ?? ''})`;
  return { ...alert, label, detail: null, kind: 'alert' };
}

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

/** The frame that ended the handshake: the alert that is cited, or else any; the last one cited; the reset or FIN. */
function failureOf(
  frames: readonly Frame[],
  { ending }: Connection,
  isCited: (frame: Frame) => boolean,
): Frame | undefined {
  const isAlert = ({ items }: Frame): boolean =>
    items.some(({ kind, label }) => kind === 'alert' && !label.startsWith('warning'));
  const isEnd = ({ items }: Frame): boolean => items.some(({ label }) => label === 'FIN' || label.startsWith('reset'));
  return (
    frames.find((frame) => isAlert(frame) && isCited(frame)) ??
    frames.findLast((frame) => isEnd(frame) && isCited(frame)) ??
    frames.find(isAlert) ??
    (ending.how === 'timeout' ? undefined : (frames.findLast(isCited) ?? frames.find(isEnd)))
  );
}

/** Indexes of the frames to show. */
function keptOf(frames: readonly Frame[], most: number, isWanted: (frame: Frame) => boolean): number[] {
  const all = frames.map((_, index) => index);
  if (frames.length <= most) return all;
  const wanted = all.filter((index) => isWanted(frames[index] as Frame)).slice(0, most);
  const kept = new Set(wanted);
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
