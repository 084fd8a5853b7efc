import type { Connection, IcmpError, IcmpMeaning, Side, Sighting, TcpFacts } from '../../connection/connection.js';
import { isUndeliverable } from '../../connection/icmp.js';
import type { Phrase } from '../../message.js';
import { phrase } from '../phrases.js';

// What routers and hosts say about the client's packets.

const MEANINGS = {
  'no-route': 'icmpNoRoute',
  'host-unreachable': 'icmpHostUnreachable',
  'protocol-unreachable': 'icmpProtocolUnreachable',
  'port-unreachable': 'icmpPortUnreachable',
  'fragmentation-needed': 'icmpFragmentationNeeded',
  'source-route-failed': 'icmpSourceRouteFailed',
  prohibited: 'icmpProhibited',
  'time-exceeded': 'icmpTimeExceeded',
  other: 'icmpOther',
} as const satisfies Record<IcmpMeaning, string>;

/** The first ICMP error about a packet of the client; undefined if there is none. */
export function icmpToClient({ icmp }: TcpFacts): IcmpError | undefined {
  return icmp.find(({ about }) => about === 'client');
}

/**
 * The first ICMP error that refuses the server's port to the client: nobody takes the packet there, or a rule of the
 * server's own host forbids it. Undefined if there is none.
 */
export function portRefused({ icmp }: TcpFacts, { server }: Connection): IcmpError | undefined {
  return icmp.find(
    ({ about, meaning, router }) =>
      about === 'client' && (meaning === 'port-unreachable' || (meaning === 'prohibited' && router === server.address)),
  );
}

/** The first ICMP error that says that what a side sends cannot be delivered, whatever its size; undefined if there is none. */
export function icmpRefusal({ icmp }: TcpFacts, from: Side): IcmpError | undefined {
  return icmp.find((error) => error.about === from && isUndeliverable(error));
}

/** The meaning, to follow "says that". */
export function icmpText({ meaning }: IcmpError): Phrase {
  return phrase(MEANINGS[meaning]);
}

/** Where it was seen. It comes from the way to the side that was to receive the packet, or from that side itself. */
export function icmpSighting({ frame, at, about, capture }: IcmpError): Sighting {
  return { frame, at, from: about === 'client' ? 'server' : 'client', ...(capture === undefined ? {} : { capture }) };
}
