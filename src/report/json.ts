import { formatTimestamp } from '../capture/timestamp.js';
import type {
  Connection,
  EapSide,
  EncryptedRecord,
  HandshakeMessage,
  KeyFacts,
  PathDifference,
  PathFacts,
  Sighting,
  TcpFacts,
  TcpSide,
  IcmpError,
  QuicFacts,
  UdpFacts,
  UdpSide,
} from '../connection/connection.js';
import { overEap } from '../connection/connection.js';
import type { CaptureWarning } from '../capture/frame.js';
import type { CaptureSummary } from '../capture/open.js';
import type { Retries } from '../diagnose/evidence/attempts.js';
import type { Timeline, Success, Successes } from '../diagnose/evidence/timeline.js';
import { diagnosisId } from '../diagnose/group.js';
import type { Results } from '../diagnose/results.js';
import type { Candidate, DiagnosedConnection, Diagnosis, Finding } from '../diagnose/finding.js';
import type { Notice } from '../notices.js';
import type { Rule } from '../diagnose/rule.js';
import type { Evidence } from '../diagnose/verdict.js';
import type { OtherAnswer, ServerLookup } from '../names/lookups.js';
import type { NameResults } from '../names/results.js';
import type { Preamble, PreambleState } from '../preamble/preamble.js';
import type { Certificate } from '../x509/certificate.js';
import { createFaults, type Faults } from '../fault.js';
import { faultWarnings } from '../connection/warnings.js';
import { escapeJson, showUnprintable } from './escape.js';
import type { ReportOptions, ReportWriter } from './format.js';
import { generator } from './generator.js';
import type {
  JsonCandidate,
  JsonCapture,
  JsonCertificate,
  JsonClientHello,
  JsonConclusion,
  JsonConnection,
  JsonCourse,
  JsonDiagnosis,
  JsonEvidence,
  JsonFinding,
  JsonKeys,
  JsonLookup,
  JsonMessage,
  JsonNames,
  JsonNotice,
  JsonOtherAnswer,
  JsonPath,
  JsonPathDifference,
  JsonPathPoint,
  JsonPreamble,
  JsonQuic,
  JsonRemedy,
  JsonRetries,
  JsonSaid,
  JsonSighting,
  JsonSuccesses,
  JsonTcp,
  JsonTcpSide,
  JsonUdp,
  JsonUdpSide,
  JsonEap,
  JsonEapSide,
  JsonIcmpError,
} from './json-contract.js';
import { memoize } from '../memoize.js';
import { UTC } from './time-zone.js';
import {
  actionOf,
  commandOf,
  endFactOf,
  exclusionOf,
  explanationOf,
  factOf,
  noticeOf,
  observationOf,
  valuesOf,
  type MessageKind,
} from './words.js';

/**
 * The JSON report: its connections as they are settled, then all else. Each connection, capture and diagnosis is a line
 * of its own: to grep and to compare.
 */
export function createJsonWriter(options: Pick<ReportOptions, 'only' | 'selection'>): ReportWriter {
  let isOpen = false;
  const separator = (): string => {
    const text = isOpen ? ',\n' : '{\n"connections": [\n';
    isOpen = true;
    return text;
  };
  const faults = createFaults();
  return {
    connection: (connection) => {
      const text = isListed(connection, options) ? connectionLine(connection, faults) : '';
      return text === '' ? '' : separator() + text;
    },
    *end(results) {
      yield isOpen ? '\n]' : '{\n"connections": []';
      for (const [key, value] of Object.entries(jsonConclusion(results, options, faults))) {
        yield `,\n${line(key)}: `;
        if (Array.isArray(value)) yield* list(value);
        else yield line(value);
      }
      yield '\n}\n';
    },
  };
}

/** Whether `--only` wants the connection in the report's list. */
export function isListed({ connection }: DiagnosedConnection, { only }: Pick<ReportOptions, 'only'>): boolean {
  return only === 'all' || connection.outcome === 'failed';
}

/** A connection as JSON in one line; empty, which is noted, where it cannot be drawn by a fault of this program. */
export function connectionLine(connection: DiagnosedConnection, faults: Faults): string {
  return faults.attempt('report', connection.connection.firstFrame, () => line(jsonConnection(connection)), '');
}

