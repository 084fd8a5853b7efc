import type { FrameRef } from '../transport/flow.js';
import type { Endpoint, Side, Sighting } from './common.js';

// What the carrier of the handshake shows: TCP, UDP, EAP.

/** The first FIN of a side. */
export interface TcpFin extends Sighting {
  /** The last frame of the peer that it acknowledges, if the capture has that one later: the FIN was sent after it. */
  readonly follows?: number;
  /** It acknowledges more than the capture has of the peer: data, or an earlier FIN. */
  readonly acknowledgesUnseen?: true;
}

/** A TCP segment that ends or refuses, with what tells a host's from a middlebox's. */
export interface TcpReset extends Sighting {
  readonly ttl: number;
  readonly ipId: number;
  /** Whether its sequence number is the next one of its side, as far as captured; null if unknown. */
  readonly isInSequence: boolean | null;
  /** Its sequence number lies beyond what the capture has of its own side, FIN included. */
  readonly followsUnseen?: true;
  /** It acknowledges more than the capture has of the peer. */
  readonly acknowledgesUnseen?: true;
  /** It acknowledges payload of the peer, so that it answers at least the first of it. */
  readonly acknowledgesData?: true;
}

/** What an ICMP error means, for IPv4 and IPv6 alike. `prohibited`: by a firewall or a policy. */
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
  /** Which side sent the packet that it is about, and to whom. */
  readonly about: Side;
  readonly type: number;
  readonly code: number;
  readonly meaning: IcmpMeaning;
  /** For `fragmentation-needed`: the largest IP packet that fits, in bytes; null if not said. */
  readonly mtu: number | null;
}

/** What every carrier shows of one side. */
export interface TransportSide {
  /** Payload bytes in the capture, without repeats. */
  readonly bytes: number;
  /** Bytes that were sent but are not in the capture; over TCP, bytes that the peer acknowledged. */
  readonly missing: number;
  /** Packets whose bytes were sent before; packets captured twice do not count. */
  readonly retransmissions: number;
  readonly firstData: Sighting | null;
  readonly lastData: Sighting | null;
}

/** A segment that a side sent again without an acknowledgment. */
export interface ResentInVain {
  /** Its payload. */
  readonly bytes: number;
  readonly times: number;
  /** How many bytes of this side precede it, all acknowledged; absent if the capture lacks the beginning. */
  readonly after?: number;
  /** The peer's duplicate acknowledgments ask for it, because a later segment arrived: some packets do get through. */
  readonly isAskedFor?: true;
}

/** What TCP shows of one side. */
export interface TcpSide extends TransportSide {
  /** Whether the peer acknowledged every payload byte seen. */
  readonly acknowledged: boolean;
  /**
   * The segment that it sent again without an acknowledgment: its payload in bytes, and how often; null if there is
   * none.
   */
  readonly resentInVain: ResentInVain | null;
  /**
   * Those bytes of `missing` that the peer did not acknowledge when later ones had arrived: they were lost on the way.
   */
  readonly lost: number;
  /** Those bytes of `missing` that the snapshot length cut off from captured packets; absent if none. */
  readonly cut?: number;
  /**
   * Bytes at the end that this side sent and the capture lacks, acknowledged or not: the sequence number of a later
   * empty segment, cited here, lies beyond them.
   */
  readonly uncaptured: (Sighting & { readonly bytes: number }) | null;
  /**
   * Its first new data that the peer had acknowledged in an earlier frame: the frames in the capture are out of order.
   */
  readonly late: Sighting | null;
  /** The sequence number of its SYN or SYN-ACK, as a signed 32-bit integer; null if the capture has neither. */
  readonly initialSequence: number | null;
  /** The window of its last SYN or SYN-ACK, in bytes; null if there is none. */
  readonly window: number | null;
  /** The maximum segment size announced there; null if none. */
  readonly mss: number | null;
  /**
   * The largest payload of its segments, in bytes; more than any link carries if the network card does segmentation.
   */
  readonly largestSegment: number;
  /** Last TTL or hop limit of this side's segments, resets excluded; null if it sent none. */
  readonly ttl: number | null;
  /** The lowest and the highest of them; null if it sent none. */
  readonly ttls: readonly [least: number, greatest: number] | null;
  /** Its first new data after a reset in its name, which proves that the reset was forged; null if there is none. */
  readonly dataAfterReset: Sighting | null;
  /** Its first empty segment, resets excluded, after a reset in its name; null if there is none. */
  readonly ackAfterReset: Sighting | null;
}

