import type { Timestamp } from '../capture/timestamp.js';
import type { Notice } from '../notices.js';
import type { Preamble } from '../preamble/preamble.js';
import type { Violation } from '../tls/conformance.js';
import type { Ending as FlowEnding } from '../transport/flow.js';
import type { Certificate } from '../x509/certificate.js';
import type { Endpoint, Outcome, Side, Sighting } from './common.js';
import type {
  Alert,
  CertificateRequest,
  CertificateStatus,
  ClientHello,
  EncryptedRecord,
  HandshakeMessage,
  HelloRetryRequest,
  PlaintextWords,
  Sent,
  ServerHello,
  UnfinishedRecord,
} from './handshake.js';
import type { PathFacts } from './path.js';
import type { DtlsFacts, EapFacts, QuicFacts } from './protocols.js';
import type { TransportFacts } from './transport.js';

export * from './common.js';
export * from './handshake.js';
export * from './transport.js';
export * from './protocols.js';
export * from './path.js';

/** How far a connection got: the furthest step that was reached. */
export type Phase =
  | 'tcp-connect'
  | 'preamble'
  | 'client-hello'
  | 'server-hello'
  | 'server-certificate'
  | 'client-certificate'
  | 'finished'
  | 'application-data';

/** How a connection ended, whatever carried it. */
export interface Ending extends FlowEnding<Side> {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
}

/** Durations in milliseconds, null where either end is not in the capture. */
export interface Timing {
  /** First SYN to SYN-ACK. */
  readonly tcpConnectMs: number | null;
  /** ClientHello to ServerHello. */
  readonly serverHelloMs: number | null;
  /** ClientHello to the end of the handshake; of one that is complete. */
  readonly handshakeMs: number | null;
}

/** What the keys that were given for a connection show. */
export interface KeyFacts {
  /** Encrypted records, or packets, that they opened: 0 where they do not fit. */
  readonly opened: number;
  /** The first that they do not open although they opened others of the same key: it was altered on its way. */
  readonly altered: Sighting | null;
  /** The cipher suite, where it is one that is not read (RC4, DES); else null. */
  readonly unreadable: string | null;
}

/** What carries a TLS handshake, and how: over TCP, in DTLS, in QUIC (Google's own is no TLS), in a method of EAP. */
export type Protocol = 'tls' | 'dtls' | 'quic' | 'gquic' | 'eap-tls';

/** One connection and the TLS handshake in it: what the wire shows, without opinion. Readonly, plain, complete. */
export interface Connection {
  /** Counts from "1" in order of first frame. */
  readonly id: string;
  /** Index of the capture, among those analysed, of its first frame. */
  readonly capture: number;
  readonly protocol: Protocol | null;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Index of the capture of `lastFrame`, if it is another. */
  readonly lastCapture?: number;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp;
  readonly preamble: Preamble | null;
  /** What each side said first outside of TLS, and the server last; empty for a connection that begins with TLS. */
  readonly plaintext: readonly PlaintextWords[];
  readonly outcome: Outcome;
  readonly phase: Phase;
  readonly clientHello: ClientHello | null;
  /** A ClientHello that the capture has only in part, or that is malformed: do not conclude from what is not in it. */
  readonly partialClientHello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  readonly helloRetryRequest: HelloRetryRequest | null;
  readonly certificateRequest: CertificateRequest | null;
  readonly certificateStatus: CertificateStatus | null;
  /** In the order sent. */
  readonly serverCertificates: readonly Certificate[];
  /** The server's certificates are not from the capture: what it is configured to send stands in for what is encrypted. */
  readonly hasStandInChain?: true;
  readonly clientCertificates: readonly Certificate[];
  /**
   * What both sides sent, in the order of the frames, each thing once: the first of each kind. `receivedBefore` of
   * tls/handshake/transcript.ts tells what a side can have known at a frame.
   */
  readonly transcript: readonly Sent[];
  /** The alerts of the transcript, and the encrypted records that hold one. */
  readonly alerts: readonly Alert[];
  /** Plaintext ones, and the encrypted ones that their record header betrays (the first 64). */
  readonly messages: readonly HandshakeMessage[];
  /** The first encrypted records of each side (16 each). */
  readonly encryptedRecords: readonly EncryptedRecord[];
  /** At most one of each side. */
  readonly unfinishedRecords: readonly UnfinishedRecord[];
  /** What the two sides do against the rules of the protocol (the first 16): it need not be why anything fails. */
  readonly violations: readonly Violation[];
  readonly transport: TransportFacts;
  /** Null unless `protocol` is `dtls`. */
  readonly dtls: DtlsFacts | null;
  /** Null unless `protocol` is `quic` or `gquic`. */
  readonly quic: QuicFacts | null;
  /** Null unless `protocol` is `eap-tls`. */
  readonly eap: EapFacts | null;
  /** Null where no keys were given for it. */
  readonly keys: KeyFacts | null;
  readonly ending: Ending;
  readonly timing: Timing;
  /** What captures at other points of its path show; undefined where there is one alone. */
  readonly path?: PathFacts;
  /** What could not be read, and where (codes and text for the report). */
  readonly notes: readonly Note[];
  /**
   * The connection that stands for it, where nobody asks for more than sums (connection/alike.ts): its own are id, client,
   * random and place of the hellos, frames, times and ending; all else is that one's, with the frames of that one.
   */
  readonly like?: Connection;
}

/** Something the reader of the report should know about how this connection was captured or decoded. */
export interface Note extends Notice {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number | null;
}
