import type { Notice } from '../notices.js';
import type { Timestamp } from '../capture/timestamp.js';
import type { PlaintextProtocol } from '../preamble/plaintext.js';
import type { Violation } from '../tls/conformance.js';
import type { Preamble } from '../preamble/preamble.js';
import type { EncryptionLevel } from '../tls/handshake/transcript.js';
import type { Ending as FlowEnding, FrameRef } from '../transport/flow.js';
import type { Certificate } from '../x509/certificate.js';
import type { OcspResponse } from '../x509/ocsp.js';

/** The end of a connection that something came from. */
export type Side = 'client' | 'server';

export interface Endpoint {
  /** IPv4 dotted decimal, or IPv6 as RFC 5952 writes it; over IEEE 802.1X a MAC address, and port 0. */
  readonly address: string;
  readonly port: number;
}

/** A place in the capture: everything that can be evidence has one. */
export interface Sighting extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly from: Side;
}

/** `incomplete`: the capture does not show how it ended. */
export type Outcome = 'established' | 'failed' | 'incomplete' | 'not-tls';

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

/** Names throughout are IANA's; a code without a name is `0x1234`, a GREASE value (RFC 8701) `GREASE_0x0A0A`. */
export interface ClientHello {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** Version field of the record that carried it, which some servers mirror; `SSL 2.0` for the SSLv2 format. */
  readonly recordVersion: string;
  readonly legacyVersion: string;
  /** What it offers, most wanted first: supported_versions, or else everything up to legacy_version by that name alone. */
  readonly supportedVersions: readonly string[];
  /** Lower-case hexadecimal. */
  readonly random: string;
  /** Length in bytes of the session id. */
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
  readonly ja3: string;
  readonly ja4: string;
}

export interface ServerHello {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** The negotiated version: supported_versions where present, else the legacy field. */
  readonly version: string;
  readonly random: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  /** The key exchange group (key_share, or ServerKeyExchange's named curve), or null where none shows. */
  readonly group: string | null;
  /** Bits of the prime of a Diffie-Hellman exchange (ServerKeyExchange), or null where none shows. */
  readonly dhBits: number | null;
  /** Scheme of the signature on ServerKeyExchange: TLS 1.2 only, which names it in the clear; else null. */
  readonly signatureScheme: string | null;
  /** From ServerHello, or of TLS 1.3, which encrypts it, from EncryptedExtensions where keys show it; else null. */
  readonly alpn: string | null;
  readonly ja3s: string;
  /** The handshake is abbreviated (session id or ticket) or uses a pre-shared key. */
  readonly resumed: boolean;
}

export interface HelloRetryRequest {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly version: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  /** The group the server asks for, or null (a cookie alone). */
  readonly group: string | null;
}

export interface CertificateRequest {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** TLS ClientCertificateType names; empty for TLS 1.3. */
  readonly certificateTypes: readonly string[];
  readonly signatureSchemes: readonly string[];
  /** Distinguished names as RFC 4514 writes them. */
  readonly certificateAuthorities: readonly string[];
}

/** What a CertificateStatus message staples (RFC 6066 §8). */
export interface CertificateStatus {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly responseLength: number;
  /** The response decoded, or null if the server stapled none (a length of 0). */
  readonly response: OcspResponse | null;
}

export interface Alert extends Sighting {
  readonly kind: 'alert';
  /** null when encrypted. */
  readonly level: 'warning' | 'fatal' | null;
  readonly code: number | null;
  /** RFC name, `0x..` for one without; null when encrypted. */
  readonly name: string | null;
  readonly encrypted: boolean;
  /** It was encrypted on the wire, and keys that were given opened it. */
  readonly decrypted?: true;
  /** Version field of the record that carried it. */
  readonly recordVersion: string;
  /** TLS 1.3 encrypts the record type too: this is an alert by its size alone (2 + 1 + 16 bytes, RFC 8446 §5.2). */
  readonly inferred: boolean;
}

export interface HandshakeMessage extends Sighting {
  readonly kind: 'message';
  /** RFC name in lower case (`client_hello`); `encrypted_handshake` for a record whose content is hidden. */
  readonly type: string;
  /** Bytes of the message's body, without its 4-byte header; of the record for an encrypted one. */
  readonly length: number;
  readonly encrypted: boolean;
  /** As of an alert. */
  readonly decrypted?: true;
  /** In how many records it came. */
  readonly records: number;
  /** The capture lacks bytes of this side before it. */
  readonly isBehindGap: boolean;
  /** Over DTLS: the epoch of the record that carries it. */
  readonly epoch?: number;
  /** Over QUIC: the encryption level of the packet that carries it. */
  readonly level?: EncryptionLevel;
}

