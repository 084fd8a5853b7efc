import { BOUNDS } from '../bounds.js';
import { createBoundedMap } from '../bounded-map.js';
import { memoizeLastQuestion } from '../memoize.js';
import type { MemoryHolder } from '../memory.js';
import type { TrustAnchors } from '../x509/anchors.js';
import type { Certificate } from '../x509/certificate.js';
import { createIssuers, judgeChain, type ChainVerdict } from '../x509/chain.js';
import { CERTIFICATE_BYTES } from '../x509/store.js';
import type { WorkBudget } from '../x509/work.js';

/** Certificates nearly always begin and end on the hour, so verdicts are valid for an hour. */
const HOUR_MS = 3_600_000;

const hourOf = (time: number): number => Math.floor(time / HOUR_MS);

/** Verdicts on the chains of a capture: servers send the same one again and again. */
export interface Chains {
  /** @param time at which the chain is judged, in milliseconds since 1970; it may be any in the same hour */
  readonly verdictOf: (certificates: readonly Certificate[], time: number) => ChainVerdict;
  /** Remembers the issuing certificates of a chain, to say what other chains lack. */
  add(certificates: readonly Certificate[]): void;
  /** Number of issuing certificates that were added. */
  readonly knownIssuers: () => number;
  /** Memory of verdicts and issuers. */
  readonly holder: MemoryHolder;
}

/**
 * @param anchors where a chain may end
 * @param configured certificates that the server is configured with: those of authorities serve as issuers
 * @param work limits what is spent on all chains
 */
export function createChains(anchors: TrustAnchors, configured: readonly Certificate[], work: WorkBudget): Chains {
  const intermediates = createIssuers(configured.filter(({ isCa }) => isCa));
  /** Bytes of each issuer that was added, by SHA-256. */
  const issuers = createBoundedMap<string, number>({
    size: BOUNDS.intermediates.value,
    weight: { limit: BOUNDS.intermediateBytes.value, of: (bytes) => bytes },
    whenFull: 'refuse',
  });
  /** Each with the bytes of the certificates that it keeps in memory. */
  const verdicts = createBoundedMap<string, { readonly verdict: ChainVerdict; readonly bytes: number }>({
    size: BOUNDS.chainVerdicts.value,
    weight: { limit: BOUNDS.chainVerdictBytes.value, of: ({ bytes }) => bytes },
    whenFull: 'forget oldest',
  });
  const judge = (certificates: readonly Certificate[], time: number): ChainVerdict => {
    const key = [hourOf(time), ...certificates.map(({ sha256 }) => sha256)].join();
    return verdicts.getOrMake(key, () => ({
      verdict: judgeChain(certificates, anchors, { intermediates, at: time, budget: work }),
      bytes: certificates.reduce((sum, { der }) => sum + der.length, 0),
    })).verdict;
  };
  /** Connections share their lists, one rule after another asks for the verdict, and making its key costs more. */
  const newLatest = () => memoizeLastQuestion(judge, (one, other) => hourOf(one) === hourOf(other));
  let latest = newLatest();

  return {
    verdictOf: (certificates, time) => latest(certificates, time),
    add(certificates) {
      for (const certificate of certificates) {
        const { isCa, sha256, der } = certificate;
        if (!isCa || issuers.has(sha256) || !issuers.set(sha256, der.length)) continue;
        intermediates.add(certificate);
        // It may be the issuer that another chain lacks.
        verdicts.clear();
        latest = newLatest();
      }
    },
    knownIssuers: () => issuers.size,
    holder: {
      what: null,
      bytes: () => (verdicts.weight + issuers.weight) * CERTIFICATE_BYTES,
      giveUp() {
        const count = verdicts.size;
        verdicts.clear();
        return count;
      },
    },
  };
}
