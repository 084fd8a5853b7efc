import type { RecordProtection } from '../../tls/record/sizes.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Alert, Connection, EncryptedRecord, HandshakeMessage, Side } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { endpointText } from '../../connection/endpoint.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import { judgeConstraints, type ConstraintProblem } from '../../x509/constraints.js';
import type { Evidence } from '../rule.js';
import { alertEvidence, closeEvidence } from './citations.js';
import { withoutGreaseAndSignals } from './offers.js';
import { memoizeLast, memoize } from '../../memoize.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';

// Questions about a connection that several rules ask.

const VERSION_ORDER = ['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'];

/** Orders versions by age; a draft of TLS 1.3 counts as TLS 1.3. */
export function versionRank(version: string): number {
  const rank = VERSION_ORDER.indexOf(version);
  return rank >= 0 ? rank : VERSION_ORDER.length - 1;
}

/** The newest version that the client offers, or null without a ClientHello. */
export function newestOffered({ clientHello }: Connection): string | null {
  return clientHello === null ? null : newestOf(clientHello.supportedVersions);
}

const newestOf = memoize((versions: readonly string[]): string | null =>
  withoutGreaseAndSignals(versions).reduce<string | null>(
    (a, b) => (a !== null && versionRank(a) >= versionRank(b) ? a : b),
    null,
  ),
);

/** What the client offers without GREASE and the signalling suites, which are no suites. */
export function offeredCipherSuites({ clientHello }: Connection): readonly string[] {
  return clientHello === null ? [] : withoutGreaseAndSignals(clientHello.cipherSuites);
}

/** Suites that current peers refuse: no or broken encryption, no authentication, export strength (RFC 9325 §4.1, §4.2). */
const OBSOLETE_SUITES = /NULL|EXPORT|anon|RC4|RC2|_DES_|_DES40|3DES|IDEA|SEED|_MD5$/i;

export function isObsoleteSuite(suite: string): boolean {
  return OBSOLETE_SUITES.test(suite);
}

/**
 * The alerts that say something. One that a side sends after the other has closed the connection only echoes that end:
 * OpenSSL complains of a decode_error then, Java of a handshake_failure.
 */
export const meantAlerts = memoizeLast((connection: Connection): readonly Alert[] => {
  const { alerts } = connection;
  const fins = overTcp(connection)?.fins ?? [];
  const isEcho = (alert: Alert): boolean => fins.some(({ from, frame }) => from !== alert.from && frame < alert.frame);
  return alerts.some(isEcho) ? alerts.filter((alert) => !isEcho(alert)) : alerts;
});

/** The first visible fatal alert that says something, from that side if one is given. */
export function fatalAlert(connection: Connection, from?: Side): Alert | undefined {
  return fatalAlerts(connection)[from ?? 'either'];
}

const fatalAlerts = memoizeLast((connection: Connection): FatalAlerts => {
  const alerts = meantAlerts(connection);
  const either = alerts.find(isFatal);
  if (either === undefined) return NO_ALERTS;
  return {
    either,
    client: alerts.find((alert) => alert.from === 'client' && isFatal(alert)),
    server: alerts.find((alert) => alert.from === 'server' && isFatal(alert)),
  };
});

const isFatal = ({ level }: Alert): boolean => level === 'fatal';

type FatalAlerts = Readonly<Record<Side | 'either', Alert | undefined>>;
const NO_ALERTS: FatalAlerts = { either: undefined, client: undefined, server: undefined };

/**
 * The alert that ended the handshake, fatal or not, visible or not; after other warnings it goes on. A client that got no
 * answer refuses none.
 */
export function endingAlert(connection: Connection): Alert | undefined {
  return (
    fatalAlert(connection) ??
    meantAlerts(connection).find(
      ({ from, encrypted, name }) =>
        encrypted ||
        ((name === 'close_notify' || name === 'user_canceled') && (from === 'server' || hasServerAnswered(connection))),
    )
  );
}

/**
 * Whether the client closed the connection upon the server's first flight, without a word: it did not like what it saw there.
 * Programs that carry TLS through buffers of their own, as Node.js does, lose the alert.
 */
