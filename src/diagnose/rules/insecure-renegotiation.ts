import { clientHelloEvidence, serverHelloEvidence } from '../evidence/citations.js';
import { lacksSecureRenegotiation } from '../evidence/offers.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const insecureRenegotiation = defineRule({
  id: 'insecure-renegotiation',
  title: 'Server does not know secure renegotiation',
  description:
    'The server ignores the extension that protects renegotiation from an attacker. Current clients refuse such servers.',
  role: 'risk',
  severity: 'warning',
  sources: ['RFC 5746 §3.4', 'RFC 5746 §4.1'],
  messages: {
    explanations: {
      explanation:
        'The server {connect} does not answer renegotiation_info: it does not know secure renegotiation (RFC 5746, of 2010). OpenSSL 3 and programs built on it refuse such servers ("unsafe legacy renegotiation disabled").',
    },
    evidence: {},
    remedies: {
      server: 'Upgrade the TLS library of {connect}, or of the proxy or appliance that answers in its place.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni12} -legacy_server_connect </dev/null | grep -i renegotiation',
        does: 'shows whether the server supports secure renegotiation',
        where: 'from-client',
      },
    },
  },
  applies: (connection) => connection.outcome === 'established' && lacksSecureRenegotiation(connection),
  judge(connection) {
    const data = placesOf(connection);
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [...clientHelloEvidence(connection), ...serverHelloEvidence(connection)],
      remedies: [{ who: 'server', id: 'server', command: 'confirm', data }],
    };
  },
});
