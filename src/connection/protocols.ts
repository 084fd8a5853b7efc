import type { EncryptionLevel } from '../tls/handshake/transcript.js';
import type { Sighting } from './common.js';

// What DTLS, QUIC and EAP have besides the handshake.

/** What only DTLS has (RFC 6347, RFC 9147). */
export interface DtlsFacts {
  /** HelloVerifyRequests, without repeats. */
  readonly helloVerifyRequests: number;
  /** Plaintext messages that were sent again. */
  readonly retransmissions: number;
  /** Plaintext ACK records (DTLS 1.3). */
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
   * Its packets by level. `1rtt`: packets to a connection ID that the handshake shows. `short`: other packets with a
   * short header, most of which are of the same level.
   */
  readonly packets: Readonly<Record<'initial' | ProtectedPacket['level'] | 'short', number>>;
  /** The first 16 encrypted packets; of more, the first 15 and the last one. Of level `1rtt`, only the first. */
  readonly protectedPackets: readonly ProtectedPacket[];
  /** UDP payload of its longest datagram, in bytes. */
  readonly longestDatagram: number;
}

/** A CONNECTION_CLOSE that can be read, once, however often it was sent. */
export interface QuicClose extends Sighting {
  readonly code: number;
  /** RFC 9000's name of the code, `CRYPTO_ERROR` for one that stands for an alert of TLS; null where the application closes. */
  readonly name: string | null;
  readonly application: boolean;
  /** Type of the frame that caused it, 0 if unknown; null if the application closes. */
  readonly frameType: number | null;
  /** From the wire: hostile. */
  readonly reason: string;
  /** Level of the packet that it came in. Above Initial, keys opened it. */
  readonly level: EncryptionLevel;
}

/** What only QUIC has (RFC 9000, RFC 9369). Versions by name: `QUIC v1`, `draft-29`, `Q046`, `0x1a2a3a4a`. */
export interface QuicFacts {
  /** Version of the packet that carried the ServerHello, null without one; in Google's QUIC, the client's. */
  readonly version: string | null;
  /** From the client's long headers, in order of appearance. */
  readonly offeredVersions: readonly string[];
  /** Versions that the client says it supports (RFC 9368); empty if it does not say. */
  readonly availableVersions: readonly string[];
  readonly versionNegotiations: readonly (Sighting & { readonly versions: readonly string[] })[];
  readonly retries: readonly (Sighting & {
    /** It answers a packet that already carried the token of a Retry. */
    readonly isAgain: boolean;
    /** Whether its integrity tag is valid; null in versions without one. */
    readonly isIntact: boolean | null;
  })[];
  /** The client's first Initial packet with a token. */
  readonly token: Sighting | null;
  /** Ids of the client's parameters, in the order of its ClientHello. */
  readonly transportParameters: readonly number[];
  readonly closes: readonly QuicClose[];
  /** HANDSHAKE_DONE of the server, if keys show it. */
  readonly handshakeDone: Sighting | null;
  /**
   * Packets that the server protected with application keys before it can have had the client's Finished (0.5-RTT, RFC
   * 9001 §5.7).
   */
  readonly halfRtt: number;
  /** Whether the server acknowledged all of the ClientHello; null if it acknowledged nothing. */
  readonly isHelloAcknowledged: boolean | null;
  /** The server's latest acknowledgement of a further part of the ClientHello, before the ServerHello. */
  readonly helloPart: Sighting | null;
  /** Whether the client acknowledged all of the ServerHello; null if it acknowledged nothing. */
  readonly isAnswerAcknowledged: boolean | null;
  /** The first Initial packet that does not decrypt although its plaintext is known: it was altered on the way. */
  readonly altered: Sighting | null;
  /** In Google's QUIC: the server name in its own hello. */
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

/**
 * What EAP shows of a conversation (RFC 3748). The peer's identity and the device's name for it come from the wire:
 * hostile.
 */
export interface EapFacts {
  /** Requests and responses in order, without repeats; only the first ones of a long conversation. */
  readonly packets: readonly EapPacketSeen[];
  /** TLS methods that the server started; the last one counts. */
  readonly started: readonly NamedMethod[];
  /** Those that the peer asked for instead (Nak). */
  readonly naks: readonly NamedMethod[];
  /** The peer's last identity. Often not the real one, which is encrypted. */
  readonly identity: string | null;
  /**
   * The access point's or switch's name for the peer (Calling-Station-Id), usually its MAC address; only over RADIUS.
   */
  readonly stationId: string | null;
  /** Packets with more fragments to follow, repeats included. */
  readonly fragments: number;
  /** Whether it began before the capture did. */
  readonly isLate: boolean;
  /** EAP-Success or EAP-Failure. */
  readonly result: (Sighting & { readonly isSuccess: boolean }) | null;
}
