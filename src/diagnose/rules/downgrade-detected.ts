import { alertEvidence, clientHelloEvidence, closeEvidence, evidence } from '../evidence/citations.js';
import { closedWithoutAlert, howEnded } from '../evidence/endings.js';
import { fatalAlert } from '../evidence/alerts.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const downgradeDetected = defineRule({
  id: 'downgrade-detected',
  title: 'Client detects a forced step back to an older TLS version',
  description:
    'The server signals that it could speak a newer version, which the client offers: something on the path removed that offer.',
  settledBy: 'A capture on the server: if the ClientHello differs there from the one here, a device rewrites it.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.1.3', 'RFC 8446 §D.4'],
  messages: {
    explanations: {
      explanation:
        'The client offers {offered}, and the server chose {negotiated}. But the random value of its ServerHello ends with the mark (DOWNGRD) by which a server says that it speaks a newer version. So the server did not see the offer as the client sent it, and the client refused {how}. A device between the two, such as a proxy or an inspecting firewall, removes {offered} from the ClientHello.',
    },
    evidence: {
      seenMark: 'ServerHello: {negotiated}; its random value ends with the downgrade mark (DOWNGRD)',
    },
    remedies: {
      device:
        'Find the device between {client} and {connect} that changes the ClientHello (capture on both sides of it and compare), and upgrade it, or let this traffic pass it untouched.',
      client:
        'As a stopgap, let {client} offer {negotiated} at most: then it does not look for the mark, and nothing protects it from such a step back.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni13} </dev/null',
        does: 'shows whether TLS 1.3 works on this path',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome, violations }) =>
    outcome === 'failed' && violations.some(({ kind }) => kind === 'downgrade-mark'),
  judge(connection) {
    const mark = connection.violations.find((violation) => violation.kind === 'downgrade-mark');
    const alert = fatalAlert(connection, 'client');
    if (mark?.kind !== 'downgrade-mark') return undefined;
    const isSaid = alert?.name === 'illegal_parameter';
    if (alert === undefined ? !closedWithoutAlert(connection) : !isSaid) return undefined;
    const data = {
      ...placesOf(connection),
      offered: mark.offered,
      negotiated: mark.negotiated,
      how: howEnded(connection, alert),
    };
    return {
      support: isSaid ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [
        ...clientHelloEvidence(connection),
        evidence(mark, 'seenMark', { negotiated: mark.negotiated }),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
      ],
      remedies: [
        { who: 'network', id: 'device', command: 'confirm', data },
        { who: 'client', id: 'client', data },
      ],
    };
  },
});
