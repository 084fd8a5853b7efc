import { formatTimestamp } from '../../capture/timestamp.js';
import type { Alert, Connection, EncryptedRecord, HandshakeMessage, KeyFacts } from '../../connection/connection.js';
import type { DiagnosedConnection } from '../../diagnose/finding.js';
import { diagnosisId } from '../../diagnose/group.js';
import type { Observation } from '../../diagnose/observed.js';
import { memoize } from '../../memoize.js';
import type { OtherAnswer, ServerLookup } from '../../names/lookups.js';
import type { Preamble } from '../../preamble/preamble.js';
import type { PreambleState } from '../../preamble/protocol.js';
import type { Certificate } from '../../x509/certificate.js';
import { showUnprintable } from '../escape.js';
import type { Violation } from '../../tls/conformance.js';
import { faultOf, observationOf } from '../words.js';
import { jsonNotice, sighting } from './common.js';
import type {
  JsonViolation,
  JsonCertificate,
  JsonClientHello,
  JsonConnection,
  JsonKeys,
  JsonLookup,
  JsonMessage,
  JsonOtherAnswer,
  JsonPreamble,
} from './contract.js';
import { jsonCandidate, jsonFinding } from './diagnosis.js';
import { connectionLayout, noteLayout, observedLayout, verdictLayout } from './layouts.js';
import { jsonPath } from './path.js';
import { jsonEap, jsonQuic, jsonTcp, jsonUdp } from './transport.js';

function jsonLookup({ before, since, ...lookup }: ServerLookup): JsonLookup {
  const other = (answer: OtherAnswer | null): JsonOtherAnswer | null =>
    answer && { ...answer, at: formatTimestamp(answer.at) };
  return { ...lookup, at: formatTimestamp(lookup.at), before: other(before), since: other(since) };
}

const ANSWERS: Readonly<Record<PreambleState, JsonPreamble['answer']>> = {
  'not-offered': 'none',
  masked: 'none',
  offered: 'none',
  requested: 'none',
  accepted: 'accepted',
  announced: 'accepted',
  refused: 'refused',
  declined: 'refused',
};

function jsonPreamble(preamble: Preamble | null): JsonPreamble | null {
  return (
    preamble && {
      kind: preamble.kind,
      target: preamble.target,
      originalClient: preamble.originalClient,
      answer: ANSWERS[preamble.state],
      reply: preamble.reply,
      state: preamble.state,
      steps: preamble.steps.map((one) => ({ ...one, at: formatTimestamp(one.at) })),
      next: jsonPreamble(preamble.next),
    }
  );
}

/** A diagnosed connection as the JSON contract has it. @public The plain version of fast-path/connection-text.ts. */
export function jsonConnection(diagnosed: DiagnosedConnection): JsonConnection {
  const { connection, observed, findings, differential } = diagnosed;
  const drawn = findings.map((finding) => ({ finding, json: jsonFinding(finding) }));
  return connectionLayout({
    facts: jsonFacts(diagnosed),
    verdict: verdictLayout({
      observed:
        observed === null
          ? undefined
          : observedLayout({ said: jsonObservation(observed), frames: observed.sightings.map(({ frame }) => frame) }),
      findings: drawn.map(({ json }) => json),
      differential: observed === null ? undefined : differential.map((candidate) => jsonCandidate(candidate, drawn)),
      result: jsonResult(diagnosed),
    }),
    notes: connection.notes.map(({ capture, frame, ...note }) =>
      noteLayout({ said: jsonNotice(note), capture, frame }),
    ),
    path: connection.path && jsonPath(connection.path),
  });
}

/**
 * The members before `observed`. Absent members are undefined, which JSON omits: to spread them in only if present
 * (`...(capture === undefined ? {} : { capture })`) takes as long as all the rest.
 */
export function jsonFacts({
  connection,
  lookup,
}: DiagnosedConnection): Omit<
  JsonConnection,
  'observed' | 'findings' | 'differential' | keyof JsonResult | 'notes' | 'path'
