import { toMilliseconds } from '../capture/timestamp.js';
import type { Connection } from '../connection/connection.js';
import type { TrustAnchors } from '../x509/anchors.js';
import type { Certificate } from '../x509/certificate.js';
import type { ChainVerdict } from '../x509/chain.js';
import { judgeChain } from '../x509/chain.js';
import type { Neighbours } from './neighbours.js';
import { createNeighbours } from './neighbours.js';

/** What a rule may ask besides the connection itself. */
export interface Context {
  readonly neighbours: Neighbours;
  /** The chain that a side sent, judged against the trust anchors. */
  chainOf(certificates: readonly Certificate[]): ChainVerdict;
  /** The time, in milliseconds since 1970, at which this connection's certificates are judged. */
  judgedAt(connection: Connection): number;
}

/** Issuing certificates remembered from all connections, to say what a broken chain lacks. */
const MAX_INTERMEDIATES = 1024;
/** Verdicts remembered: servers send the same chain again and again. */
const MAX_VERDICTS = 4096;

/**
 * The context of a capture's connections.
 * @param at judges certificates at that time instead of their packets'
 */
export function createContext(connections: readonly Connection[], anchors: TrustAnchors, at?: Date): Context {
  const neighbours = createNeighbours();
  const issuers = new Map<string, Certificate>();
  for (const connection of connections) {
    neighbours.add(connection);
    for (const certificate of connection.serverCertificates) {
      if (certificate.isCa && issuers.size < MAX_INTERMEDIATES) issuers.set(certificate.sha256, certificate);
    }
  }
  const intermediates = [...issuers.values()];
  const verdicts = new Map<string, ChainVerdict>();
  return {
    neighbours,
    chainOf(certificates) {
      const key = certificates.map(({ sha256 }) => sha256).join();
      let verdict = verdicts.get(key);
      if (verdict === undefined) {
        verdict = judgeChain(certificates, anchors, { intermediates });
        if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
        verdicts.set(key, verdict);
      }
      return verdict;
    },
    judgedAt({ messages, startedAt }) {
      return at?.getTime() ?? toMilliseconds(messages.find(({ type }) => type === 'certificate')?.at ?? startedAt);
    },
  };
}