export const closedWithoutAlert = memoizeLast((connection: Connection): boolean => {
  const { outcome, ending, serverHello, messages } = connection;
  return (
    outcome === 'failed' &&
    serverHello !== null &&
    ending.by === 'client' &&
    meantAlerts(connection).length === 0 &&
    !messages.some(({ from, type }) => from === 'client' && type !== 'client_hello')
  );
});

/** By what the client refused the server's choice, to follow "refused it". */
export function howClientEnded(alert: Alert | undefined): string {
  return alert === undefined ? ' by closing the connection' : ` with alert ${alertText(alert)}`;
}

/** Whether a side has ended the handshake by an alert, visible or not. */
export function hasFatalAlert(connection: Connection): boolean {
  return meantAlerts(connection).some(({ level, encrypted }) => level === 'fatal' || encrypted);
}

/** Whether the server has said anything of TLS but alerts. */
export function hasServerAnswered({ serverHello, helloRetryRequest, messages }: Connection): boolean {
  return serverHello !== null || helloRetryRequest !== null || messages.some(({ from }) => from === 'server');
}

/** The server's fatal alert in answer to the ClientHello: it has not even chosen parameters. */
export function helloRejection(connection: Connection): Alert | undefined {
  return connection.clientHello === null || hasServerAnswered(connection)
    ? undefined
    : fatalAlert(connection, 'server');
}

/** The first encrypted alert of a side that ended a handshake before it was complete. */
export function encryptedAlert(connection: Connection, from: Side): Alert | undefined {
  if (connection.outcome !== 'failed') return undefined;
  return meantAlerts(connection).find((alert) => alert.encrypted && alert.from === from);
}

/**
 * A side's encrypted records that can be handshake messages or data: TLS 1.3 gives all of them one content type.
 */
export function encryptedDataRecords({ encryptedRecords }: Connection, from: Side): EncryptedRecord[] {
  return encryptedRecords.filter((record) => record.from === from && record.contentType === 'application_data');
}

/** What decides how long a connection's encrypted records are, for tls/record/sizes.ts. */
export function protectionOf({ serverHello }: Connection): RecordProtection {
  return { version: serverHello?.version ?? null, cipherSuite: serverHello?.cipherSuite ?? null };
}

/** The server's encrypted alert before the client has answered its flight: later ones are about what the client sent. */
export function encryptedRejection(connection: Connection): Alert | undefined {
  const alert = encryptedAlert(connection, 'server');
  const answer = encryptedDataRecords(connection, 'client')[0];
  return alert !== undefined && answer !== undefined && answer.frame < alert.frame ? undefined : alert;
}

/** A client that verifies after the handshake does so at once; in milliseconds, with room for a slow one. */
const LATE_MS = 2000;

/** Alerts by which a peer says that a certificate displeases it, and those that stacks send instead. */
const CERTIFICATE_ALERTS: ReadonlySet<string> = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
  'bad_certificate_status_response',
]);
const GENERIC_ALERTS: ReadonlySet<string> = new Set([
  'handshake_failure',
  'access_denied',
  'internal_error',
  'close_notify',
]);

/** Alerts that certificates lead to as well: by their signatures, their strength, or the use that they allow. */
const SOMETIMES: ReadonlySet<string> = new Set(['decrypt_error', 'insufficient_security', 'illegal_parameter']);

/** Alerts that name no certificate fault in particular. */
const UNSPECIFIC: ReadonlySet<string> = new Set(['bad_certificate', 'certificate_unknown', ...GENERIC_ALERTS]);

/** What checks the chain within the handshake, and says so by an alert. Programs may check the name later. */
const CHECKS_CHAINS_FIRST: ReadonlySet<Library> = new Set(['OpenSSL', 'JSSE', 'Go']);

/** How a side refused the certificate of the other. */
export interface Refusal {
  /**
   * `alert`: it said so, or said that something is wrong after it got the certificate. `hidden`: by an encrypted alert.
   * `close`: it went away in the middle of the handshake. `late`: it completed the handshake and left without a word.
   */
  readonly how: 'alert' | 'hidden' | 'close' | 'late';
  /** The alert's name, null when there is none to be seen. */
  readonly alert: string | null;
  readonly code: number | null;
  /** The alert is one about certificates. */
  readonly isExplicit: boolean;
  /**
   * It waited for the end of the handshake and said good-bye (close_notify) before it left, as those do that refuse
   * nothing; only with `late`, and not of NSS, which takes its leave of bad certificates in this way.
   */
  readonly isPolite: boolean;
  /**
   * Its library checks certificates during the handshake, or is not known for want of the ClientHello, so that it may have left
   * for any other reason; only with `late`.
   */
  readonly hasTakenChain: boolean;
  readonly evidence: readonly Evidence[];
}