> {
  const { transport } = connection;
  return {
    id: connection.id,
    capture: connection.capture,
    transport: connection.transport.kind,
    protocol: connection.protocol,
    client: endpoint(connection.client),
    server: endpoint(connection.server),
    firstFrame: connection.firstFrame,
    lastFrame: connection.lastFrame,
    lastCapture: connection.lastCapture,
    startedAt: formatTimestamp(connection.startedAt),
    endedAt: formatTimestamp(connection.endedAt),
    lookup: lookup === null ? undefined : jsonLookup(lookup),
    preamble: jsonPreamble(connection.preamble),
    outcome: connection.outcome,
    phase: connection.phase,
    clientHello: jsonClientHello(connection),
    serverHello: jsonServerHello(connection),
    helloRetryRequest: jsonHelloRetryRequest(connection),
    certificateRequest: jsonCertificateRequest(connection),
    certificateStatus: jsonCertificateStatus(connection),
    serverCertificates: connection.serverCertificates.map(jsonCertificate),
    clientCertificates: connection.clientCertificates.map(jsonCertificate),
    // QUIC has no alerts of its own: its closes say which alert they stand for.
    alerts: connection.protocol === 'quic' ? [] : connection.alerts.map(jsonAlert),
    messages: connection.messages.filter(({ isBehindGap }) => !isBehindGap).map(jsonMessage),
    messagesBehindGaps: connection.messages.filter(({ isBehindGap }) => isBehindGap).map(jsonMessage),
    encryptedRecords: connection.encryptedRecords.map(jsonRecord),
    violations: connection.violations.map(jsonViolation),
    keys: connection.keys === null ? undefined : jsonKeys(connection.keys),
    tcp: transport.kind === 'tcp' ? jsonTcp(transport) : null,
    udp: transport.kind === 'udp' ? jsonUdp(transport) : undefined,
    dtls: connection.dtls ?? undefined,
    quic: connection.quic === null ? undefined : jsonQuic(connection.quic),
    eap: jsonEap(connection),
    close: jsonClose(connection),
    timing: {
      tcpConnectMs: milliseconds(connection.timing.tcpConnectMs),
      serverHelloMs: milliseconds(connection.timing.serverHelloMs),
      handshakeMs: milliseconds(connection.timing.handshakeMs),
    },
  };
}

type JsonResult = Pick<JsonConnection, 'comparisons' | 'rule' | 'diagnosis' | 'diagnosisId'>;

/** The members between `findings` and `notes`. */
export function jsonResult({ connection, cause, comparisons }: DiagnosedConnection): JsonResult {
  return {
    comparisons,
    rule: cause?.rule.id ?? null,
    diagnosis: cause?.rule.id ?? null,
    diagnosisId: cause && diagnosisId(cause, connection),
  };
}

export function jsonObservation(observed: Observation): Omit<NonNullable<JsonConnection['observed']>, 'frames'> {
  return { text: observationOf(observed, showUnprintable), messageId: observed.id, data: observed.data };
}

/** TCP's words for how a connection ended, whatever carries it. */
const HOW = { close: 'fin', reset: 'rst', timeout: 'timeout', none: 'none' } as const;

function endpoint({ address, port }: Connection['client']): Connection['client'] {
  return { address, port };
}

/** The ClientHello, or the captured part of one. */
function jsonClientHello({ clientHello, partialClientHello }: Connection): JsonClientHello | null {
  const hello = clientHello ?? partialClientHello;
  const complete = clientHello !== null;
  return (
    hello && {
      complete,
      capture: hello.capture,
      frame: hello.frame,
      at: formatTimestamp(hello.at),
      recordVersion: hello.recordVersion,
      legacyVersion: hello.legacyVersion,
      supportedVersions: hello.supportedVersions,
      random: hello.random,
      sessionIdLength: hello.sessionIdLength,
      serverName: hello.serverName,
      cipherSuites: hello.cipherSuites,
      compressionMethods: hello.compressionMethods,
      extensions: hello.extensions,
      supportedGroups: hello.supportedGroups,
      keyShareGroups: hello.keyShareGroups,
      signatureSchemes: hello.signatureSchemes,
      alpn: hello.alpn,
      pskOffered: hello.pskOffered,
      earlyData: hello.earlyData,
      ja3: complete ? hello.ja3 : null,
      ja4: complete ? hello.ja4 : null,
    }
  );
}

function jsonServerHello({ serverHello }: Connection): JsonConnection['serverHello'] {
  return (
    serverHello && {
      capture: serverHello.capture,
      frame: serverHello.frame,
      at: formatTimestamp(serverHello.at),
      version: serverHello.version,
      random: serverHello.random,
      cipherSuite: serverHello.cipherSuite,
      extensions: serverHello.extensions,
      group: serverHello.group,
      dhBits: serverHello.dhBits,
      signatureScheme: serverHello.signatureScheme,
      alpn: serverHello.alpn,
      ja3s: serverHello.ja3s,
      resumed: serverHello.resumed,
    }
  );
}

