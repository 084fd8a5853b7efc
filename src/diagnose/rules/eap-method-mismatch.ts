import type { NamedMethod } from '../../connection/connection.js';
import { overEap } from '../../connection/connection.js';
import { evidence } from '../evidence/citations.js';
import { eapData, resultEvidence } from '../evidence/eap.js';
import { listOf } from '../../message.js';
import { defineRule } from '../rule.js';

const names = (methods: readonly NamedMethod[]): readonly string[] => [...new Set(methods.map(({ method }) => method))];

export const eapMethodMismatch = defineRule({
  id: 'eap-method-mismatch',
  title: 'No EAP method in common',
  description:
    'The supplicant turns down every EAP method that the RADIUS server begins, and the server begins none that the supplicant accepts.',
  settledBy:
    "The configuration of both: the supplicant's profile, and the EAP types that the RADIUS server has enabled.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 3748 §5.3.1'],
  messages: {
    explanations: {
      explanation:
        'The RADIUS server began {offered}. The supplicant {client} ({identity}) turned that down and asked for {wanted}, which the server did not begin.',
    },
    evidence: {
      seenStart: 'the server begins {method}',
      seenNak: 'Nak: the supplicant asks for {wanted} instead',
    },
    remedies: {
      server: 'Enable {wanted} on the RADIUS server for this user or device.',
      client: "Or correct the EAP method in the supplicant's network profile: the server begins {offered}.",
    },
    commands: {
      confirm: {
        run: 'eapol_test -c SUPPLICANT.conf -a {host} -p {port} -s SECRET',
        does: 'logs on as a supplicant would, step by step',
        where: 'radius-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'failed' && overEap(connection) !== null,
  judge(connection) {
    const { eap, clientHello, transport } = connection;
    if (eap === null || clientHello !== null || eap.started.length === 0) return undefined;
    const wanted = names(eap.naks);
    const offered = names(eap.started);
    const last = eap.naks.at(-1);
    // A method that was started after the last Nak may be one that the supplicant asked for.
    if (last === undefined || eap.started.some(({ frame }) => frame > last.frame)) return undefined;
    // If TLS continued after it, the capture lacks the start of a method that both speak.
    if ([transport.client.lastData, transport.server.lastData].some((seen) => seen !== null && seen.frame > last.frame))
      return undefined;
    const data = {
      ...eapData(connection),
      wanted: listOf(wanted, 'alternatives'),
      offered: listOf(offered, 'plain'),
    };
    return {
      // If the capture ends here, the server may have continued.
      support: eap.result === null ? 'open' : 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [
        ...eap.started.map((start) => evidence(start, 'seenStart', { method: start.method })),
        evidence(last, 'seenNak', { wanted: data.wanted }),
        ...resultEvidence(connection),
      ],
      remedies: [
        { who: 'server', id: 'server', command: 'confirm', data },
        { who: 'client', id: 'client', data },
      ],
    };
  },
});