/** A value as JSON in one line that is inert in a terminal. */
export function line(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

function* list(items: Iterable<unknown>): Iterable<string> {
  let separator = '\n';
  yield '[';
  for (const item of items) {
    yield separator + line(item);
    separator = ',\n';
  }
  yield separator === '\n' ? ']' : '\n]';
}

/** The report without its connections. */
export function jsonConclusion(
  { captures, summary, unread, keys, diagnoses, risks, path, unreadLines, whatIf, baseline, names }: Results,
  { only, selection }: Pick<ReportOptions, 'only' | 'selection'>,
  faults: Faults,
): JsonConclusion {
  const drawn = (each: Diagnosis): JsonDiagnosis[] =>
    faults.attempt('report', each.example.connection.firstFrame, () => [jsonDiagnosis(each, baseline)], []);
  const [causes, holding] = [diagnoses.flatMap(drawn), risks.flatMap(drawn)];
  const { connections, established, failed, incomplete, notTls } = summary;
  const { since, until, diagnoses: rules, ...criteria } = selection;
  const timeZone = (since ?? until ?? { zone: UTC }).zone.name;
  return {
    schemaVersion: 2,
    generator,
    selection: {
      only,
      ...criteria,
      rules,
      since: since?.text ?? null,
      until: until?.text ?? null,
      timeZone: timeZone === UTC.name ? undefined : timeZone,
    },
    captures: captures.map((capture, index) => jsonCapture(capture, index === 0 ? faultWarnings(faults) : [])),
    summary: {
      connections,
      established,
      failed,
      incomplete,
      notTls,
      unread: unread.length === 0 ? undefined : unread,
    },
    ...(keys === null ? {} : { keys }),
    ...(unreadLines === undefined ? {} : { unreadLines }),
    ...(whatIf === undefined ? {} : { whatIf }),
    ...(baseline === undefined ? {} : { baseline: { newFailures: baseline.newFailures, gone: baseline.gone } }),
    ...(names.addresses.length + names.unresolved.length === 0 ? {} : { names: jsonNames(names) }),
    ...(path === undefined ? {} : { path }),
    diagnoses: causes,
    risks: holding,
  };
}

function jsonNames({ addresses, unresolved }: NameResults): JsonNames {
  return { addresses, unresolved: unresolved.map((one) => ({ ...one, at: formatTimestamp(one.at) })) };
}

function jsonLookup({ before, since, ...lookup }: ServerLookup): JsonLookup {
  const other = (answer: OtherAnswer | null): JsonOtherAnswer | null =>
    answer && { ...answer, at: formatTimestamp(answer.at) };
  return { ...lookup, at: formatTimestamp(lookup.at), before: other(before), since: other(since) };
}

function jsonCapture(capture: CaptureSummary, more: readonly CaptureWarning[]): JsonCapture {
  const { firstPacketAt, lastPacketAt } = capture;
  return {
    path: capture.path,
    format: capture.format,
    compression: capture.compression,
    packets: capture.packets,
    bytes: capture.bytes,
    truncatedPackets: capture.truncatedPackets,
    firstPacketAt: firstPacketAt && formatTimestamp(firstPacketAt),
    lastPacketAt: lastPacketAt && formatTimestamp(lastPacketAt),
    linkTypes: capture.linkTypes,
    warnings: [...capture.warnings, ...more].map(({ frame, byteOffset, ...warning }) => ({
      ...jsonNotice(warning),
      frame: frame ?? null,
      byteOffset: byteOffset ?? null,
    })),
  };
}

function jsonDiagnosis(diagnosis: Diagnosis, baseline: Results['baseline']): JsonDiagnosis {
  const { rule, finding } = diagnosis;
  return {
    rule: rule.id,
    id: diagnosis.id,
    title: rule.title,
    baseline: baseline && (baseline.known.has(diagnosis.id) ? 'known' : 'new'),
    severity: rule.severity,
    certainty: diagnosis.certainty,
    connections: diagnosis.connections,
    examples: diagnosis.examples,
    count: diagnosis.count,
    servers: diagnosis.servers,
    clients: diagnosis.clients,
    serverNames: diagnosis.serverNames,
    firstSeenAt: formatTimestamp(diagnosis.firstSeenAt),
    lastSeenAt: formatTimestamp(diagnosis.lastSeenAt),
    course: diagnosis.timeline && jsonCourse(diagnosis.timeline),
    retries: diagnosis.retries && jsonRetries(diagnosis.retries),
    places: (diagnosis.timeline?.places ?? []).map((place) => ({
      ...place,
      firstFailureAt: formatTimestamp(place.firstFailureAt),
      lastFailureAt: formatTimestamp(place.lastFailureAt),
    })),
    endings: diagnosis.endings.map(({ observed, count }) => ({
      text: observationOf(observed, showUnprintable),
      messageId: observed.id,
      data: observed.data,
      count,
    })),
    explanation: explanationOf(finding, showUnprintable),
    ...said(rule, 'explanations', finding.explanation),
    remedies: jsonRemedies(finding),
  };
}

function jsonCourse({ others, ...course }: Timeline): JsonCourse {
  return {
    change: course.change,
    before: jsonSuccesses(course.before),
    meanwhile: jsonSuccesses(course.meanwhile),
    after: jsonSuccesses(course.after),
    others: {
      before: jsonSuccesses(others.before),
      meanwhile: jsonSuccesses(others.meanwhile),
      after: jsonSuccesses(others.after),
    },
    otherOffers: jsonSuccesses(course.otherOffers),
    otherNames: course.otherNames,
    elsewhere: course.elsewhere,
  };
}

function jsonSuccesses({ count, clients, first, last }: Successes): JsonSuccesses {
  return { count, clients, first: first && jsonSuccess(first), last: last && jsonSuccess(last) };
}

function jsonSuccess({ connection, client, at }: Success): NonNullable<JsonSuccesses['first']> {
  return { connection, client, at: formatTimestamp(at) };
}

function jsonRetries({ attempts, retried, succeeded, mended, example }: Retries): JsonRetries {
  return {
    attempts,
    retried,
    succeeded,
    mended,
    example: example && {
      client: example.client,
      succeeded: example.succeeded,
      count: example.count,
      tries: example.tries.map((each) => ({
        connection: each.connection,
        startedAt: formatTimestamp(each.startedAt),
        endedAt: formatTimestamp(each.endedAt),
        server: each.server,
        serverName: each.serverName,
        version: each.version,
        rule: each.diagnosis,
        changes: each.changes,
      })),
    },
  };
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

/**
 * A diagnosed connection as the JSON contract has it. What may be absent is undefined, which JSON leaves out: to spread it
 * in only where it is there (`...(capture === undefined ? {} : { capture })`) takes as long as all the rest.
 */
export function jsonConnection({
  connection,
  observed,
  findings,
  cause,
  differential,
  lookup,
  comparisons,
}: DiagnosedConnection): JsonConnection {
  const { serverHello, helloRetryRequest, certificateRequest, certificateStatus, transport, ending } = connection;
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
    serverHello: serverHello && {
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
    },
    helloRetryRequest: helloRetryRequest && {
      capture: helloRetryRequest.capture,
      frame: helloRetryRequest.frame,
      at: formatTimestamp(helloRetryRequest.at),
      version: helloRetryRequest.version,
      cipherSuite: helloRetryRequest.cipherSuite,
      extensions: helloRetryRequest.extensions,
      group: helloRetryRequest.group,
    },
    certificateRequest: certificateRequest && {
      capture: certificateRequest.capture,
      frame: certificateRequest.frame,
      at: formatTimestamp(certificateRequest.at),
      certificateTypes: certificateRequest.certificateTypes,
      signatureSchemes: certificateRequest.signatureSchemes,
      certificateAuthorities: certificateRequest.certificateAuthorities,
    },
    certificateStatus: certificateStatus && {
      capture: certificateStatus.capture,
      frame: certificateStatus.frame,
      at: formatTimestamp(certificateStatus.at),
      responseLength: certificateStatus.responseLength,
    },
    serverCertificates: connection.serverCertificates.map(jsonCertificate),
    clientCertificates: connection.clientCertificates.map(jsonCertificate),
    // QUIC has none: what its closes stand for is said with them.
    alerts: (connection.protocol === 'quic' ? [] : connection.alerts).map((alert) => ({
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
    })),
    messages: connection.messages.filter(({ isBehindGap }) => !isBehindGap).map(jsonMessage),
    messagesBehindGaps: connection.messages.filter(({ isBehindGap }) => isBehindGap).map(jsonMessage),
    encryptedRecords: connection.encryptedRecords.map(jsonRecord),
    violations: connection.violations.map((violation) => ({ ...violation, at: formatTimestamp(violation.at) })),
    keys: connection.keys === null ? undefined : jsonKeys(connection.keys),
    tcp: transport.kind === 'tcp' ? jsonTcp(transport) : null,
    udp: transport.kind === 'udp' ? jsonUdp(transport) : undefined,
    dtls: connection.dtls ?? undefined,
    quic: connection.quic === null ? undefined : jsonQuic(connection.quic),
    eap: jsonEap(connection),
    close: {
      by: ending.by,
      how: HOW[ending.how],
      capture: ending.capture,
      frame: ending.frame,
      at: ending.at && formatTimestamp(ending.at),
    },
    timing: {
      tcpConnectMs: milliseconds(connection.timing.tcpConnectMs),
      serverHelloMs: milliseconds(connection.timing.serverHelloMs),
      handshakeMs: milliseconds(connection.timing.handshakeMs),
    },
    observed:
      observed === null
        ? undefined
        : {
            text: observationOf(observed, showUnprintable),
            messageId: observed.id,
            data: observed.data,
            frames: observed.sightings.map(({ frame }) => frame),
          },
    findings: findings.map(jsonFinding),
    differential: observed === null ? undefined : differential.map(jsonCandidate),
    comparisons,
    rule: cause?.rule.id ?? null,
    diagnosis: cause?.rule.id ?? null,
    diagnosisId: cause && diagnosisId(cause, connection),
    notes: connection.notes.map(({ capture, frame, ...note }) => ({ ...jsonNotice(note), capture, frame })),
    path: connection.path && jsonPath(connection.path),
  };
}

function jsonPath({ points, own, differences, packets }: PathFacts): JsonPath {
  return {
    points: points.map(({ capture, seen, aheadMs }) => ({
      capture,
      seen: seen && jsonView(seen),
      aheadMs,
    })),
    own,
    differences: differences.map(jsonDifference),
    packets: packets.map(({ seen, ...packet }) => ({
      ...packet,
      seen: seen.map((one) => one && { ...one, at: formatTimestamp(one.at) }),
    })),
  };
}

function jsonView({
  diagnosis: rule,
  startedAt,
  ...view
}: NonNullable<PathFacts['points'][number]['seen']>): JsonPathPoint['seen'] {
  return { ...view, startedAt: formatTimestamp(startedAt), rule };
}

function jsonDifference(one: PathDifference): JsonPathDifference {
  switch (one.kind) {
    case 'altered':
      return { ...one, at: sighting(one.at), arrived: sighting(one.arrived) };
    case 'recut':
    case 'mss-clamped': {
      const { sent, arrived, ...rest } = one;
      return { ...rest, sentSegments: sent, arrivedSegments: arrived };
    }
    case 'lost':
    case 'absent':
    case 'inserted':
    case 'tls-terminated':
      return { ...one, at: sighting(one.at) };
    case 'address-translated':
    case 'sequence-rewritten':
    case 'tcp-terminated':
      return one;
  }
}

/** What speaks for a fault: what its frames show; where it is excluded, why. */
function jsonCandidate({ rule, verdict }: Candidate): JsonCandidate {
  const { support: state } = verdict;
  const evidence = verdict.evidence.map((item) => jsonEvidence(rule, item));
  const frames = evidence.map(({ frame }) => frame);
  return verdict.support === 'excluded'
    ? {
        rule: rule.id,
        state,
        because: exclusionOf(rule, verdict, showUnprintable),
        ...said(rule, 'exclusions', verdict.because),
        frames,
        evidence,
      }
    : {
        rule: rule.id,
        state,
        because: evidence.map(({ fact, frame }) => `${fact} (frame ${frame})`).join('; '),
        frames,
        evidence,
        explanation: explanationOf({ ...verdict, rule }, showUnprintable),
        ...said(rule, 'explanations', verdict.explanation),
        settledBy: rule.settledBy,
        ...(rule.settledBy === undefined ? {} : { settledByDetails: { messageId: 'settledBy', data: {} } }),
      };
}

function jsonEvidence(rule: Rule, item: Evidence): JsonEvidence {
  return { ...sighting(item), fact: factOf(rule, item, showUnprintable), ...said(rule, 'evidence', item) };
}

/** What a text of a rule is made of. */
function said(rule: Rule, kind: MessageKind, message: Parameters<typeof valuesOf>[2]): JsonSaid {
  return { messageId: message.id, data: valuesOf(rule, kind, message) };
}

function jsonNotice(notice: Notice): JsonNotice {
  const { code, id, data } = notice;
  return { code, message: noticeOf(notice, showUnprintable), messageId: id, data };
}

/** TCP's words for how a connection ended, whatever carries it. */
const HOW = { close: 'fin', reset: 'rst', timeout: 'timeout', none: 'none' } as const;

function endpoint({ address, port }: Connection['client']): Connection['client'] {
  return { address, port };
}

/** The ClientHello, or as much of one as there is. */
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

function sighting({ capture, frame, at, from }: Sighting): JsonSighting {
  return { capture, frame, at: formatTimestamp(at), from };
}

// Differences of times carry the noise of binary fractions: 0.30000000000000004 ms. No capture is finer than nanoseconds.
function milliseconds(duration: number | null): number | null {
  return duration === null ? null : Math.round(duration * 1e6) / 1e6;
}

function jsonIcmpError(error: IcmpError): JsonIcmpError {
  const { capture, frame, router, about, type, code, meaning, mtu } = error;
  return { capture, frame, at: formatTimestamp(error.at), router, about, type, code, meaning, mtu };
}

function jsonTcp({ syns, synAck, resets, fins, icmp, client, server }: TcpFacts): JsonTcp {
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

function jsonQuic(quic: QuicFacts): JsonQuic {
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

function jsonUdp({ icmp, client, server }: UdpFacts): JsonUdp {
  return {
    icmp: icmp.length === 0 ? undefined : icmp.map(jsonIcmpError),
    client: jsonUdpSide(client),
    server: jsonUdpSide(server),
  };
}

function jsonEap(connection: Connection): JsonEap | undefined {
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
    resentInVain: side.resentInVain,
    lost: side.lost,
    ttl: side.ttl,
    firstData: side.firstData && sighting(side.firstData),
    lastData: side.lastData && sighting(side.lastData),
  };
}

/** Many connections show the same certificates. */
const jsonCertificate = memoize(certificateFacts);

function certificateFacts(certificate: Certificate): JsonCertificate {
  const parsed = certificate.error === null;
  const known = <T>(value: T): T | null => (parsed ? value : null);
  return {
    sha256: certificate.sha256,
    error: certificate.error,
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

function jsonFinding(finding: Finding): JsonFinding {
  const { rule } = finding;
  return {
    rule: rule.id,
    role: finding.role,
    severity: rule.severity,
    certainty: finding.certainty,
    title: rule.title,
    explanation: explanationOf(finding, showUnprintable),
    ...said(rule, 'explanations', finding.explanation),
    evidence: finding.evidence.map((item) => jsonEvidence(rule, item)),
    known: finding.known?.map(({ id, data, source }) => ({
      fact: endFactOf({ id, data }, showUnprintable),
      messageId: id,
      data,
      ...source,
    })),
    remedies: jsonRemedies(finding),
  };
}

function jsonRemedies({ rule, remedies }: Finding): JsonRemedy[] {
  return remedies.map((remedy) => {
    const command = commandOf(rule, remedy, showUnprintable);
    return {
      who: remedy.who,
      action: actionOf(rule, remedy, showUnprintable),
      ...said(rule, 'remedies', remedy),
      service: remedy.service?.id,
      command: command?.text ?? null,
      commandDetails: command && {
        messageId: remedy.command ?? '',
        data: command.data,
        does: command.does,
        where: command.place,
      },
    };
  });
}
