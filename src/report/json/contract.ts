/**
 * The JSON report: a public contract, versioned, described by schema/report.schema.json (a test holds each report against
 * it). Fields may be added; to change or remove one, count `schemaVersion` up. Times are ISO 8601, UTC, with the capture's
 * own resolution.
 */
import type { UnreadLine } from '../../ends/configurations/configuration.js';
import type { UnreadPackets } from '../../connection/unread.js';
import type {
  DtlsFacts,
  EapSide,
  Ending,
  Endpoint,
  HandshakeMessage,
  IcmpError,
  Note,
  Outcome,
  PathClock,
  PathDifference,
  PathPacket,
  Phase,
  Protocol,
  QuicClose,
  QuicSide,
  Side,
  TcpSide,
  Timing,
  TransportFacts,
  UdpSide,
} from '../../connection/connection.js';
import type { LookupProtocol } from '../../names/lookups.js';
import type { NameSource } from '../../names/results.js';
import type { Violation } from '../../tls/conformance.js';
import type { Preamble } from '../../preamble/preamble.js';
import type { PreambleStep } from '../../preamble/protocol.js';
import type { OfferChange } from '../../diagnose/evidence/attempts.js';
import type { Change, PlaceCounts } from '../../diagnose/evidence/timeline.js';
import type { KeyResults } from '../../diagnose/results.js';
import type { KeyLogFault } from '../../tls/decrypt/key-log.js';
import type { KeyLog } from '../../tls/decrypt/key-sources.js';
import type { Actor, CommandPlace, Data } from '../../message.js';
import type { WhatIf } from '../../diagnose/ends/what-if.js';
import type { Comparison } from '../../diagnose/ends/comparison.js';
import type { Certainty } from '../../diagnose/certainty.js';
import type { Support } from '../../diagnose/verdict.js';
import type { Role } from '../../diagnose/finding.js';
import type { Severity } from '../../diagnose/rule.js';

/** The whole report. */
export interface JsonReport extends JsonConclusion {
  /** Those selected and asked for, without TLS too, in the order in which they were settled; ids tell that of first frames. */
  readonly connections: readonly JsonConnection[];
}

/** All but the connections: the last line of NDJSON. */
export interface JsonConclusion {
  readonly schemaVersion: 2;
  readonly generator: { readonly name: string; readonly version: string };
  readonly selection: JsonSelection;
  readonly captures: readonly JsonCapture[];
  /** Counts the connections selected, listed or not. */
  readonly summary: {
    readonly connections: number;
    readonly established: number;
    readonly failed: number;
    readonly incomplete: number;
    readonly notTls: number;
    /** Packets of the captures that are not analysed, by kind, if there are any. */
    readonly unread?: readonly UnreadPackets[] | undefined;
  };
  /** Lines of the configurations given (`--server-config`, `--client-config`, `--if`) that bear on handshakes and are not read. */
  readonly unreadLines?: readonly UnreadLine[] | undefined;
  /** What would have become of the connections with another file, if that was asked (`--if`). */
  readonly whatIf?: WhatIf | undefined;
  /** What became of the keys that were given, if there were any. */
  readonly keys?: JsonKeyResults | undefined;
  /** How the results compare with what was known before (`--baseline`). */
  readonly baseline?: JsonBaseline | undefined;
  /** Whose addresses they are, and names that led to none; where the captures tell. */
  readonly names?: JsonNames | undefined;
  /** How the points of a path compare; only with `compare`. */
  readonly path?: JsonPathSummary | undefined;
  /** The causes, worst first. */
  readonly diagnoses: readonly JsonDiagnosis[];
  /** What is wrong although nothing failed because of it, by rule, worst first. */
  readonly risks: readonly JsonDiagnosis[];
}

/** Which diagnoses are known from before says `baseline` of each; this says the rest. */
export interface JsonBaseline {
  /** Handshakes that failed of no known cause, those without any too. */
  readonly newFailures: number;
  /** Known diagnoses that are not in this report; what an earlier report said of them. */
  readonly gone: readonly { readonly id: string; readonly title: string | null; readonly servers: readonly string[] }[];
}

