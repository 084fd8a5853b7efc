import type { EncryptionLevel } from '../tls/handshake/transcript.js';
import type { Sighting } from './common.js';

// What is a protocol's own besides the handshake: DTLS, QUIC, EAP.

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

/** An encrypted packet of QUIC, seen by its header. */
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
  /** The first 16 encrypted packets; of more, the first 15 and the last one. Of level `1rtt`, only the first. */
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
  /** Packets with the keys of the application that the server sent before it can have had the client's Finished (0.5-RTT, RFC 9001 §5.7). */
  readonly halfRtt: number;
  /** Whether the server said that all of the ClientHello arrived; null where it acknowledged nothing. */
  readonly isHelloAcknowledged: boolean | null;
  /** The server's latest acknowledgement of a further part of the ClientHello, before the ServerHello. */
  readonly helloPart: Sighting | null;
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
