import { lazy } from '../../memoize.js';
import { RULE_OF_FAULT, type Fault } from './faults.js';
import { STACKS, type StackName } from './index.js';
import type { Response, Role } from './stack.js';

/** How one version of a stack answered. */
export interface RecordedResponse {
  /** Program and library, with versions. */
  readonly by: string;
  readonly response: Response;
}

/**
 * How a stack answers a fault of its peer: what each recorded version did, or undefined if that was not recorded. `tls` is the
 * version that was negotiated; before a ServerHello, the highest that the client offered; null where the peer spoke no TLS.
 */
export function responses(
  stack: StackName,
  role: Role,
  tls: string | null,
  fault: Fault,
): readonly RecordedResponse[] | undefined {
  return recorded()
    .get(keyOf(stack, role, tls))
    ?.get(fault);
}

/** The faults that a stack, in some recorded version, answers with this fatal alert. */
export function faultsFor(stack: StackName, role: Role, tls: string | null, alert: number): readonly Fault[] {
  const byFault = recorded().get(keyOf(stack, role, tls)) ?? new Map<Fault, readonly RecordedResponse[]>();
  return [...byFault].filter(([, all]) => all.some((one) => says(one, alert))).map(([fault]) => fault);
}

const says = ({ response }: RecordedResponse, alert: number): boolean =>
  response.kind === 'alert' && response.alerts.includes(alert);

type ByFault = Map<Fault, RecordedResponse[]>;

const keyOf = (stack: string, role: Role, tls: string | null): string => `${stack} ${role} ${tls ?? ''}`;

const isFault = (name: string): name is Fault => name in RULE_OF_FAULT;

const recorded = lazy((): ReadonlyMap<string, ByFault> => {
  const index = new Map<string, ByFault>();
  for (const { name, recordings } of STACKS) {
    for (const { by, role, tls, responses } of recordings) {
      const key = keyOf(name, role, tls);
      const byFault = index.get(key) ?? new Map<Fault, RecordedResponse[]>();
      index.set(key, byFault);
      for (const [fault, response] of Object.entries(responses)) {
        if (isFault(fault)) byFault.set(fault, [...(byFault.get(fault) ?? []), { by, response }]);
      }
    }
  }
  return index;
});
