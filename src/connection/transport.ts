import type { FrameRef } from '../transport/flow.js';
import type { Endpoint, Side, Sighting } from './common.js';

// What carries the handshake shows: TCP, UDP, EAP.

/** The first FIN of a side. */
export interface TcpFin extends Sighting {
  /** The last frame of the peer that it acknowledges, where the capture has that one later: the FIN was sent after it. */
  readonly follows?: number;
  /** It acknowledges more than the capture has of the peer: data, or a FIN that came first. */
  readonly acknowledgesUnseen?: true;
}

/** A TCP segment that ends or refuses, with the marks that tell a host from a middlebox. */
export interface TcpReset extends Sighting {
  readonly ttl: number;
  readonly ipId: number;
  /** Whether its sequence number is the next one of its side, as far as captured; null if that is not known. */
  readonly isInSequence: boolean | null;
  /** It acknowledges more than the capture has of the peer. */
  readonly acknowledgesUnseen?: true;
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
  /** Its first new data that the peer had acknowledged in an earlier frame: the capture has frames out of order. */
  readonly late: Sighting | null;
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
  readonly fins: readonly TcpFin[];
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

interface Carried {
  readonly transport: TransportFacts;
}

/** Whether a side had closed the connection, as far as is known, when its peer sent `frame`: whatever came then only echoes that. */
export function hasClosedBefore(fins: readonly TcpFin[], side: Side, frame: number): boolean {
  return fins.some((fin) => fin.from === side && fin.frame < frame && (fin.follows ?? 0) < frame);
}

/** The facts of TCP, for a rule that needs them; null when another carrier than TCP carries the handshake. */
export function overTcp({ transport }: Carried): TcpFacts | null {
  return transport.kind === 'tcp' ? transport : null;
}

/** The facts of UDP, for a rule that needs them; null when another carrier than UDP carries the handshake. */
export function overUdp({ transport }: Carried): UdpFacts | null {
  return transport.kind === 'udp' ? transport : null;
}

/** The facts of what carries an EAP conversation; null when it is no such carrier. */
export function overEap({ transport }: Carried): EapCarrierFacts | null {
  return transport.kind === 'eapol' || transport.kind === 'radius' ? transport : null;
}