/** An encrypted record seen by its header only, among the first of each side. */
export interface EncryptedRecord extends Sighting {
  readonly kind: 'encrypted_record';
  /** TLS ContentType by name, as the header shows it. */
  readonly contentType: 'change_cipher_spec' | 'alert' | 'handshake' | 'application_data';
  /** Bytes of the record body. */
  readonly length: number;
  /** Keys that were given opened it: it is what its type says, which TLS 1.3 hides otherwise. What it holds is not kept. */
  readonly decrypted?: true;
  /** Over DTLS: the epoch, by which DTLS 1.3 shows how far it is: 2 is the handshake, 3 what follows. */
  readonly epoch?: number;
}

export interface ChangeCipherSpec extends Sighting {
  readonly kind: 'change_cipher_spec';
}

/** Something that a side sent, as the transcript has it: what is encrypted stands there as a record, whatever it holds. */
export type Sent = HandshakeMessage | Alert | ChangeCipherSpec | EncryptedRecord;

/** A record in the clear that its sender began and whose end never came, although the capture has all that the side sent. */
export interface UnfinishedRecord {
  readonly from: Side;
  /** Bytes of its body: as its header announces them, and as they came. */
  readonly length: number;
  readonly bytes: number;
}

/** The first words of a side that were not TLS. From the wire: hostile. */
export interface PlaintextWords extends Sighting {
  /** The first line, one character a byte, at most 120. */
  readonly text: string;
  /** The protocol that they are of, by their content; null if it is none of the known ones. */
  readonly protocol: PlaintextProtocol | null;
  /** A server that says so: what it got should have been TLS. */
  readonly expectsTls: boolean;
}

/** A TCP segment that ends or refuses, with the marks that tell a host from a middlebox. */
export interface TcpReset extends Sighting {
  readonly ttl: number;
  readonly ipId: number;
  /** Whether its sequence number is the next one of its side, as far as captured; null if that is not known. */
  readonly isInSequence: boolean | null;
}

/** What an ICMP error says, of IPv4 and IPv6 alike. `prohibited`: by a firewall or a policy. */
export type IcmpMeaning =
  | 'no-route'
  | 'host-unreachable'
  | 'protocol-unreachable'
  | 'port-unreachable'
  | 'fragmentation-needed'
  | 'source-route-failed'
  | 'prohibited'
  | 'time-exceeded'
  | 'other';

/** An ICMP error about a packet of the connection. */
export interface IcmpError extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  /** The address that sent it: a router, a firewall, or the other end. */
  readonly router: string;
  /** Whose packet it is about, and to whom it was sent. */
  readonly about: Side;
  readonly type: number;
  readonly code: number;
  readonly meaning: IcmpMeaning;
  /** The largest IP packet that goes through, in bytes, of `fragmentation-needed`; null where it is not said. */
  readonly mtu: number | null;
}

/** What any carrier shows of one side. */
export interface TransportSide {
  /** Payload bytes that the capture holds, each once. */
  readonly bytes: number;
  /** Bytes that were sent and that the capture lacks; over TCP, those that the peer acknowledged. */
  readonly missing: number;
  /** Packets whose bytes were sent before (duplicates by the capture itself excluded). */
  readonly retransmissions: number;
  readonly firstData: Sighting | null;
  readonly lastData: Sighting | null;
}

