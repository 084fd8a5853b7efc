/**
 * Connections built by hand. Every builder gives a complete, healthy, consistent value; a test overrides what it is about:
 *
 *     connection()                                             // a TLS 1.2 handshake that worked
 *     connection({ serverHello: { version: 'TLS 1.3' } })      // certificates and Finished are hidden, as TLS 1.3 does
 *     connection({ phase: 'client-hello', alerts: [alert({ name: 'handshake_failure', code: 40 })] })
 *     connection({ clientHello: { serverName: null }, outcome: 'failed', serverHello: null })
 *     connection({ serverCertificates: [certificate({ notAfter: '2026-01-01T00:00:00Z' })] })
 *
 * What is not given follows from what is: `phase: 'client-hello'` has no ServerHello and no certificates, a fatal alert
 * means `failed` and a close by its sender, `phase: 'tcp-connect'` is a SYN that nobody answers.
 */
import { createHash } from 'node:crypto';
import type { Timestamp } from '../../src/capture/timestamp.js';
import type {
  Alert,
  CertificateRequest,
  ClientHello,
  Ending,
  Connection,
  EncryptedRecord,
  HandshakeMessage,
  Outcome,
  Phase,
  ServerHello,
  Side,
  Sighting,
  TcpFacts,
  TcpReset,
  TcpSide,
} from '../../src/connection/connection.js';
import type { Certificate } from '../../src/x509/certificate.js';
import type { OcspResponse, SingleOcspResponse } from '../../src/x509/ocsp.js';

/** 2026-03-02T10:00:00Z: when the captures of the tests begin. */
const EPOCH = 1772445600;

/** The time `seconds` after the start of the capture, in microseconds: `at(1.5)` is 10:00:01.500000. */
export function at(seconds: number): Timestamp {
  const whole = Math.floor(seconds);
  const micros = Math.round((seconds - whole) * 1e6);
  return { seconds: EPOCH + whole, nanoseconds: micros * 1000, digits: 6 };
}

/** A place in the capture; frames are 10 ms apart unless a time is given. */
export function sighting(from: Side, frame: number, time: Timestamp = at(frame / 100)): Sighting {
  return { frame, at: time, from };
}

/** A current client that asks for www.example.com with TLS 1.3 and 1.2. */
export function clientHello(overrides: Partial<ClientHello> = {}): ClientHello {
  return {
    frame: 4,
    at: at(0.04),
    recordVersion: 'TLS 1.0',
    legacyVersion: 'TLS 1.2',
    supportedVersions: ['TLS 1.3', 'TLS 1.2'],
    random: '11'.repeat(32),
    sessionIdLength: 32,
    serverName: 'www.example.com',
    cipherSuites: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    ],
    compressionMethods: [0],
    extensions: [
      'server_name',
      'ec_point_formats',
      'supported_groups',
      'application_layer_protocol_negotiation',
      'extended_master_secret',
      'signature_algorithms',
      'supported_versions',
      'psk_key_exchange_modes',
      'key_share',
    ],
    supportedGroups: ['x25519', 'secp256r1'],
    keyShareGroups: ['x25519'],
    signatureSchemes: ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256', 'rsa_pkcs1_sha256'],
    alpn: ['h2', 'http/1.1'],
    pskOffered: false,
    earlyData: false,
    ja3: '0123456789abcdef0123456789abcdef',
    ja4: 't13d0409h2_0123456789ab_0123456789ab',
    ...overrides,
  };
}

/** A server that chooses TLS 1.2, or with `version: 'TLS 1.3'` what goes with it. */
export function serverHello(overrides: Partial<ServerHello> = {}): ServerHello {
  const tls13 = overrides.version === 'TLS 1.3';
  return {
    frame: 5,
    at: at(0.05),
    version: 'TLS 1.2',
    random: '22'.repeat(32),
    cipherSuite: tls13 ? 'TLS_AES_128_GCM_SHA256' : 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    extensions: tls13
      ? ['supported_versions', 'key_share']
      : ['renegotiation_info', 'extended_master_secret', 'application_layer_protocol_negotiation'],
    group: 'x25519',
    dhBits: null,
    signatureScheme: tls13 ? null : 'rsa_pss_rsae_sha256',
    alpn: tls13 ? null : 'h2',
    ja3s: 'fedcba9876543210fedcba9876543210',
    resumed: false,
    ...overrides,
  };
}

