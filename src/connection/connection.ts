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
  /** From the ClientHello to the end of the handshake; only for a handshake that is complete. */
  readonly handshakeMs: number | null;
}

/** What the keys given for a connection opened. */
export interface KeyFacts {
  /** Encrypted records, or packets, that they opened; 0 if they do not fit. */
  readonly opened: number;
  /** The first one that they do not open although the same key opened others: it was altered on the way. */
  readonly altered: Sighting | null;
  /** The cipher suite, if the tool cannot decrypt it (RC4, DES); else null. */
  readonly unreadable: string | null;
}

/** What carries a TLS handshake: TCP, DTLS, QUIC, or an EAP method. Google's own QUIC is not TLS. */
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
  /**
   * What each side first said outside of TLS, and what the server said last; empty for a connection that begins with
   * TLS.
   */
  readonly plaintext: readonly PlaintextWords[];
  readonly outcome: Outcome;
  readonly phase: Phase;
  readonly clientHello: ClientHello | null;
  /** A ClientHello that is malformed, or only partly in the capture: draw no conclusion from what it lacks. */
  readonly partialClientHello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  readonly helloRetryRequest: HelloRetryRequest | null;
  readonly certificateRequest: CertificateRequest | null;
  readonly certificateStatus: CertificateStatus | null;
  /** In the order sent. */
  readonly serverCertificates: readonly Certificate[];
  /**
   * The server's certificates are not from the capture, which has them encrypted, but from the server's configured
   * files.
   */
  readonly hasStandInChain?: true;
  readonly clientCertificates: readonly Certificate[];
  /**
   * What both sides sent, in frame order, without repeats, bounded for each kind. `receivedBefore` of
   * tls/handshake/transcript.ts says what a side can have known at a frame.
   */
  readonly transcript: readonly Sent[];
  /** The alerts of the transcript, and the encrypted records that hold an alert. */
  readonly alerts: readonly Alert[];
  /** Plaintext messages, and encrypted ones that the record header gives away (the first 64). */
  readonly messages: readonly HandshakeMessage[];
  /** The first encrypted records of each side (16 each). */
  readonly encryptedRecords: readonly EncryptedRecord[];
  /** At most one of each side. */
  readonly unfinishedRecords: readonly UnfinishedRecord[];
  /** Where the two sides break the rules of the protocol (the first 16); not necessarily why anything fails. */
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
  /** What captures at other points of its path show; undefined if there is only one point. */
  readonly path?: PathFacts;
  /** What could not be read, and where (codes and text for the report). */
  readonly notes: readonly Note[];
  /**
   * The earlier connection that this one repeats, where only sums are needed (fast-path/repeated.ts). Its id,
   * client, times and ending are its own, as are its first and last frame and the frames and randoms of its hellos.
   * Everything else, frame numbers included, is copied from that connection.
   */
  readonly repeats?: Connection;
}

/** Something that the reader of the report should know about how this connection was captured or decoded. */
export interface Note extends Notice {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number | null;
}
