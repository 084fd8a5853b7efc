import type { Connection } from '../connection/connection.js';
import { canOnlyHaveRisks, diagnoseRisks } from '../diagnose/risks.js';
import type { Faults } from '../fault.js';
import { loadRoots, NO_ROOTS } from '../x509/roots.js';

/**
 * Code that is loaded with the first certificate, and with the first connection that may have failed: loaded at the start, it
 * would take most of the start-up time.
 */
export interface OnDemand {
  /** Mozilla's trust anchors; none before a certificate was seen. */
  readonly roots: () => typeof NO_ROOTS;
  /** Diagnoses a connection; only risks before a connection may have failed. */
  readonly diagnose: () => typeof diagnoseRisks;
  /** Loads what this connection is the first to need; undefined if everything is loaded. */
  load(connection: Connection): Promise<void> | undefined;
}

export function createOnDemand(faults: Faults): OnDemand {
  let roots = NO_ROOTS;
  let diagnose = diagnoseRisks;
  return {
    roots: () => roots,
    diagnose: () => diagnose,
    load(connection) {
      const { serverCertificates, clientCertificates, firstFrame } = connection;
      const lacksRoots = roots === NO_ROOTS && serverCertificates.length + clientCertificates.length > 0;
      const lacksCauses =
        diagnose === diagnoseRisks && !faults.attempt('judge', firstFrame, () => canOnlyHaveRisks(connection), false);
      if (!lacksRoots && !lacksCauses) return undefined;
      return (async () => {
        if (lacksCauses) diagnose = (await import('../diagnose/diagnose.js')).diagnose;
        if (lacksRoots) roots = await loadRoots();
      })();
    },
  };
}