/** What the report was restricted to; an empty list restricts nothing. */
export interface JsonSelection {
  /** Which of the connections selected are listed. */
  readonly only: 'failed' | 'all';
  readonly hosts: readonly string[];
  readonly clients: readonly string[];
  readonly servers: readonly string[];
  readonly ports: readonly number[];
  readonly serverNames: readonly string[];
  readonly protocols: readonly Protocol[];
  /** Rules of causes. */
  readonly rules: readonly string[];
  /** When connections began at the earliest and the latest, as it was given. */
  readonly since: string | null;
  readonly until: string | null;
  /** IANA's name of the zone whose clocks they mean, where it is not UTC. */
  readonly timeZone?: string | undefined;
}

export interface JsonNames {
  /** Of the addresses of connections, those that have a name. */
  readonly addresses: readonly {
    readonly address: string;
    readonly names: readonly {
      readonly name: string;
      /** A lookup, a client that asks for the name there (`tls`), the capture file's own list, or a certificate that was served there. */
      readonly source: NameSource;
      /** The first answer that says so; null for other sources. */
      readonly frame: number | null;
      readonly capture: number | null;
    }[];
  }[];
  /** Names that were looked up without success. */
  readonly unresolved: readonly {
    readonly name: string;
    /** Who asked first. */
    readonly client: string;
    /** `NXDOMAIN`, `SERVFAIL`, …; null if no answer came. */
    readonly code: string | null;
    readonly frame: number;
    readonly capture: number | null;
    readonly at: string;
  }[];
}

/** How the address of a connection's server was found. */
export interface JsonLookup {
  readonly capture?: number | undefined;
  /** The answer, the first one that says so. */
  readonly frame: number;
  readonly at: string;
  readonly protocol: LookupProtocol;
  readonly name: string;
  /** Who asked; null for mDNS. */
  readonly client: string | null;
  readonly resolver: string;
  /** The names that CNAME records lead through. */
  readonly aliases: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** The last answer before the name led here that named other addresses; null without one. */
  readonly before: JsonOtherAnswer | null;
  /** The latest answer before the connection, if that names other addresses only. */
  readonly since: JsonOtherAnswer | null;
}

export interface JsonOtherAnswer {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly addresses: readonly string[];
}

export interface JsonCapture {
  readonly path: string;
  readonly format: string;
  /** How the file is compressed; null if it is not. */
  readonly compression: string | null;
  readonly packets: number;
  readonly bytes: number;
  /** Packets that the snapshot length cut. */
  readonly truncatedPackets: number;
  readonly firstPacketAt: string | null;
  readonly lastPacketAt: string | null;
  readonly linkTypes: readonly string[];
  readonly warnings: readonly JsonWarning[];
}

/**
 * What the text beside it is made of, so that no program has to read English. Values are those that stand in the text: strings, numbers
 * and lists of strings; and what a language puts into words, `Duration`, `Times`, `Party`, `List`, `Phrase`,
 * `DecodeFault` of message.ts.
 */
export interface JsonSaid {
  /** Id of the text: stable, within its rule and its kind of text. */
  readonly messageId: string;
  readonly data: Data;
}

/** Something said aside: `code` is the kind, `messageId` the text among those of its kind. */
export interface JsonNotice extends JsonSaid {
  readonly code: string;
  /** `messageId` and `data` are of this text. */
  readonly message: string;
}

export interface JsonWarning extends JsonNotice {
  readonly frame: number | null;
  readonly byteOffset: number | null;
}