/**
 * How the client refused the server's certificate, or undefined if it did not, as far as the capture shows.
 * Clients differ: most send an alert at once, curl checks the name and Node.js everything after the handshake.
 */
export const refusalByClient = memoizeLast((connection: Connection): Refusal | undefined => {
  const { serverHello, serverCertificates, outcome, ending, messages } = connection;
  const alert = fatalAlert(connection, 'client');
  const isHidden = serverCertificates.length === 0 && encryptedDataRecords(connection, 'server').length > 0;
  if (alert !== undefined && alert.name !== null) {
    // An alert about certificates is one even where the capture lacks the certificate.
    const isExplicit = CERTIFICATE_ALERTS.has(alert.name);
    const isPossible =
      (GENERIC_ALERTS.has(alert.name) || SOMETIMES.has(alert.name)) && (serverCertificates.length > 0 || isHidden);
    if (!isExplicit && !isPossible) return undefined;
    return {
      how: 'alert',
      alert: alert.name,
      code: alert.code,
      isExplicit,
      isPolite: false,
      hasTakenChain: false,
      evidence: alertEvidence(alert),
    };
  }
  if (serverHello === null || serverHello.resumed) return undefined;
  if (serverCertificates.length === 0 && !isHidden) return undefined;
  if (fatalAlert(connection, 'server') !== undefined) return undefined;
  // Before TLS 1.3, what a client encrypts comes after it has taken the certificate.
  const hidden = isHidden ? encryptedAlert(connection, 'client') : undefined;
  if (hidden !== undefined && encryptedAlert(connection, 'server') === undefined) {
    return {
      how: 'hidden',
      alert: null,
      code: null,
      isExplicit: false,
      isPolite: false,
      hasTakenChain: false,
      evidence: alertEvidence(hidden),
    };
  }
  // A client that leaves after the server has given up refuses nothing.
  if (isHidden && encryptedAlert(connection, 'server') !== undefined) return undefined;
  const goodbye = meantAlerts(connection).find(({ from, encrypted }) => from === 'client' && encrypted);
  if (ending.by !== 'client' && goodbye === undefined) return undefined;
  if (outcome === 'failed') {
    const hasGoneOn =
      messages.some(({ from, type }) => from === 'client' && type === 'client_key_exchange') ||
      encryptedDataRecords(connection, 'client').some(({ frame }) => frame > serverHello.frame);
    // Before the end of the server's flight, or long after it, a client does not refuse: its patience is at an end.
    const flight = messages.find(({ from, type }) => from === 'server' && type === 'server_hello_done');
    const isAtOnce = flight !== undefined && ending.at !== null && millisecondsBetween(flight.at, ending.at) <= LATE_MS;
    if (hasGoneOn || !(isHidden || isAtOnce)) return undefined;
    return {
      how: 'close',
      alert: null,
      code: null,
      isExplicit: false,
      isPolite: false,
      hasTakenChain: false,
      evidence: closeEvidence(connection),
    };
  }
  if (outcome !== 'established' || isHidden || encryptedDataRecords(connection, 'client').length > 0) return undefined;
  // Health checks end with a reset and without a word (HAProxy).
  if (ending.how === 'reset' && goodbye === undefined) return undefined;
  const isServers = ({ from, encrypted }: HandshakeMessage): boolean => from === 'server' && encrypted;
  // Browsers open connections ahead of need, and drop them much later.
  const library = connection.clientHello === null ? null : libraryOf(connection.clientHello);
  const isGoodbye = goodbye !== undefined && goodbye.frame > (messages.findLast(isServers)?.frame ?? 0);
  const finished = messages.at(-1);
  if (finished === undefined || millisecondsBetween(finished.at, connection.endedAt) > LATE_MS) return undefined;
  return {
    how: 'late',
    alert: null,
    code: null,
    isExplicit: false,
    isPolite: isGoodbye && library !== 'NSS',
    hasTakenChain: connection.clientHello === null || (library !== null && CHECKS_CHAINS_FIRST.has(library)),
    evidence: [...(goodbye === undefined ? [] : alertEvidence(goodbye)), ...closeEvidence(connection)],
  };
});