export interface TcpFacts {
  readonly kind: 'tcp';
  /** The client's SYNs, oldest first (the first 8). */
  readonly syns: readonly Sighting[];
  /** The first SYN-ACK. */
  readonly synAck: Sighting | null;
  /** All of them (the first 8). Repeats mean that the ACK did not arrive. */
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
  /** The message that it repeated most, how often, and the last copy; null if there is none. */
  readonly mostResent: (Sighting & { readonly message: string; readonly times: number }) | null;
  /** Datagrams that lack later IP fragments, and where the first of them begins; null if there are none. */
  readonly fragmented: (Sighting & { readonly datagrams: number }) | null;
  /** TTL or hop limit of its last datagram; null if it sent none. */
  readonly ttl: number | null;
}

/** What UDP shows of an association; `retransmissions` are counted by the protocol above. */
export interface UdpFacts {
  readonly kind: 'udp';
  /** ICMP errors about its datagrams (the first 4). */
  readonly icmp: readonly IcmpError[];
  /**
   * Answers of the server from another address or port than the client sends to: the first one; null if there are none.
   */
  readonly strayAnswer:
    (Sighting & { readonly source: Endpoint; readonly isProven: boolean; readonly datagrams: number }) | null;
  readonly client: UdpSide;
  readonly server: UdpSide;
}

/** What EAP shows of one side; its bytes are those of TLS. `retransmissions` are repeated EAP packets. */
export interface EapSide extends TransportSide {
  /** EAP packets, each once. */
  readonly packets: number;
  /** Its last packet of any kind; null if it sent none. */
  readonly last: Sighting | null;
  /** Bytes of that packet, and whether more fragments of its message were to follow. */
  readonly lastLength: number;
  readonly hasMore: boolean;
}

/**
 * What carries an EAP conversation: IEEE 802.1X between a supplicant and an access point or switch (`eapol`), or RADIUS
 * between that device and the server. Each side waits for an answer to its last packet.
 */
export interface EapCarrierFacts {
  readonly kind: 'eapol' | 'radius';
  readonly client: EapSide;
  readonly server: EapSide;
  /** ICMP errors about RADIUS requests (the first 4). */
  readonly icmp: readonly IcmpError[];
  /** Whether the capture has nothing else: then no later packet shows how much time passed. */
  readonly isAlone: boolean;
  /** Answers of the RADIUS server. */
  readonly answers: number;
  /** The last RADIUS request, if it has no answer. */
  readonly unanswered: {
    readonly first: Sighting;
    readonly last: Sighting;
    /** How often it was sent. */
    readonly times: number;
    /** Whether the capture has only its first IP fragment. */
    readonly isCut: boolean;
  } | null;
  /**
   * The largest EAP packet that the access point or switch accepts from the RADIUS server (Framed-MTU); null if not
   * said.
   */
  readonly framedMtu: number | null;
}

/**
 * What the carrier of the handshake shows, discriminated by `kind`. Fields that every carrier has need no check of it.
 */
export type TransportFacts = TcpFacts | UdpFacts | EapCarrierFacts;

interface Carried {
  readonly transport: TransportFacts;
}

/** Whether a side had already closed the connection when its peer sent `frame`: that may be a response to the close. */
export function hasClosedBefore(fins: readonly TcpFin[], side: Side, frame: number): boolean {
  return fins.some((fin) => fin.from === side && fin.frame < frame && (fin.follows ?? 0) < frame);
}

/** The facts of TCP, for a rule that needs them; null over another carrier. */
export function overTcp({ transport }: Carried): TcpFacts | null {
  return transport.kind === 'tcp' ? transport : null;
}

/** The facts of UDP, for a rule that needs them; null over another carrier. */
export function overUdp({ transport }: Carried): UdpFacts | null {
  return transport.kind === 'udp' ? transport : null;
}

/** The facts of an EAP carrier; null over another carrier. */
export function overEap({ transport }: Carried): EapCarrierFacts | null {
  return transport.kind === 'eapol' || transport.kind === 'radius' ? transport : null;
}
