/** What a report says about packets that are not analysed. */
import type { UnreadPackets } from '../../connection/unread.js';
import type { Results } from '../../diagnose/results.js';
import type { Wording } from '../wording.js';

/** Kinds of packets whose names are not all capitals. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['mdns', 'mDNS'],
  ['netbios', 'NetBIOS'],
  ['wireguard', 'WireGuard'],
]);

const nameOf = (kind: string): string => NAMES.get(kind) ?? kind.toUpperCase();

/** Kinds named at most. */
const MOST_KINDS = 3;

/**
 * What is not analysed and may matter for TLS, as `1,204 UDP packets, of them 1,100 QUIC and 40 DNS`; null if there is
 * none. Protocols of the link itself, such as ARP, and ICMP about no connection do not matter, unless there is nothing
 * else.
 */
export function unreadText({ unread, summary }: Pick<Results, 'unread' | 'summary'>, words: Wording): string | null {
  const isAll = summary.connections === 0;
  const eap = unread.filter(({ kind, over }) => over === 'link' && kind === 'eap');
  const withoutEap = unread.filter((each) => !eap.includes(each));
  const parts = [
    ...partOf(unread, 'udp', words),
    ...partOf(unread, 'ip', words),
    ...eap.map(({ packets }) => words.unread.eap({ count: packets })),
    ...(isAll ? partOf(unread, 'icmp', words) : []),
    ...(isAll ? partOf(withoutEap, 'link', words) : []),
  ];
  return parts.length === 0 ? null : parts.join(words.joins.clauses);
}

function partOf(unread: readonly UnreadPackets[], over: UnreadPackets['over'], words: Wording): string[] {
  const all = unread.filter((each) => each.over === over);
  if (all.length === 0) return [];
  const packets = words.unread[over]({ count: all.reduce((sum, each) => sum + each.packets, 0) });
  const named = all.filter(({ kind }) => kind !== over).slice(0, MOST_KINDS);
  if (named.length === 0) return [packets];
  if (all.length === 1) return [words.unread.allOf({ packets, kind: nameOf(all[0]?.kind ?? '') })];
  const kinds = named.map((each) => `${words.number(each.packets)} ${nameOf(each.kind)}`);
  return [words.unread.ofThem({ packets, kinds: words.list(kinds, MOST_KINDS) })];
}