/** What TCP shows of one side. */
export interface TcpSide extends TransportSide {
  /** Whether the peer acknowledged every payload byte seen. */
  readonly acknowledged: boolean;
  /** The segment that it sent again in vain: its payload in bytes, and how often it came again; null if there is none. */
  readonly resentInVain: { readonly bytes: number; readonly times: number } | null;
  /** Bytes of `missing` that the peer never acknowledged, although later ones arrived: they got lost on the way. */
  readonly lost: number;
  /**
   * Bytes at the end that this side sent and the capture lacks, acknowledged or not: the sequence number of a later segment
   * without payload, which is the place given, lies behind them.
   */
  readonly uncaptured: (Sighting & { readonly bytes: number }) | null;
  /** The window that its last SYN or SYN-ACK announces, in bytes; null if there is none. */
  readonly window: number | null;
  /** The maximum segment size that it announces there; null if none. */
  readonly mss: number | null;
  /** The most payload that one of its segments has, in bytes; more than any link takes where the network card segments. */
  readonly largestSegment: number;
  /** Last TTL or hop limit of this side's segments other than resets; null if it sent none. */
  readonly ttl: number | null;
  /** The least and the greatest of them; null if it sent none. */
  readonly ttls: readonly [least: number, greatest: number] | null;
  /** Its first new data after a reset in its name, which proves that the reset was not its own; null if there is none. */
  readonly dataAfterReset: Sighting | null;
  /** Its first segment without payload, other than a reset, after a reset in its name; null if there is none. */
  readonly ackAfterReset: Sighting | null;
}

export interface TcpFacts {
  readonly kind: 'tcp';
  /** The client's SYNs, oldest first (the first 8). */
  readonly syns: readonly Sighting[];
  /** The first SYN-ACK. */
  readonly synAck: Sighting | null;
  /** All of them (the first 8): where it comes again, the ACK did not arrive. */
  readonly synAcks: readonly Sighting[];
  readonly resets: readonly TcpReset[];
  /** First FIN of each side, in order. */
  readonly fins: readonly Sighting[];
  /** ICMP errors about its packets (the first 4). */
  readonly icmp: readonly IcmpError[];
  readonly client: TcpSide;
  readonly server: TcpSide;
}

/** What UDP shows of one side. */
export interface UdpSide extends TransportSide {
  readonly datagrams: number;
  /** The message that it sent again most often, and how often, at the last copy; null if there is none. */
  readonly mostResent: (Sighting & { readonly message: string; readonly times: number }) | null;
  /** Datagrams of which further IP fragments never came, at the first one's beginning; null if there are none. */
  readonly fragmented: (Sighting & { readonly datagrams: number }) | null;
  /** TTL or hop limit of its last datagram; null if it sent none. */
  readonly ttl: number | null;
}

/** What UDP shows of an association; `retransmissions` are what the protocol above tells. */
export interface UdpFacts {
  readonly kind: 'udp';
  /** ICMP errors about its datagrams (the first 4). */
  readonly icmp: readonly IcmpError[];
  /** Answers of the server that came from another address or port than the client sends to, the first one; null if there are none. */
  readonly strayAnswer:
    (Sighting & { readonly source: Endpoint; readonly isProven: boolean; readonly datagrams: number }) | null;
  readonly client: UdpSide;
  readonly server: UdpSide;
}

/** What EAP shows of one side; its bytes are those of TLS. `retransmissions` are EAP packets that came again. */
export interface EapSide extends TransportSide {
  /** EAP packets, each once. */
  readonly packets: number;
  /** Its last one, of whatever kind; null if it sent none. */
  readonly last: Sighting | null;
  /** Bytes of that one, and whether fragments of the same message were to follow it. */
  readonly lastLength: number;
  readonly hasMore: boolean;
}

/**
 * What carries an EAP conversation shows: IEEE 802.1X between a supplicant and an access point or switch (`eapol`), or RADIUS
 * between that one and the server. Each side waits for the other one's answer to its last packet.
 */
export interface EapCarrierFacts {
  readonly kind: 'eapol' | 'radius';
  readonly client: EapSide;
  readonly server: EapSide;
  /** ICMP errors about RADIUS requests (the first 4). */
  readonly icmp: readonly IcmpError[];
  /** Whether the conversation is all that the capture has: then nothing shows how much time passed after its last packet. */
  readonly isAlone: boolean;
  /** Answers of the RADIUS server. */
  readonly answers: number;
  /** The last RADIUS request, while it has no answer. */
  readonly unanswered: {
    readonly first: Sighting;
    readonly last: Sighting;
    /** How often it was sent. */
    readonly times: number;
    /** Whether the first of its IP fragments is there alone. */
    readonly isCut: boolean;
  } | null;
  /** The largest EAP packet that the access point or switch asks the RADIUS server for (Framed-MTU); null where it does not. */
  readonly framedMtu: number | null;
}

/** What the carrier of the handshake shows, discriminated by `kind`. What every carrier has is read without asking which. */
export type TransportFacts = TcpFacts | UdpFacts | EapCarrierFacts;