function jsonHelloRetryRequest({ helloRetryRequest }: Connection): JsonConnection['helloRetryRequest'] {
  return (
    helloRetryRequest && {
      capture: helloRetryRequest.capture,
      frame: helloRetryRequest.frame,
      at: formatTimestamp(helloRetryRequest.at),
      version: helloRetryRequest.version,
      cipherSuite: helloRetryRequest.cipherSuite,
      extensions: helloRetryRequest.extensions,
      group: helloRetryRequest.group,
    }
  );
}

function jsonCertificateRequest({ certificateRequest }: Connection): JsonConnection['certificateRequest'] {
  return (
    certificateRequest && {
      capture: certificateRequest.capture,
      frame: certificateRequest.frame,
      at: formatTimestamp(certificateRequest.at),
      certificateTypes: certificateRequest.certificateTypes,
      signatureSchemes: certificateRequest.signatureSchemes,
      certificateAuthorities: certificateRequest.certificateAuthorities,
    }
  );
}

function jsonCertificateStatus({ certificateStatus }: Connection): JsonConnection['certificateStatus'] {
  return (
    certificateStatus && {
      capture: certificateStatus.capture,
      frame: certificateStatus.frame,
      at: formatTimestamp(certificateStatus.at),
      responseLength: certificateStatus.responseLength,
    }
  );
}

function jsonAlert(alert: Alert): JsonConnection['alerts'][number] {
  return {
    capture: alert.capture,
    frame: alert.frame,
    at: formatTimestamp(alert.at),
    from: alert.from,
    level: alert.level,
    code: alert.code,
    name: alert.name,
    encrypted: alert.encrypted,
    decrypted: alert.decrypted,
    inferred: alert.inferred,
  };
}

function jsonClose({ ending }: Connection): JsonConnection['close'] {
  return {
    by: ending.by,
    how: HOW[ending.how],
    capture: ending.capture,
    frame: ending.frame,
    at: ending.at && formatTimestamp(ending.at),
  };
}

function jsonKeys({ opened, altered, unreadable }: KeyFacts): JsonKeys {
  return { opened, altered: altered && sighting(altered), unreadable };
}

function jsonMessage(message: HandshakeMessage): JsonMessage {
  const { capture, frame, at, from, type, length, encrypted, decrypted, epoch, level } = message;
  return { capture, frame, at: formatTimestamp(at), from, type, length, encrypted, decrypted, epoch, level };
}

function jsonRecord(record: EncryptedRecord): JsonConnection['encryptedRecords'][number] {
  const { capture, frame, at, from, contentType, length, decrypted, epoch } = record;
  return { capture, frame, at: formatTimestamp(at), from, contentType, length, decrypted, epoch };
}

// Differences of times carry the noise of binary fractions: 0.30000000000000004 ms. No capture is finer than
// nanoseconds.
function milliseconds(duration: number | null): number | null {
  return duration === null ? null : Math.round(duration * 1e6) / 1e6;
}

function jsonViolation(violation: Violation): JsonViolation {
  const at = formatTimestamp(violation.at);
  return violation.kind === 'malformed-message'
    ? { ...violation, at, reason: faultOf(violation.reason) }
    : { ...violation, at };
}

/** Many connections show the same certificates. */
const jsonCertificate = memoize(certificateFacts);

function certificateFacts(certificate: Certificate): JsonCertificate {
  const parsed = certificate.error === null;
  const known = <T>(value: T): T | null => (parsed ? value : null);
  return {
    sha256: certificate.sha256,
    error: certificate.error && faultOf(certificate.error),
    subject: known(certificate.subject),
    issuer: known(certificate.issuer),
    serialNumber: known(certificate.serialNumber),
    notBefore: known(certificate.notBefore),
    notAfter: known(certificate.notAfter),
    subjectAltNames: known({ dns: certificate.subjectAltNames.dns, ip: certificate.subjectAltNames.ip }),
    keyType: known(certificate.keyType),
    keyBits: known(certificate.keyBits),
    signatureAlgorithm: known(certificate.signatureAlgorithm),
    isCa: known(certificate.isCa),
    keyUsage: known(certificate.keyUsage),
    extendedKeyUsage: known(certificate.extendedKeyUsage),
    subjectKeyIdentifier: known(certificate.subjectKeyIdentifier),
    authorityKeyIdentifier: known(certificate.authorityKeyIdentifier),
    caIssuers: known(certificate.caIssuers),
  };
}