/** A server that asks for a client certificate of Example Corp's authority. */
export function certificateRequest(overrides: Partial<CertificateRequest> = {}): CertificateRequest {
  return {
    frame: 5,
    at: at(0.05),
    certificateTypes: ['rsa_sign', 'ecdsa_sign'],
    signatureSchemes: ['rsa_pss_rsae_sha256', 'ecdsa_secp256r1_sha256'],
    certificateAuthorities: ['CN=Example Client CA,O=Example Corp'],
    ...overrides,
  };
}

/**
 * The stapled OCSP response for `certificate()`, that it is good; its signature cannot be checked, since the issuer is not at
 * hand. Overrides are of its one answer.
 */
export function staple(overrides: Partial<SingleOcspResponse> = {}): NonNullable<Connection['certificateStatus']> {
  const single: SingleOcspResponse = {
    certificate: { hashAlgorithm: 'none', issuerNameHash: '', issuerKeyHash: '', serialNumber: '0a1b2c3d4e5f' },
    status: 'good',
    revokedAt: null,
    reason: null,
    thisUpdate: '2026-03-01T00:00:00Z',
    nextUpdate: '2026-03-08T00:00:00Z',
    ...overrides,
  };
  const response: OcspResponse = {
    der: new Uint8Array(0),
    error: null,
    responseStatus: 'successful',
    responder: null,
    producedAt: single.thisUpdate,
    responses: [single],
    certificates: [],
    signatureAlgorithm: 'sha256WithRSAEncryption',
    signatureHash: 'sha256',
    signed: new Uint8Array(0),
    signature: new Uint8Array(0),
  };
  return { frame: 5, at: at(0.05), responseLength: 471, response };
}

/** A valid leaf for www.example.com; its hash follows from its names and serial number. */
export function certificate(overrides: Partial<Certificate> = {}): Certificate {
  const subject = overrides.subject ?? 'CN=www.example.com,O=Example Corp,C=CH';
  const issuer = overrides.issuer ?? 'CN=Example Issuing CA,O=Example Corp,C=CH';
  const serialNumber = overrides.serialNumber ?? '0a1b2c3d4e5f';
  return {
    sha256: createHash('sha256').update([subject, issuer, serialNumber].join('\n')).digest('hex'),
    der: new Uint8Array(0),
    error: null,
    version: 3,
    subject,
    issuer,
    commonNames: [...subject.matchAll(/(?:^|,)CN=([^,]*)/g)].map((match) => match[1] ?? ''),
    serialNumber,
    notBefore: '2025-09-01T00:00:00Z',
    notAfter: '2026-09-01T00:00:00Z',
    subjectAltNames: { dns: ['www.example.com', 'example.com'], ip: [] },
    uriNames: [],
    otherNames: [],
    emailAddresses: [],
    keyType: 'RSA',
    keyBits: 2048,
    keyCurve: null,
    keyExponent: '65537',
    signatureAlgorithm: 'sha256WithRSAEncryption',
    signatureHash: 'sha256',
    isCa: false,
    hasBasicConstraints: true,
    pathLength: null,
    selfIssued: subject === issuer,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['serverAuth'],
    nameConstraints: null,
    subjectKeyIdentifier: null,
    authorityKeyIdentifier: null,
    caIssuers: [],
    ocspResponders: [],
    namesRevocationList: false,
    mustStaple: false,
    signedCertificateTimestamps: 0,
    policies: [],
    unknownCriticalExtensions: [],
    ...overrides,
  };
}