/** The facts of TCP, for a rule that needs them; null when another carrier than TCP carries the handshake. */
export function overTcp({ transport }: Pick<Connection, 'transport'>): TcpFacts | null {
  return transport.kind === 'tcp' ? transport : null;
}

/** The facts of UDP, for a rule that needs them; null when another carrier than UDP carries the handshake. */
export function overUdp({ transport }: Pick<Connection, 'transport'>): UdpFacts | null {
  return transport.kind === 'udp' ? transport : null;
}

/** The facts of what carries an EAP conversation; null when it is no such carrier. */
export function overEap({ transport }: Pick<Connection, 'transport'>): EapCarrierFacts | null {
  return transport.kind === 'eapol' || transport.kind === 'radius' ? transport : null;
}

/** What is DTLS's own of a handshake (RFC 6347, RFC 9147). */
export interface DtlsFacts {
  /** HelloVerifyRequests, those sent again left out. */
  readonly helloVerifyRequests: number;
  /** Messages in the clear that began again after they had been complete. */
  readonly retransmissions: number;
  /** ACK records in the clear (DTLS 1.3). */
  readonly acks: number;
  /** Whether any record carries a connection ID (RFC 9146). */
  readonly connectionId: boolean;
}

/** A packet of QUIC whose content is hidden, seen by its header. */
export interface ProtectedPacket extends Sighting {
  readonly level: '0rtt' | 'handshake' | '1rtt';
  /** Bytes of the packet. */
  readonly length: number;
}

/** What QUIC shows of one side. */
export interface QuicSide {
  /**
   * Its packets by level. `1rtt` are those to a connection ID that the handshake shows; other packets with a short header are
   * `short`: most are of the same level.
   */
  readonly packets: Readonly<Record<'initial' | ProtectedPacket['level'] | 'short', number>>;
  /** The first of those that are hidden (16); of `1rtt` the first one. */
  readonly protectedPackets: readonly ProtectedPacket[];
  /** UDP payload of its longest datagram, in bytes. */
  readonly longestDatagram: number;
}

/** A CONNECTION_CLOSE that can be read, once however often it was sent. */
export interface QuicClose extends Sighting {
  readonly code: number;
  /** RFC 9000's name of the code, `CRYPTO_ERROR` for one that stands for an alert of TLS; null where the application closes. */
  readonly name: string | null;
  readonly application: boolean;
  /** Type of the frame that caused it, 0 where that is not known; null where the application closes. */
  readonly frameType: number | null;
  /** From the wire: hostile. */
  readonly reason: string;
  /** Of the packet that it came in; behind Initial packets, it could be read because there are keys. */
  readonly level: EncryptionLevel;
}

/** What is QUIC's own of a connection (RFC 9000, RFC 9369). Versions by name: `QUIC v1`, `draft-29`, `Q046`, `0x1a2a3a4a`. */
export interface QuicFacts {
  /** Of the packet that carried the ServerHello; null without one. Of Google's, the client's. */
  readonly version: string | null;
  /** In the client's long headers, in order of appearance. */
  readonly offeredVersions: readonly string[];
  /** Those that the client says it can speak (RFC 9368); empty if it does not say. */
  readonly availableVersions: readonly string[];
  readonly versionNegotiations: readonly (Sighting & { readonly versions: readonly string[] })[];
  readonly retries: readonly (Sighting & {
    /** It answers a packet that already had the token of a Retry. */
    readonly isAgain: boolean;
    /** Whether its integrity tag fits; null in versions without one. */
    readonly isIntact: boolean | null;
  })[];
  /** The client's first Initial packet with a token. */
  readonly token: Sighting | null;
  /** Ids of the client's, in the order of its ClientHello. */
  readonly transportParameters: readonly number[];
  readonly closes: readonly QuicClose[];
  /** The server says that the handshake is complete; where keys show it. */
  readonly handshakeDone: Sighting | null;
  /** Whether the server said that all of the ClientHello arrived; null where it acknowledged nothing. */
  readonly isHelloAcknowledged: boolean | null;
  /** Whether the client said that all of the ServerHello arrived; null where it acknowledged nothing. */
  readonly isAnswerAcknowledged: boolean | null;
  /** The first Initial packet that does not open, and whose content can be told all the same: it was altered on its way. */
  readonly altered: Sighting | null;
  /** Of Google's QUIC, the name that its own hello asks for. */
  readonly serverName: string | null;
  readonly client: QuicSide;
  readonly server: QuicSide;
}

