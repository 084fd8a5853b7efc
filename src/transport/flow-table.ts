import type { PacketEndpoints } from '../packet/packet.js';
import { isSame, type FlowEndpoints } from './endpoints.js';
import type { Direction } from './flow.js';

/** What a flow needs in order to be in a table. */
export interface Chained<Flow> extends FlowEndpoints {
  /** `hashOf` its endpoints. */
  readonly hash: number;
  /** The next older flow in the same bucket. */
  chained: Flow | null;
}

/**
 * Flows by their endpoints. Several may have the same ones; the latest comes first. Packets come with `directionOf` them.
 */
export interface FlowTable<Flow> {
  readonly size: () => number;
  add(flow: Flow): void;
  /** Removes a flow, which must be in the table. */
  remove(flow: Flow): void;
  /** The latest flow with the endpoints of a packet. */
  find(packet: PacketEndpoints, hash: number, direction: Direction): Flow | null;
  /** The next older one with the endpoints of a packet. */
  findBehind(flow: Flow, packet: PacketEndpoints, direction: Direction): Flow | null;
}

/** Buckets of an empty table, a power of two. */
const LEAST_BUCKETS = 1024;

export function createFlowTable<Flow extends Chained<Flow>>(): FlowTable<Flow> {
  let buckets = new Array<Flow | null>(LEAST_BUCKETS).fill(null);
  let size = 0;

  /** From `flow` on. */
  const search = (flow: Flow | null, packet: PacketEndpoints, hash: number, direction: Direction): Flow | null => {
    let at = flow;
    while (at !== null && !(at.hash === hash && isSame(at, packet, direction))) at = at.chained;
    return at;
  };

  const put = (flow: Flow): void => {
    const index = flow.hash & (buckets.length - 1);
    flow.chained = buckets[index] ?? null;
    buckets[index] = flow;
  };

  const grow = (): void => {
    const before = buckets;
    buckets = new Array<Flow | null>(before.length * 2).fill(null);
    for (const bucket of before) {
      const chain: Flow[] = [];
      for (let at = bucket; at !== null; at = at.chained) chain.push(at);
      for (const flow of chain.reverse()) put(flow);
    }
  };

  return {
    size: () => size,
    add(flow) {
      if (size >= buckets.length) grow();
      put(flow);
      size++;
    },
    remove(flow) {
      const index = flow.hash & (buckets.length - 1);
      let before: Flow | null = null;
      for (let at = buckets[index] ?? null; at !== null && at !== flow; at = at.chained) before = at;
      if (before === null) buckets[index] = flow.chained;
      else before.chained = flow.chained;
      flow.chained = null;
      size--;
    },
    find: (packet, hash, direction) => search(buckets[hash & (buckets.length - 1)] ?? null, packet, hash, direction),
    findBehind: (flow, packet, direction) => search(flow.chained, packet, flow.hash, direction),
  };
}
