import type { IcmpError, IcmpMeaning, Sighting, TcpFacts } from '../../connection/connection.js';
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

/** The meaning, to follow "says that". */
export function icmpText({ meaning }: IcmpError): Phrase {
  return phrase(MEANINGS[meaning]);
}

/** Where it was seen. It comes from the way to the server, or from the server itself. */
export function icmpSighting({ frame, at, capture }: IcmpError): Sighting {
  return { frame, at, from: 'server', ...(capture === undefined ? {} : { capture }) };
}