/** An EAP method that a side names: `EAP-TLS`, `TTLS`, `PEAP`, `FAST`, `TEAP`; `type 4` for one without TLS. */
export interface NamedMethod extends Sighting {
  readonly method: string;
}

/** A request of the server or a response of the peer (RFC 3748 §4): each request and its response are a round trip. */
export interface EapPacketSeen extends Sighting {
  /** `Identity`, `Nak`, or as a `NamedMethod`. */
  readonly type: string;
  /** What a method with TLS says in it: `data` ends a message of TLS, `fragment` does not; null of another type. */
  readonly tls: 'start' | 'fragment' | 'data' | 'acknowledgment' | null;
  /** In bytes: those of TLS where it carries some, else of the whole packet. */
  readonly length: number;
}

/** What EAP shows of a conversation (RFC 3748). The peer's identity and what a device calls it are from the wire: hostile. */
export interface EapFacts {
  /** Requests and responses in order, each once: the first ones, of a long conversation. */
  readonly packets: readonly EapPacketSeen[];
  /** Methods with TLS that the server started, the last one the one that counts. */
  readonly started: readonly NamedMethod[];
  /** Those that the peer asked for instead (Nak). */
  readonly naks: readonly NamedMethod[];
  /** The peer's last identity, often not its own: the one that counts is encrypted. */
  readonly identity: string | null;
  /** What the access point or switch calls the peer (Calling-Station-Id), mostly its MAC address; over RADIUS alone. */
  readonly stationId: string | null;
  /** Packets that fragments follow, repeats too. */
  readonly fragments: number;
  /** Whether it began before the capture did. */
  readonly isLate: boolean;
  /** EAP-Success or EAP-Failure. */
  readonly result: (Sighting & { readonly isSuccess: boolean }) | null;
}

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

/** Where a packet was seen at one point of its path. */
export interface PacketSighting extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
}

/** A packet of a connection, as captures at several points of its path show it. */
export interface PathPacket {
  readonly from: Side;
  readonly what: 'SYN' | 'SYN-ACK' | 'FIN' | 'reset' | 'acknowledgment' | 'data';
  /** Bytes of its payload. */
  readonly bytes: number;
  /** By point: where it was seen, or null where it was not. */
  readonly seen: readonly (PacketSighting | null)[];
}

/** What captures at one point of the path show of a connection. */
export interface PathPoint {
  /** Index of the first capture of this point. */
  readonly capture: number;
  /** The connection as it is seen there; null where it is not. */
  readonly seen: {
    /** Index of its capture, if it is another than the connection's. */
    readonly capture?: number;
    readonly firstFrame: number;
    readonly client: Endpoint;
    readonly server: Endpoint;
    readonly startedAt: Timestamp;
    /** What this point alone shows of how it ended, and why: the id of a rule, or null. */
    readonly outcome: Outcome;
    readonly diagnosis: string | null;
  } | null;
  /** How far its clock is ahead of that of the connection's own point, in milliseconds; null where nothing tells. */
  readonly aheadMs: number | null;
}

/** Two points next to each other among those that show a connection, by their place in the path, the client's first. */
export type Between = readonly [number, number];

/**
 * What differs between two points. `isProven`: the captures leave no other explanation; else the packet may have been missed
 * by the capture, or come after its end.
 */