/** How the server refused the client's certificate, or undefined if it did not, as far as the capture shows. */
export const refusalByServer = memoizeLast((connection: Connection): Refusal | undefined => {
  const { messages, outcome, ending } = connection;
  const sent = messages.find(({ from, type }) => from === 'client' && type === 'certificate');
  const isTls13 = connection.serverHello?.version === 'TLS 1.3';
  const wordless = { alert: null, code: null, isExplicit: false, isPolite: false, hasTakenChain: false };
  const said = meantAlerts(connection).filter(
    ({ from, level, name }) => from === 'server' && level === 'fatal' && name,
  );
  const first = said[0];
  if (first !== undefined) {
    // GnuTLS says first that it denies access, then why.
    const alert = said.find(({ name }) => isAboutCertificate(name)) ?? first;
    // What a server says of certificates is about the client's, even where the capture lacks it.
    if (sent === undefined && !isAboutCertificate(alert.name)) return undefined;
    if (sent !== undefined && first.frame < sent.frame) return undefined;
    return {
      how: 'alert',
      alert: alert.name,
      code: alert.code,
      isExplicit: isAboutCertificate(alert.name),
      isPolite: false,
      hasTakenChain: false,
      evidence: said.flatMap(alertEvidence),
    };
  }
  if (sent === undefined && !isTls13) return undefined;
  if (encryptedAlert(connection, 'server') !== undefined) {
    const hidden = meantAlerts(connection).filter(({ from, encrypted }) => from === 'server' && encrypted);
    return { how: 'hidden', ...wordless, evidence: hidden.flatMap(alertEvidence) };
  }
  if (ending.by !== 'server') return undefined;
  if (sent !== undefined && outcome === 'failed') {
    return { how: 'close', ...wordless, evidence: closeEvidence(connection) };
  }
  return isTls13 && isClosedOnFlight(connection)
    ? { how: 'late', ...wordless, evidence: closeEvidence(connection) }
    : undefined;
});

const isAboutCertificate = (name: string | null): boolean =>
  name !== null && (CERTIFICATE_ALERTS.has(name) || name === 'certificate_required');

/**
 * Whether a TLS 1.3 server closed the connection on the client's second flight, without a word: no ticket, no data, no
 * good-bye. Node.js refuses client certificates so, once the handshake is complete.
 */
function isClosedOnFlight(connection: Connection): boolean {
  const { outcome, ending, encryptedRecords, serverHello } = connection;
  const flight = encryptedDataRecords(connection, 'client')[0];
  if (outcome !== 'established' || serverHello?.resumed !== false || flight === undefined) return false;
  if (ending.at === null || millisecondsBetween(flight.at, ending.at) > LATE_MS) return false;
  return !encryptedRecords.some(({ from, frame }) => from === 'server' && frame > flight.frame);
}

/**
 * How well a refusal fits a fault that is in view: `certain` when the alert is the one for it, `likely` when it can
 * mean that, undefined when the alert names another fault.
 *
 * Whether a chain is trusted lies with the client: there an alert that is not about certificates, or a client that leaves
 * politely, is no sign. Nor is a client that leaves late, if its library has checked the certificate before; only the name
 * is often left to the program.
 */
export function fits(
  refusal: Refusal,
  names: readonly string[],
  fault: 'trust' | 'certificate' | 'name',
): 'certain' | 'likely' | undefined {
  const { how, alert, isExplicit, isPolite, hasTakenChain } = refusal;
  if (alert !== null && names.includes(alert)) return 'certain';
  if (alert !== null && !UNSPECIFIC.has(alert)) return undefined;
  if (fault === 'trust' && (isPolite || (how === 'alert' && !isExplicit))) return undefined;
  return fault !== 'name' && hasTakenChain ? undefined : 'likely';
}

