import type { Timestamp } from '../../capture/timestamp.js';
import type { FrameRef } from '../../transport/flow.js';
import type { ClientHello, Connection, Endpoint, Ending, Timing } from '../connection.js';

/** Where a hello was seen, and its random in hexadecimal. */
interface OwnHello extends FrameRef {
  readonly random: string;
}

/** The facts of a connection that differ from the earlier one that it repeats. */
export interface RepeatedFacts {
  readonly id: number;
  readonly capture: number;
  readonly client: Endpoint;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly clientHello: OwnHello;
  readonly serverHello: OwnHello;
  readonly ending: Ending;
  readonly timing: Timing;
}

/** The connection, copied from the first of its pattern; null if that lacks a hello, which none does. */
export function repeatedConnection(example: Connection, own: RepeatedFacts): Connection | null {
  const { clientHello, serverHello } = example;
  if (clientHello === null || serverHello === null) return null;
  // Field by field, in the order of `buildConnection`: a spread takes ten times as long, and gives an object that is
  // slower to read.
  return {
    id: String(own.id),
    capture: own.capture,
    protocol: example.protocol,
    client: own.client,
    server: example.server,
    firstFrame: own.firstFrame,
    lastFrame: own.lastFrame,
    startedAt: own.startedAt,
    endedAt: own.endedAt,
    preamble: example.preamble,
    plaintext: example.plaintext,
    outcome: example.outcome,
    phase: example.phase,
    clientHello: repeatedHello(clientHello, own.clientHello),
    serverHello: {
      frame: own.serverHello.frame,
      at: own.serverHello.at,
      version: serverHello.version,
      random: own.serverHello.random,
      cipherSuite: serverHello.cipherSuite,
      extensions: serverHello.extensions,
      group: serverHello.group,
      dhBits: serverHello.dhBits,
      signatureScheme: serverHello.signatureScheme,
      alpn: serverHello.alpn,
      ja3s: serverHello.ja3s,
      resumed: serverHello.resumed,
    },
    helloRetryRequest: example.helloRetryRequest,
    partialClientHello: example.partialClientHello,
    certificateRequest: example.certificateRequest,
    certificateStatus: example.certificateStatus,
    serverCertificates: example.serverCertificates,
    clientCertificates: example.clientCertificates,
    transcript: example.transcript,
    alerts: example.alerts,
    messages: example.messages,
    encryptedRecords: example.encryptedRecords,
    unfinishedRecords: example.unfinishedRecords,
    violations: example.violations,
    transport: example.transport,
    dtls: example.dtls,
    quic: example.quic,
    eap: example.eap,
    keys: example.keys,
    ending: own.ending,
    timing: own.timing,
    notes: example.notes,
    repeats: example,
  };
}

function repeatedHello(hello: ClientHello, { frame, at, random }: OwnHello): ClientHello {
  return {
    frame,
    at,
    recordVersion: hello.recordVersion,
    legacyVersion: hello.legacyVersion,
    supportedVersions: hello.supportedVersions,
    random,
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
    ja3: hello.ja3,
    ja4: hello.ja4,
  };
}