/** The server left out its ServerKeyExchange. */
export const doneTooEarly = {
  kind: 'unexpected-message',
  frame: 5,
  at: at(0.05),
  from: 'server',
  message: 'server_hello_done',
  after: 'certificate',
} as const;

/** A fatal handshake_failure from the server; `encrypted: true` hides what it says. */
export function alert(overrides: Partial<Alert> = {}): Alert {
  const hidden = overrides.encrypted === true;
  return {
    kind: 'alert',
    frame: 6,
    at: at((overrides.frame ?? 6) / 100),
    from: 'server',
    level: hidden ? null : 'fatal',
    code: hidden ? null : 40,
    name: hidden ? null : 'handshake_failure',
    encrypted: false,
    recordVersion: 'TLS 1.2',
    inferred: false,
    ...overrides,
  };
}

/** One handshake message: `message('certificate', 'server', 5)`. */
export function message(
  type: string,
  from: Side,
  frame: number,
  overrides: Partial<HandshakeMessage> = {},
): HandshakeMessage {
  return {
    kind: 'message',
    frame,
    at: at(frame / 100),
    from,
    type,
    length: 120,
    encrypted: false,
    records: 1,
    isBehindGap: false,
    ...overrides,
  };
}

/** One encrypted record: `encryptedRecord('client', 6, 19)`, application_data unless said otherwise. */
export function encryptedRecord(
  from: Side,
  frame: number,
  length: number,
  overrides: Partial<EncryptedRecord> = {},
): EncryptedRecord {
  return {
    kind: 'encrypted_record',
    frame,
    at: at(frame / 100),
    from,
    contentType: 'application_data',
    length,
    ...overrides,
  };
}

/** A reset, by the server unless told otherwise, with the TTL of that side's other segments. */
export function reset(overrides: Partial<TcpReset> = {}): TcpReset {
  return {
    frame: 6,
    at: at((overrides.frame ?? 6) / 100),
    from: 'server',
    ttl: overrides.from === 'client' ? 64 : 57,
    ipId: 0,
    isInSequence: true,
    ...overrides,
  };
}

/** Overrides for `tcpFacts`. */
export type TcpOverrides = Partial<Omit<TcpFacts, 'kind' | 'client' | 'server'>> & {
  readonly client?: Partial<TcpSide>;
  readonly server?: Partial<TcpSide>;
};

/** What TCP shows of a connection without trouble. */
export function tcpFacts(overrides: TcpOverrides = {}): TcpFacts {
  const { client, server, ...rest } = overrides;
  return {
    kind: 'tcp',
    syns: [sighting('client', 1)],
    synAck: sighting('server', 2),
    synAcks: [sighting('server', 2)],
    icmp: [],
    resets: [],
    fins: [],
    client: {
      bytes: 900,
      retransmissions: 0,
      missing: 0,
      acknowledged: true,
      resentInVain: null,
      lost: 0,
      uncaptured: null,
      late: null,
      initialSequence: null,
      window: 64240,
      mss: 1460,
      largestSegment: 1448,
      ttl: 64,
      ttls: [64, 64],
      dataAfterReset: null,
      ackAfterReset: null,
      firstData: sighting('client', 4),
      lastData: sighting('client', 8),
      ...client,
    },
    server: {
      bytes: 4200,
      retransmissions: 0,
      missing: 0,
      acknowledged: true,
      resentInVain: null,
      lost: 0,
      uncaptured: null,
      late: null,
      initialSequence: null,
      window: 64240,
      mss: 1460,
      largestSegment: 1448,
      ttl: 57,
      ttls: [57, 57],
      dataAfterReset: null,
      ackAfterReset: null,
      firstData: sighting('server', 5),
      lastData: sighting('server', 9),
      ...server,
    },
    ...rest,
  };
}

/** Overrides for `connection`: as Connection, its parts partial. */
export type ConnectionOverrides = Partial<
  Omit<Connection, 'clientHello' | 'serverHello' | 'transport' | 'ending' | 'timing'>
