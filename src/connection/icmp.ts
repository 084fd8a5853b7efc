import { formatAddress } from '../packet/address.js';
import type { Direction } from '../transport/flow.js';
import type { IcmpEvent } from '../transport/icmp.js';
import type { IcmpError, IcmpMeaning } from './connection.js';
import { sideOf } from './side.js';

/** Meaning of the codes of ICMP's Destination Unreachable: RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
const UNREACHABLE: readonly IcmpMeaning[] = [
  'no-route',
  'host-unreachable',
  'protocol-unreachable',
  'port-unreachable',
  'fragmentation-needed',
  'source-route-failed',
  'no-route',
  'host-unreachable',
  'host-unreachable',
  'prohibited',
  'prohibited',
  'no-route',
  'host-unreachable',
  'prohibited',
  'prohibited',
  'prohibited',
];

/** The same for ICMPv6, RFC 4443 §3.1. */
const UNREACHABLE_V6: readonly IcmpMeaning[] = [
  'no-route',
  'prohibited',
  'no-route',
  'host-unreachable',
  'port-unreachable',
  'prohibited',
  'prohibited',
];

function meaningOf({ ipVersion, type, code }: IcmpEvent): IcmpMeaning {
  if (ipVersion === 4) {
    if (type === 3) return UNREACHABLE[code] ?? 'other';
    return type === 11 ? 'time-exceeded' : 'other';
  }
  if (type === 1) return UNREACHABLE_V6[code] ?? 'other';
  if (type === 2) return 'fragmentation-needed';
  return type === 3 ? 'time-exceeded' : 'other';
}

/** An ICMP error about a connection, where `client` is the client's direction. */
export function icmpError(event: IcmpEvent, client: Direction): IcmpError {
  const { frame, at, router, ipVersion, type, code, mtu, direction } = event;
  return {
    frame,
    at,
    router: formatAddress(router, 0, ipVersion),
    about: sideOf(direction, client),
    type,
    code,
    meaning: meaningOf(event),
    mtu: mtu === 0 ? null : mtu,
  };
}

/** Whether it says that what a side sends cannot be delivered, whatever its size. */
export const isUndeliverable = ({ meaning }: IcmpError): boolean =>
  meaning !== 'fragmentation-needed' && meaning !== 'time-exceeded' && meaning !== 'other';

/** The same of what the client sends. */
export const isUndeliverableToServer = (error: IcmpError): boolean =>
  error.about === 'client' && isUndeliverable(error);
