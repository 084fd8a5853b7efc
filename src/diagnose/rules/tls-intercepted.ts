import { certificateData, certificateEvidence, clientHelloEvidence } from '../evidence/citations.js';
import { inspectionOf } from '../evidence/inspection.js';
import { placesOf } from '../evidence/places.js';
import { howRefused, refusalByClient, supportOf } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

export const tlsIntercepted = defineRule({
  id: 'tls-intercepted',
  title: 'An inspecting device answers in place of the server',
  description:
    'A device or program on the path opens the connection and answers with a certificate of its own, which the client does not trust.',
  settledBy:
    "The certificate that the server itself sends, seen from a network without the device, or in the server's files.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §9.3', 'RFC 5280 §6.1'],
  messages: {
    explanations: {
      explanation:
        'The certificate for {name} comes from {issuer}: this is not the server, but {product}, which opens the connection to look inside and makes certificates of its own. The client does not trust its authority and rejected the certificate {how}.',
      byPurpose:
        'The certificate for {name} comes from {issuer}, an authority for inspection by its name: this is not the server, but a device on the path, which opens the connection to look inside and makes certificates of its own. The client does not trust its authority and rejected the certificate {how}.',
    },
    evidence: {},
    remedies: {
      trust:
        'Add the root certificate of the inspecting device ({issuer}) to the trust store that the program on {client} uses: that of the operating system is often not the one (Java: cacerts; Node.js: NODE_EXTRA_CA_CERTS; Python: REQUESTS_CA_BUNDLE).',
      exempt:
        'Or exempt {name} from inspection at the device: programs that pin certificates or send one of their own never work through it.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null | openssl x509 -noout -issuer -dates',
    },
  },
  applies: (connection) => inspectionOf(connection) !== null,
  judge(connection, context) {
    const inspection = inspectionOf(connection);
    const refusal = refusalByClient(connection);
    if (inspection === null || refusal === undefined) return undefined;
    const support = supportOf(refusal, ['unknown_ca'], 'trust', 'certificate-authority-unknown');
    const { status } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    if (support === undefined || status === 'trusted') return undefined;
    const { leaf, issuer, product } = inspection;
    const data = {
      ...certificateData(leaf),
      ...placesOf(connection),
      name: connection.clientHello?.serverName ?? '',
      issuer,
      product: product ?? '',
      how: howRefused(refusal),
    };
    return {
      support: 'supported',
      basis: 'fact',
      subject: issuer,
      explanation: { id: product === null ? 'byPurpose' : 'explanation', data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...certificateEvidence(connection, 'server', leaf),
        ...refusal.evidence,
      ],
      remedies: [
        { who: 'client', id: 'trust', command: 'confirm', data },
        { who: 'network', id: 'exempt', data },
      ],
    };
  },
});