> & {
  readonly clientHello?: Partial<ClientHello> | null;
  readonly serverHello?: Partial<ServerHello> | null;
  readonly transport?: TcpOverrides;
  readonly ending?: Partial<Ending>;
  readonly timing?: Partial<Connection['timing']>;
};

const PHASES: readonly Phase[] = [
  'tcp-connect',
  'preamble',
  'client-hello',
  'server-hello',
  'server-certificate',
  'client-certificate',
  'finished',
  'application-data',
];

function defaultPhase({ clientHello, serverHello, outcome, alerts }: ConnectionOverrides): Phase {
  if (clientHello === null) return 'tcp-connect';
  if (serverHello === null) return 'client-hello';
  const fatal = alerts?.find(({ level, encrypted }) => level === 'fatal' || encrypted);
  if (fatal !== undefined)
    return fatal.from === 'client' || serverHello !== undefined ? 'server-certificate' : 'client-hello';
  return outcome === undefined || outcome === 'established' ? 'application-data' : 'server-certificate';
}

/** A connection: a TLS 1.2 handshake that worked, as far as `overrides` does not say otherwise. */
export function connection(overrides: ConnectionOverrides = {}): Connection {
  const phase = overrides.phase ?? defaultPhase(overrides);
  const reached = (step: Phase): boolean => PHASES.indexOf(phase) >= PHASES.indexOf(step);
  const hello =
    overrides.clientHello === null || !(reached('client-hello') || overrides.clientHello)
      ? null
      : clientHello(overrides.clientHello);
  const answer =
    overrides.serverHello === null || !(reached('server-hello') || overrides.serverHello)
      ? null
      : serverHello(overrides.serverHello);
  const tls13 = answer?.version === 'TLS 1.3';
  const fatal = overrides.alerts?.find(({ level, encrypted }) => level === 'fatal' || encrypted);
  const outcome: Outcome =
    overrides.outcome ?? (fatal === undefined && reached('application-data') ? 'established' : 'failed');
  const lastFrame = overrides.lastFrame ?? (outcome === 'established' ? 10 : (fatal?.frame ?? 6) + 1);

  const plain: [Phase, HandshakeMessage][] = [
    ['client-hello', message('client_hello', 'client', 4, { length: 313 })],
    ['server-hello', message('server_hello', 'server', 5, { length: 80 })],
  ];
  if (!tls13) {
    plain.push(
      ['server-certificate', message('certificate', 'server', 5, { length: 2400 })],
      ['server-certificate', message('server_key_exchange', 'server', 5, { length: 296 })],
      ['server-certificate', message('server_hello_done', 'server', 5, { length: 0 })],
      ['finished', message('client_key_exchange', 'client', 6, { length: 33 })],
      ['finished', message('encrypted_handshake', 'client', 6, { length: 40, encrypted: true })],
      ['finished', message('encrypted_handshake', 'server', 7, { length: 40, encrypted: true })],
    );
  }
  const hidden: [Phase, EncryptedRecord][] = tls13
    ? [
        ['server-hello', encryptedRecord('server', 5, 27)],
        ['server-certificate', encryptedRecord('server', 5, 2450)],
        ['server-certificate', encryptedRecord('server', 5, 281)],
        ['server-certificate', encryptedRecord('server', 5, 53)],
        ['finished', encryptedRecord('client', 6, 53)],
        ['application-data', encryptedRecord('client', 8, 120)],
        ['application-data', encryptedRecord('server', 9, 900)],
      ]
    : [
        ['finished', encryptedRecord('client', 6, 40, { contentType: 'handshake' })],
        ['finished', encryptedRecord('server', 7, 40, { contentType: 'handshake' })],
        ['application-data', encryptedRecord('client', 8, 120)],
        ['application-data', encryptedRecord('server', 9, 900)],
      ];
  const shown = <T>(steps: readonly [Phase, T][]): T[] =>
    steps.filter(([step]) => reached(step)).map(([, item]) => item);

  const ending: Ending = {
    ...(phase === 'tcp-connect'
      ? { by: 'none', how: 'timeout', frame: null, at: null }
      : { by: fatal?.from ?? 'client', how: 'close', frame: lastFrame, at: at(lastFrame / 100) }),
    ...overrides.ending,
  };
  const fins =
    ending.how === 'close' && ending.by !== 'none' && ending.frame !== null ? [sighting(ending.by, ending.frame)] : [];
  const resets =
    ending.how === 'reset' && ending.by !== 'none'
      ? [reset({ from: ending.by, frame: ending.frame ?? lastFrame })]
      : [];
  const silent: Partial<TcpSide> = { bytes: 0, firstData: null, lastData: null };
  const clientSide = hello === null ? silent : {};
  const unaccepted = phase === 'tcp-connect' ? { acknowledged: false } : {};
  const serverSide = answer === null && fatal?.from !== 'server' ? { ...silent, ...unaccepted } : {};

  const { alerts = [], messages = shown(plain), encryptedRecords = shown(hidden) } = overrides;
  return {
    id: '1',
    capture: 0,
    keys: null,
    protocol: outcome === 'not-tls' || hello === null ? null : 'tls',
    client: { address: '192.0.2.10', port: 50000 },
    server: { address: '198.51.100.20', port: 443 },
    firstFrame: 1,
    startedAt: at(0.01),
    endedAt: at(lastFrame / 100),
    preamble: null,
    plaintext: [],
    helloRetryRequest: null,
    certificateRequest: null,
    certificateStatus: null,
    serverCertificates:
      answer !== null && !tls13 && !answer.resumed && reached('server-certificate')
        ? [certificate(), certificate(ISSUING_CA)]
        : [],
    clientCertificates: [],
    transcript: transcriptOf(messages, alerts, encryptedRecords),
    alerts,
    messages,
    encryptedRecords,
    unfinishedRecords: [],
    violations: [],
    notes: [],
    dtls: null,
    quic: null,
    eap: null,
    ...overrides,
    lastFrame,
    outcome,
    phase,
    clientHello: hello,
    partialClientHello: overrides.partialClientHello ?? null,
    serverHello: answer,
    transport: tcpFacts({
      fins,
      resets,
      ...(phase === 'tcp-connect' ? { synAck: null, synAcks: [] } : {}),
      ...overrides.transport,
      client: { ...clientSide, ...overrides.transport?.client },
      server: { ...serverSide, ...(phase === 'tcp-connect' ? { ttl: null } : {}), ...overrides.transport?.server },
    }),
    ending,
    timing: {
      tcpConnectMs: phase === 'tcp-connect' ? null : 10,
      serverHelloMs: answer === null ? null : 10,
      handshakeMs: reached('finished') ? 30 : null,
      ...overrides.timing,
    },
  };
}

/** Each thing once: a message or alert that is encrypted is in its record. */
function transcriptOf(
  messages: Connection['messages'],
  alerts: Connection['alerts'],
  encryptedRecords: Connection['encryptedRecords'],
): Connection['transcript'] {
  const events = [...messages, ...alerts].filter(({ encrypted }) => !encrypted);
  return [...events, ...encryptedRecords].sort((a, b) => a.frame - b.frame);
}

const ISSUING_CA: Partial<Certificate> = {
  subject: 'CN=Example Issuing CA,O=Example Corp,C=CH',
  issuer: 'CN=Example Root CA,O=Example Corp,C=CH',
  serialNumber: '0100',
  notBefore: '2020-01-01T00:00:00Z',
  notAfter: '2035-01-01T00:00:00Z',
  subjectAltNames: { dns: [], ip: [] },
  isCa: true,
  keyUsage: ['keyCertSign', 'cRLSign'],
  extendedKeyUsage: null,
};

/** The authority that issued `certificate()`'s leaf. */
export function issuingCa(overrides: Partial<Certificate> = {}): Certificate {
  return certificate({ ...ISSUING_CA, ...overrides });
}