/** Whether the path that was found from the leaf of a chain on goes through a certificate. */
export function isOnPath({ path }: ChainVerdict, { sha256 }: Certificate): boolean {
  return path.some(({ certificate }) => certificate.sha256 === sha256);
}

/** What is wrong with the path that was found from a server's leaf on, dates apart. */
export const problemsOf = memoize((path: ChainVerdict['path']): readonly ConstraintProblem[] =>
  judgeConstraints(path, { purpose: 'server' }),
);

/** An alert as people search for it: `handshake_failure (40)`. */
export function alertText({ name, code }: Pick<Alert, 'name' | 'code'>): string {
  return `${name ?? 'unknown'} (${code ?? '?'})`;
}

/** The two sides of an alert, for messages: who sent it, and the other one. */
export function sidesOf(
  connection: Connection,
  { from }: Alert,
): { readonly from: Side; readonly address: string; readonly peer: Side; readonly peerAddress: string } {
  const peer = from === 'client' ? 'server' : 'client';
  return { from, address: connection[from].address, peer, peerAddress: connection[peer].address };
}

/** How often: `once`, `twice`, `3 times`. */
export function times(count: number): string {
  return ['never', 'once', 'twice'][count] ?? `${count} times`;
}

/** By what a side refused, to follow "refused it". */
export function howRefused({ how, alert, code }: Refusal): string {
  switch (how) {
    case 'alert':
      return ` with alert ${alertText({ name: alert, code })}`;
    case 'hidden':
      return ' with an encrypted alert';
    case 'close':
      return ' by closing the connection';
    case 'late':
      return ' by closing the connection as soon as the handshake was complete';
  }
}

/** Why a certificate cannot be looked at, as a clause. */
export function whyUnseen({ serverHello }: Connection): string {
  return serverHello?.version === 'TLS 1.3' ? 'TLS 1.3 hides the certificate' : 'the capture lacks the certificate';
}

const MINUTE = 60_000;

/** A span of time in words: `3 days`, `25 minutes`, `3.0 seconds`, `40 ms`; the largest unit that fits twice, rounded down. */
export function duration(milliseconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [365 * 24 * 60 * MINUTE, 'years'],
    [24 * 60 * MINUTE, 'days'],
    [60 * MINUTE, 'hours'],
    [MINUTE, 'minutes'],
  ];
  for (const [length, name] of units) {
    const count = Math.floor(milliseconds / length);
    if (count >= 2) return `${count} ${name}`;
  }
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} seconds`;
}

/** The address and port of the server: its key in tables, and what `openssl s_client -connect` takes. */
export const connectTo = memoizeLast(({ server }: Connection): string => endpointText(server));

/** The words by which `openssl s_client` asks for what the client asked for: a name or none, `NAME` if it is not known. */
export function sniOption({ clientHello }: Connection): readonly string[] {
  if (clientHello === null) return ['-servername', 'NAME'];
  return clientHello.serverName === null ? ['-noservername'] : ['-servername', clientHello.serverName];
}

/** What remedies and their commands name: the client's address, the server's, and how to ask it for what the client asked. */
export const placesOf = memoizeLast(
  (connection: Connection): { readonly client: string; readonly connect: string; readonly sni: readonly string[] } => ({
    client: connection.client.address,
    connect: connectTo(connection),
    sni: sniOption(connection),
  }),
);

/**
 * The last visible handshake message of the other side before an alert: what the alert is most likely about. Undefined where
 * the capture lacks bytes of that side, which may be what it is about.
 */
export function answeredMessage({ messages, transport }: Connection, alert: Alert): HandshakeMessage | undefined {
  if (transport[alert.from === 'client' ? 'server' : 'client'].missing > 0) return undefined;
  return messages.filter(({ from, frame }) => from !== alert.from && frame <= alert.frame).at(-1);
}

/** The first of many, and how many more there are. */
export function someOf(values: readonly string[]): readonly string[] {
  const most = 5;
  return values.length <= most + 1 ? values : [...values.slice(0, most), `and ${values.length - most} more`];
}

/** Milliseconds from the ClientHello until somebody closed the connection, or until its last packet. */
export function waited({ clientHello, ending, endedAt }: Connection): number {
  return clientHello === null ? 0 : millisecondsBetween(clientHello.at, ending.at ?? endedAt);
}