/** One cause, and the connections that share it; or one risk, and the connections that run it. */
export interface JsonDiagnosis extends JsonSaid {
  /** The same in every run, for the same fault at the same place. */
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  /** Whether it was known before; only if a baseline was given. */
  readonly baseline?: 'new' | 'known' | undefined;
  readonly severity: Severity;
  readonly certainty: Certainty;
  /** Ids of connections, the first thousand; `count` has them all. */
  readonly connections: readonly string[];
  /** Those to look at first: the clearest, then those that differ from it in client, server or name. */
  readonly examples: readonly string[];
  readonly count: number;
  readonly servers: readonly string[];
  readonly clients: readonly string[];
  readonly serverNames: readonly string[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** What worked before, between and after; null for risks, and if it is not known. */
  readonly timeline: JsonTimeline | null;
  /** What clients tried after a failure; null for risks, and if none tried again within ten seconds. */
  readonly retries: JsonRetries | null;
  /** Each server and name that it failed at, the most failures first; empty for risks, and if there are too many to count. */
  readonly places: readonly JsonPlace[];
  /** What happened, whatever the reason, the most frequent first; empty for risks. */
  readonly endings: readonly (JsonSaid & { readonly text: string; readonly count: number })[];
  /** `messageId` and `data` are of this text. */
  readonly explanation: string;
  readonly remedies: readonly JsonRemedy[];
}

/** The results of one server with one name. */
export interface JsonPlace extends Omit<PlaceCounts, 'firstFailureAt' | 'lastFailureAt'> {
  readonly firstFailureAt: string;
  readonly lastFailureAt: string;
}

/** The failures of one cause among the handshakes that worked. */
export interface JsonTimeline {
  /**
   * `began`: the same worked until then; `ended`: it works since; `comes-and-goes`: it worked between the failures too, or
   * failed now for one client, now for another;
   * `none`: it did not work at all. The same are the same clients, by address and ClientHello, with the server and the
   * name that they failed with; or, where those had no success, at least four other clients, and as many that failed.
   */
  readonly change: Change;
  /** Of the same clients, each before its first failure, between its failures, after its last. */
  readonly before: JsonSuccesses;
  readonly meanwhile: JsonSuccesses;
  readonly after: JsonSuccesses;
  /** Of other clients with the same servers and names. */
  readonly others: {
    readonly before: JsonSuccesses;
    readonly meanwhile: JsonSuccesses;
    readonly after: JsonSuccesses;
  };
  /** Of the same clients with the same servers and names, by a ClientHello that offers something else. */
  readonly otherOffers: JsonSuccesses;
  /** Handshakes with the same servers and other names, of any client. */
  readonly otherNames: { readonly count: number; readonly serverNames: readonly string[] };
  /** Handshakes of the same clients with other servers. */
  readonly elsewhere: {
    readonly count: number;
    readonly servers: readonly string[];
    /** Those of them where a server name worked that failed here. */
    readonly sameName: readonly string[];
  };
}

/** Handshakes that worked. */
export interface JsonSuccesses {
  readonly count: number;
  readonly clients: readonly string[];
  readonly first: { readonly connection: string; readonly client: string; readonly at: string } | null;
  readonly last: { readonly connection: string; readonly client: string; readonly at: string } | null;
}

/** The failures of one cause by attempt: a client that fails and tries again within ten seconds makes one attempt. */
export interface JsonRetries {
  readonly attempts: number;
  /** Attempts of several tries. */
  readonly retried: number;
  /** Attempts that worked in the end. */
  readonly succeeded: number;
  /** Those of which each try came within two seconds, so that no person was asked. */
  readonly mended: number;
  readonly example: {
    readonly client: string;
    readonly succeeded: boolean;
    readonly count: number;
    /** The first seven, and the last. */
    readonly tries: readonly {
      readonly connection: string;
      readonly startedAt: string;
      readonly endedAt: string;
      readonly server: string;
      readonly serverName: string | null;
      /** The newest version offered. */
      readonly version: string | null;
      /** Of the cause; null if it worked, or if the cause is not known. */
      readonly rule: string | null;
      /** What differs from the try before, by fields of the ClientHello, and `server`; GREASE and padding left out. */
      readonly changes: readonly OfferChange[];
    }[];
  } | null;
}

export interface JsonRemedy extends JsonSaid {
  readonly who: Actor;
  /** `messageId` and `data` are of this text. */
  readonly action: string;
  /** The known service whose advice it is, or `ends`: the files of the ends, `further-faults`: other faults of the certificates, or `neighbours`: what worked beside it. Its messages are not the rule's. */
  readonly service?: string | undefined;
  /** Shell command that confirms it; values from the capture are quoted. */
  readonly command: string | null;
  /** What `command` is made of, what it does, and where it is run; null without one. */
  readonly commandDetails: JsonCommand | null;
}

export interface JsonCommand extends JsonSaid {
  /** In words, to follow "this": `shows which program listens on the port`. */
  readonly does: string;
  readonly where: CommandPlace;
}

/** What was said before TLS began, or instead of it. */
export interface JsonPreamble extends Omit<Preamble, 'steps' | 'next' | 'isByOpenssl'> {
  /** `state` in short: what the server said to the request. */
  readonly answer: 'accepted' | 'refused' | 'none';
  readonly steps: readonly JsonPreambleStep[];
  readonly next: JsonPreamble | null;
}

export interface JsonPreambleStep extends Omit<PreambleStep, 'at' | 'capture'> {
  readonly capture?: number | undefined;
  readonly at: string;
}

export interface JsonConnection {
  readonly id: string;
  /** Index in `captures`. */
  readonly capture: number;
  readonly transport: TransportFacts['kind'];
  readonly protocol: Protocol | null;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Index in `captures`, if it is not `capture`. */
  readonly lastCapture?: number | undefined;
  readonly startedAt: string;
  readonly endedAt: string;
  /** How the server's address was found; where a lookup before the connection leads to it. */
  readonly lookup?: JsonLookup | undefined;
  readonly preamble: JsonPreamble | null;
  readonly outcome: Outcome;
  readonly phase: Phase;
  readonly clientHello: JsonClientHello | null;
  readonly serverHello: JsonServerHello | null;
  readonly helloRetryRequest: JsonHelloRetryRequest | null;
  readonly certificateRequest: JsonCertificateRequest | null;
  readonly certificateStatus: JsonCertificateStatus | null;
  readonly serverCertificates: readonly JsonCertificate[];
  readonly clientCertificates: readonly JsonCertificate[];
  readonly alerts: readonly JsonAlert[];
  readonly messages: readonly JsonMessage[];
  /**
   * Messages of a side before which the capture lacks bytes of that side. They are whole, but that they begin where they
   * do follows from lengths: a decoder that reads unbroken streams only, as Wireshark does, has none of them.
   */
  readonly messagesBehindGaps: readonly JsonMessage[];
  readonly encryptedRecords: readonly JsonEncryptedRecord[];
  readonly violations: readonly JsonViolation[];
  /** What keys given for it achieved, if there were any. */
  readonly keys?: JsonKeys | undefined;
  /** Null if another carrier than TCP has it. */
  readonly tcp: JsonTcp | null;
  /** Where UDP carries it. */
  readonly udp?: JsonUdp | undefined;
  /** Only for DTLS. */
  readonly dtls?: DtlsFacts | undefined;
  /** Only for QUIC, including Google's. */
  readonly quic?: JsonQuic | undefined;
  /** Where EAP carries it, in IEEE 802.1X or RADIUS. */
  readonly eap?: JsonEap | undefined;
  readonly close: JsonClose;
  readonly timing: Timing;
  /** What happened, without a reason; only of a failed connection. */
  readonly observed?: JsonObservation | undefined;
  readonly findings: readonly JsonFinding[];
  /** The faults that were weighed as the cause, the cause first; only of a failed connection. */
  readonly differential?: readonly JsonCandidate[] | undefined;
  /** What was sent beside what the files of the ends have; only of a failed connection, if some were given. */
  readonly comparisons?: readonly JsonComparison[] | undefined;
  /** Of the cause; null when nothing failed or no cause was found. */
  readonly rule: string | null;
  /** The same as `rule`, by the name that it had in version 1: kept for its readers. */
  readonly diagnosis: string | null;
  /** Id of the diagnosis that it belongs to; null without a cause. */
  readonly diagnosisId: string | null;
  readonly notes: readonly JsonNote[];
  /** What captures at several points of its path show of it; only with `compare`. */
  readonly path?: JsonPath | undefined;
  /** Of NDJSON: a line with this id came before, and this one stands in its place. */
  readonly amends?: true | undefined;
}

export interface JsonSighting {
  /** Index in `captures`, if it is not the connection's. */
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly from: Side;
}

export interface JsonClientHello {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly recordVersion: string;
  readonly legacyVersion: string;
  readonly supportedVersions: readonly string[];
  readonly random: string;
  readonly sessionIdLength: number;
  readonly serverName: string | null;
  readonly cipherSuites: readonly string[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly string[];
  readonly supportedGroups: readonly string[];
  readonly keyShareGroups: readonly string[];
  readonly signatureSchemes: readonly string[];
  readonly alpn: readonly string[];
  readonly pskOffered: boolean;
  readonly earlyData: boolean;
  readonly ja3: string | null;
  readonly ja4: string | null;
  /** Whether all of it is there; if not, what it lacks says nothing, and the fingerprints are null. */
  readonly complete: boolean;
}

export interface JsonServerHello {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly version: string;
  readonly random: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  readonly group: string | null;
  readonly dhBits: number | null;
  readonly signatureScheme: string | null;
  readonly alpn: string | null;
  readonly ja3s: string;
  readonly resumed: boolean;
}

export interface JsonHelloRetryRequest {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly version: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  readonly group: string | null;
}

export interface JsonCertificateRequest {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly certificateTypes: readonly string[];
  readonly signatureSchemes: readonly string[];
  readonly certificateAuthorities: readonly string[];
}

export interface JsonCertificateStatus {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
  readonly responseLength: number;
}

/** A certificate; when it could not be parsed, `error` says why and everything but the hash is null. */
export interface JsonCertificate {
  readonly sha256: string;
  readonly error: string | null;
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly serialNumber: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  readonly subjectAltNames: { readonly dns: readonly string[]; readonly ip: readonly string[] } | null;
  readonly keyType: string | null;
  readonly keyBits: number | null;
  readonly signatureAlgorithm: string | null;
  readonly isCa: boolean | null;
  readonly keyUsage: readonly string[] | null;
  readonly extendedKeyUsage: readonly string[] | null;
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: string | null;
  readonly caIssuers: readonly string[] | null;
}

export interface JsonKeys {
  /** Encrypted records, or packets, that they opened. */
  readonly opened: number;
  readonly altered: JsonSighting | null;
  readonly unreadable: string | null;
}

export interface JsonAlert extends JsonSighting {
  readonly level: 'warning' | 'fatal' | null;
  readonly code: number | null;
  readonly name: string | null;
  readonly encrypted: boolean;
  /** It was encrypted, and keys that were given decrypted it. */
  readonly decrypted?: true | undefined;
  /** Recognised as an alert only by its size. */
  readonly inferred: boolean;
}

export interface JsonMessage extends JsonSighting {
  readonly type: string;
  readonly length: number;
  readonly encrypted: boolean;
  /** As of an alert. */
  readonly decrypted?: true | undefined;
  /** Only for DTLS. */
  readonly epoch?: number | undefined;
  /** Only for QUIC. */
  readonly level?: HandshakeMessage['level'] | undefined;
}

export interface JsonEncryptedRecord extends JsonSighting {
  readonly contentType: string;
  readonly length: number;
  /** Keys that were given decrypted it: its type is known. */
  readonly decrypted?: true | undefined;
  /** Only for DTLS. */
  readonly epoch?: number | undefined;
}

/** As `KeyResults`, with what is wrong with lines in words. */
export interface JsonKeyResults extends Omit<KeyResults, 'logs'> {
  readonly logs: readonly JsonKeyLog[];
}

export interface JsonKeyLog extends Omit<KeyLog, 'faults'> {
  readonly faults: readonly JsonKeyLogFault[];
}

export interface JsonKeyLogFault extends Omit<KeyLogFault, 'what'> {
  readonly what: string;
}

/** What a side does against its protocol; which of the details there are depends on `kind`. */
export interface JsonViolation extends JsonSighting {
  readonly kind: Violation['kind'];
  /** Name of the message, or of the one it follows. */
  readonly message?: string | undefined;
  readonly after?: string | null | undefined;
  readonly extension?: string | null | undefined;
  /** The structure with bytes left over, or what of a ServerHello was not offered. */
  readonly what?: string | undefined;
  /** What was not offered, by its name. */
  readonly value?: string | undefined;
  /** Bytes from the beginning of the extension's content, or of the message's body. */
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  readonly limit?: number | undefined;
  readonly contentType?: string | undefined;
  readonly reason?: string | undefined;
  /** The server_name as sent. */
  readonly name?: string | undefined;
  readonly offered?: string | undefined;
  readonly negotiated?: string | undefined;
}

export interface JsonTcp {
  readonly syns: readonly JsonSighting[];
  readonly synAck: JsonSighting | null;
  readonly resets: readonly (JsonSighting & { readonly ttl: number; readonly ipId: number })[];
  readonly fins: readonly JsonSighting[];
  /** ICMP errors about its packets, if there are any. */
  readonly icmp?: readonly JsonIcmpError[] | undefined;
  readonly client: JsonTcpSide;
  readonly server: JsonTcpSide;
}

export interface JsonQuic {
  readonly version: string | null;
  readonly offeredVersions: readonly string[];
  readonly versionNegotiations: readonly (JsonSighting & { readonly versions: readonly string[] })[];
  readonly retries: readonly (JsonSighting & { readonly isAgain: boolean; readonly isIntact: boolean | null })[];
  readonly token: JsonSighting | null;
  readonly transportParameters: readonly number[];
  readonly closes: readonly (JsonSighting &
    Pick<QuicClose, 'code' | 'name' | 'application' | 'frameType' | 'reason'> & {
      readonly decrypted?: true | undefined;
    })[];
  readonly isHelloAcknowledged: boolean | null;
  readonly isAnswerAcknowledged: boolean | null;
  readonly altered: JsonSighting | null;
  readonly serverName: string | null;
  readonly client: QuicSide['packets'];
  readonly server: QuicSide['packets'];
}

export interface JsonEap {
  /** The method that the server started last: `EAP-TLS`, `TTLS`, `PEAP`, `FAST`, `TEAP`; null if it started none. */
  readonly method: string | null;
  /** The peer's last identity, often `anonymous`: the real one is encrypted. */
  readonly identity: string | null;
  /** Calling-Station-Id of RADIUS. */
  readonly stationId: string | null;
  /** EAP packets that fragments follow, repeats too. */
  readonly fragments: number;
  /** EAP-Success or EAP-Failure, and its frame. */
  readonly result: 'success' | 'failure' | null;
  readonly resultFrame: number | null;
  /** Methods that the peer asked for instead of the server's: as `method`, or `type 4` for one without TLS. */
  readonly naks: readonly string[];
  /** RADIUS: the last request, if it has no answer: the frames that it was sent in first and last, and how often it was. */
  readonly unanswered?: { readonly first: number; readonly last: number; readonly times: number } | undefined;
  /** ICMP errors about RADIUS requests, if there are any. */
  readonly icmp?: readonly JsonIcmpError[] | undefined;
  readonly client: JsonEapSide;
  readonly server: JsonEapSide;
}

export type JsonEapSide = Pick<EapSide, 'packets' | 'bytes' | 'missing' | 'retransmissions'> & {
  readonly firstData: JsonSighting | null;
  readonly lastData: JsonSighting | null;
};

export interface JsonUdp {
  /** ICMP errors about its datagrams, if there are any. */
  readonly icmp?: readonly JsonIcmpError[] | undefined;
  readonly client: JsonUdpSide;
  readonly server: JsonUdpSide;
}

export type JsonUdpSide = Pick<UdpSide, 'datagrams' | 'bytes' | 'missing' | 'retransmissions' | 'ttl'> & {
  /** Datagrams of which further IP fragments never came. */
  readonly fragmented: number;
  readonly firstData: JsonSighting | null;
  readonly lastData: JsonSighting | null;
};

export type JsonIcmpError = Pick<IcmpError, 'frame' | 'router' | 'about' | 'type' | 'code' | 'meaning' | 'mtu'> & {
  /** Index in `captures`, if it is not the connection's. */
  readonly capture?: number | undefined;
  readonly at: string;
};

export type JsonTcpSide = Pick<
  TcpSide,
  'bytes' | 'retransmissions' | 'missing' | 'acknowledged' | 'resentInVain' | 'lost' | 'ttl'
> & {
  readonly firstData: JsonSighting | null;
  readonly lastData: JsonSighting | null;
};

export type JsonClose = Pick<Ending, 'by' | 'frame'> & {
  /** `fin`, `rst`: closed and aborted; `timeout`: silence until the capture moved on; `none`: the capture ends first. */
  readonly how: 'fin' | 'rst' | 'timeout' | 'none';
  /** Index in `captures`, if it is not the connection's. */
  readonly capture?: number | undefined;
  readonly at: string | null;
};

export type JsonNote = JsonNotice &
  Pick<Note, 'frame'> & {
    /** Index in `captures`, if it is not the connection's. */
    readonly capture?: number | undefined;
  };

export interface JsonObservation extends JsonSaid {
  readonly text: string;
  /** What the decisive side had received last, if anything, and what it did. */
  readonly frames: readonly number[];
}

/** `messageId` and `data` are of `explanation`; where it is excluded, of `because`. */
export interface JsonCandidate extends Partial<JsonSaid> {
  readonly rule: string;
  readonly state: Support;
  /**
   * What speaks for it, its evidence in one text; where it is excluded, what speaks against it: `messageId` and `data` are of
   * that text then.
   */
  readonly because: string;
  /** Frames that `because` is about. */
  readonly frames: readonly number[];
  /** Not of one that `findings` has too: it says more there. */
  readonly evidence?: readonly JsonEvidence[] | undefined;
  /** What happened, if it is the cause; not of one that is excluded, nor of one that `findings` has too. */
  readonly explanation?: string | undefined;
  /** What settles whether it is the cause, a text of the rule without values; not of one that is excluded. */
  readonly settledBy?: string | undefined;
  readonly settledByDetails?: JsonSaid | undefined;
}

/** What a side sent, compared with a store, certificate by certificate, with both fingerprints. */
export type JsonComparison = Comparison;

/** What a file of an end says of a finding, and where. */
export interface JsonEndFact extends JsonSaid {
  readonly fact: string;
  readonly path: string;
  /** From 1; null if the file has none. */
  readonly line: number | null;
}

/** One fact, at its frame. */
export interface JsonEvidence extends JsonSighting, JsonSaid {
  readonly fact: string;
}

export interface JsonFinding extends JsonSaid {
  readonly rule: string;
  readonly role: Role;
  readonly severity: Severity;
  readonly certainty: Certainty;
  readonly title: string;
  /** `messageId` and `data` are of this text. */
  readonly explanation: string;
  readonly evidence: readonly JsonEvidence[];
  /** What the files of the ends say of it, if some were given. */
  readonly known?: readonly JsonEndFact[] | undefined;
  readonly remedies: readonly JsonRemedy[];
}

/** How captures at several points of one path compare. Places of points count from 0, the client's first. */
export interface JsonPathSummary {
  readonly points: readonly { readonly capture: number; readonly captures: number; readonly connections: number }[];
  /** Of each two neighbouring points. */
  readonly clocks: readonly JsonPathClock[];
  /** Connections that several points show. */
  readonly matched: number;
}

export interface JsonPathClock extends Omit<PathClock, 'between'> {
  readonly between: readonly number[];
}

/** What captures at several points of its path show of a connection. */
export interface JsonPath {
  readonly points: readonly JsonPathPoint[];
  /** Place in `points` of the one whose view of the connection all its other facts are. */
  readonly own: number;
  readonly differences: readonly JsonPathDifference[];
  /** In the order of time (the first 64). */
  readonly packets: readonly JsonPathPacket[];
}

export interface JsonPathPoint {
  readonly capture: number;
  readonly seen: {
    readonly capture?: number | undefined;
    readonly firstFrame: number;
    readonly client: Endpoint;
    readonly server: Endpoint;
    readonly startedAt: string;
    readonly outcome: Outcome;
    /** Of the cause that this point alone shows, or null. */
    readonly rule: string | null;
  } | null;
  /** Milliseconds that its clock is ahead of that of the connection's own point; null if unknown. */
  readonly aheadMs: number | null;
}

export interface JsonPacketSighting {
  readonly capture?: number | undefined;
  readonly frame: number;
  readonly at: string;
}

export interface JsonPathPacket extends Pick<PathPacket, 'from' | 'what' | 'bytes'> {
  /** By point: where it was seen, or null if it was not. */
  readonly seen: readonly (JsonPacketSighting | null)[];
}

/** What differs between two points; each kind has its own fields (`PathDifference`). */
export interface JsonPathDifference {
  readonly kind: PathDifference['kind'];
  readonly between: readonly number[];
  readonly from?: Side | undefined;
  readonly at?: JsonSighting | undefined;
  readonly what?: PathPacket['what'] | undefined;
  readonly message?: string | null | undefined;
  readonly packets?: number | undefined;
  readonly of?: number | undefined;
  readonly bySize?: { readonly lost: number; readonly arrived: number } | null | undefined;
  readonly isProven?: boolean | undefined;
  readonly mayBeOver?: boolean | undefined;
  readonly isAnswered?: boolean | undefined;
  readonly bytes?: number | undefined;
  readonly ttl?: number | undefined;
  readonly usualTtl?: number | null | undefined;
  readonly arrived?: JsonSighting | undefined;
  readonly offset?: number | undefined;
  readonly sent?: string | undefined;
  readonly received?: string | undefined;
  /** Segments, or the maximum segment size, as sent and as they arrived. */
  readonly sentSegments?: number | undefined;
  readonly arrivedSegments?: number | undefined;
  readonly side?: Side | undefined;
  readonly here?: Endpoint | undefined;
  readonly there?: Endpoint | undefined;
  readonly client?: Endpoint | undefined;
  readonly server?: Endpoint | undefined;
  readonly issuers?: readonly (string | null)[] | undefined;
}
