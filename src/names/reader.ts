import { BOUNDS } from '../bounds.js';
import { createBoundedMap } from '../bounded-map.js';
import { u16 } from '../bytes.js';
import type { FrameStamp } from '../capture/frame.js';
import { timestampOf } from '../capture/timestamp.js';
import { formatAddress } from '../packet/address.js';
import { SYN, type Packet } from '../packet/packet.js';
import { readDnsMessage, type DnsMessage } from './dns.js';
import type { LookupProtocol, Lookups } from './lookups.js';

/** Reads lookups from packets that no other stage reads, and from TCP. */
export interface NameReader {
  /** Processes a datagram; false if it is not a lookup. */
  datagram(packet: Packet, stamp: FrameStamp, lookups: Lookups | null): boolean;
  /** Processes a TCP segment from or to the port of DNS. */
  segment(packet: Packet, stamp: FrameStamp, lookups: Lookups | null): void;
}

const DNS = 53;
const MDNS = 5353;
const LLMNR = 5355;

/** One direction of a connection to port 53: messages, each with its length before it (RFC 7766 §8). */
interface Stream {
  /** The sequence number that comes next. */
  next: number;
  /** The known bytes of an incomplete message. */
  held: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const LENGTH = 2;
const LONGEST = BOUNDS.dnsMessage.value;

/**
 * Lookups are recognised by their ports, because their form is too simple to tell from other protocols. `lookups`:
 * where those of a packet belong; null if the packet is only read to keep track of the stream.
 */
export function createNameReader(): NameReader {
  const streams = createBoundedMap<string, Stream>({
    size: BOUNDS.dnsStreams.value,
    whenFull: 'forget least recently used',
  });

  /** Hands on the message that a packet contains or completes. Returns whether there is one. */
  function take(message: DnsMessage | null, packet: Packet, stamp: FrameStamp, lookups: Lookups | null): boolean {
    const protocol = protocolOf(packet);
    if (message === null || protocol === undefined) return false;
    lookups?.take(message, {
      protocol,
      source: formatAddress(packet.addresses, 0, packet.ipVersion),
      destination: formatAddress(packet.addresses, 4, packet.ipVersion),
      frame: stamp.number,
      at: timestampOf(stamp),
    });
    return true;
  }

  return {
    datagram(packet, stamp, lookups) {
      if (protocolOf(packet) === undefined) return false;
      return take(readDnsMessage(packet.bytes, packet.offset, packet.end), packet, stamp, lookups);
    },
    segment(packet, stamp, lookups) {
      const key = keyOf(packet);
      if ((packet.flags & SYN) !== 0) {
        streams.set(key, { next: (packet.sequence + 1) | 0, held: NOTHING });
        return;
      }
      const { bytes, offset, end, missing } = packet;
      if (end === offset) return;
      // If the capture lacks the stream's beginning, a segment that is exactly one message.
      if (!streams.has(key) && end - offset > LENGTH && u16(bytes, offset) === end - offset - LENGTH) {
        streams.set(key, { next: packet.sequence, held: NOTHING });
      }
      const stream = streams.get(key);
      // Repeats are skipped; and after a gap, it is unknown where a message begins.
      if (stream === undefined || ((packet.sequence - stream.next) | 0) < 0) return;
      if (packet.sequence !== stream.next || missing > 0) {
        streams.delete(key);
        return;
      }
      stream.next = (stream.next + end - offset) | 0;
      let held: Uint8Array = Buffer.concat([stream.held, bytes.subarray(offset, end)]);
      for (;;) {
        const whole = held.length < LENGTH ? Infinity : LENGTH + u16(held, 0);
        if (whole > held.length) break;
        take(readDnsMessage(held, LENGTH, whole), packet, stamp, lookups);
        held = held.subarray(whole);
      }
      if (held.length > LONGEST) streams.delete(key);
      else stream.held = held;
    },
  };
}

/** Whether a packet is from or to the port of DNS. */
export function isDns({ sourcePort, destinationPort }: Packet): boolean {
  return sourcePort === DNS || destinationPort === DNS;
}

function protocolOf({ sourcePort, destinationPort }: Packet): LookupProtocol | undefined {
  if (sourcePort === DNS || destinationPort === DNS) return 'dns';
  if (sourcePort === MDNS || destinationPort === MDNS) return 'mdns';
  return sourcePort === LLMNR || destinationPort === LLMNR ? 'llmnr' : undefined;
}

/** One direction between two ends. */
function keyOf({ addresses, sourcePort, destinationPort }: Packet): string {
  return `${addresses.join()} ${sourcePort} ${destinationPort}`;
}