export type PathDifference =
  | {
      /** Packets that were sent, and did not arrive. */
      readonly kind: 'lost';
      readonly between: Between;
      readonly from: Side;
      /** The first of them, where it was sent. */
      readonly at: Sighting;
      readonly what: PathPacket['what'];
      /** The message that it begins or goes on with, by the name that `messages` has; null where it shows none. */
      readonly message: string | null;
      /** How many, copies counted, and of how many that this side sent with as much as a byte. */
      readonly packets: number;
      readonly of: number;
      /** The smallest of them, and the largest that arrived, in bytes of payload, where it is size that parts them. */
      readonly bySize: { readonly lost: number; readonly arrived: number } | null;
      readonly isProven: boolean;
    }
  | {
      /** The connection is not seen at a point at all. */
      readonly kind: 'absent';
      readonly between: Between;
      /** Whether the side that is behind that point answered all the same: then something in between answered for it. */
      readonly isAnswered: boolean;
      readonly at: Sighting;
      readonly isProven: boolean;
    }
  | {
      /** A packet that arrived, and that the side in whose name it came never sent. */
      readonly kind: 'inserted';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly what: PathPacket['what'];
      readonly bytes: number;
      readonly ttl: number;
      /** Of the other packets of that side there; null if there are none. */
      readonly usualTtl: number | null;
      readonly isProven: boolean;
      /** Nothing but its absence speaks for it, and the capture that lacks it shows nothing later: it may have been over by then. */
      readonly mayBeOver: boolean;
    }
  | {
      /** Bytes that arrived other than they were sent. */
      readonly kind: 'altered';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly arrived: Sighting;
      /** Of the first changed byte in the payload of the packet. */
      readonly offset: number;
      /** How many bytes were changed. */
      readonly bytes: number;
      /** The first changed ones, as sent and as they arrived: lower-case hexadecimal. */
      readonly sent: string;
      readonly received: string;
      /** The message that they are of, where it shows. */
      readonly message: string | null;
    }
  | {
      /** The same bytes of a stream in other segments. */
      readonly kind: 'recut';
      readonly between: Between;
      readonly from: Side;
      /** Segments with payload, as they were sent and as they arrived. */
      readonly sent: number;
      readonly arrived: number;
    }
  | {
      /** A smaller maximum segment size arrived than was announced. */
      readonly kind: 'mss-clamped';
      readonly between: Between;
      readonly from: Side;
      readonly sent: number;
      readonly arrived: number;
    }
  | {
      readonly kind: 'address-translated';
      readonly between: Between;
      /** Whose address or port it is. */
      readonly side: Side;
      /** At the first point, and at the second. */
      readonly here: Endpoint;
      readonly there: Endpoint;
    }
  | {
      /** Other sequence numbers of TCP in the same packets. */
      readonly kind: 'sequence-rewritten';
      readonly between: Between;
      readonly from: Side;
    }
  | {
      /** Two connections of TCP with one TLS connection through both. */
      readonly kind: 'tcp-terminated';
      readonly between: Between;
    }
  | {
      /** Two TLS connections, one for the other. */
      readonly kind: 'tls-terminated';
      readonly between: Between;
      /** The ClientHello of the other one. */
      readonly at: Sighting;
      readonly client: Endpoint;
      readonly server: Endpoint;
      /** Issuer of the certificate here and there; null where it does not show. */
      readonly issuers: readonly [string | null, string | null];
      readonly isProven: boolean;
    };

/** What captures at several points of its path show of one connection together. */
export interface PathFacts {
  /** In order from the client to the server. */
  readonly points: readonly PathPoint[];
  /** The point whose view of the connection all other facts are. */
  readonly own: number;
  readonly differences: readonly PathDifference[];
  /** In the order of time (the first 64). */
  readonly packets: readonly PathPacket[];
}

/** How the clocks of two neighbouring points compare. `aheadMs`: of the second, in milliseconds, as of all these. */
export interface PathClock {
  readonly between: Between;
  /**
   * What it is known by. `both-ways`: packets that went either way; `one-way`: packets that went one way alone, so that it is
   * a bound; `nested`: a connection that a proxy opened while another waited for it.
   */
  readonly basis: 'both-ways' | 'one-way' | 'nested' | 'none';
  /** At the first packet; null where there is no more than a bound. */
  readonly aheadMs: number | null;
  /** How far it may be off either way. */
  readonly errorMs: number | null;
  /** Bounds that no delay can break; null where there is none. */
  readonly atLeastMs: number | null;
  readonly atMostMs: number | null;
  /** The way there and back, halved; null where packets went one way alone. */
  readonly delayMs: number | null;
  /** By how much the second clock goes faster, in millionths; null where the captures are too short to tell. */
  readonly driftPpm: number | null;
  /** Packets that both points show. */
  readonly packets: number;
}

/** Captures at several points of a path, of all connections together. */
export interface PathSummary {
  /** The first capture of each point, in order from the client to the server. */
  readonly points: readonly { readonly capture: number; readonly captures: number; readonly connections: number }[];
  readonly clocks: readonly PathClock[];
  /** Connections that several points show. */
  readonly matched: number;
}

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
  /** The beginning of a ClientHello of which the capture lacks the rest, or which is malformed: what it lacks says nothing. */
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
   * What both sides sent, in the order of the frames, each thing once: the first of each kind. `sentBefore` and
   * `receivedBefore` of tls/handshake/transcript.ts tell what a side had sent, and can have known, at a frame.
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
