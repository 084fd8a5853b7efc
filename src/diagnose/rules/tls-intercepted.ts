import type { Connection } from '../../connection/connection.js';
import { certificateData, certificateEvidence, clientHelloEvidence, evidence } from '../evidence/citations.js';
import { inspectionOf } from '../evidence/inspection.js';
import { interceptionOf, pointNumber } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { howRefused, refusalByClient, supportOf } from '../evidence/refusals.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The certificate for {name} comes from {issuer}: this is not the server, but {product}, which decrypts the connection to inspect it and issues its own certificates. The client does not trust its authority and rejected the certificate {how}.',
    byPurpose:
      'The certificate for {name} comes from {issuer}, an inspection authority by its name: this is not the server, but a device on the path, which decrypts the connection to inspect it and issues its own certificates. The client does not trust its authority and rejected the certificate {how}.',
    twoPoints:
      'Two TLS connections take the place of one: the client has one with a device between points {near} and {far}, and that device has another one with the server, with a ClientHello of its own. The client rejected the certificate of the device {how}.',
    twoIssuers:
      "Two TLS connections take the place of one: between points {near} and {far} a device decrypts the connection. It shows the client a certificate from {issuer}, while the server's certificate comes from {other}. The client rejected it {how}.",
  },
  evidence: {
    seenInner: 'the ClientHello that the device sends to the server in the place of the one of the client',
  },
  remedies: {
    trust:
      "Add the root certificate of the inspecting device ({issuer}) to the trust store that the program on {client} uses: often this is not the operating system's (Java: cacerts; Node.js: NODE_EXTRA_CA_CERTS; Python: REQUESTS_CA_BUNDLE).",
    trustHidden:
      'Find the device between points {near} and {far} that ends TLS, and add the root certificate of its authority to the trust store that the program on {client} uses.',
    exempt:
      'Or exempt {name} from inspection at the device: programs that pin certificates or send one of their own never work through it.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null | openssl x509 -noout -issuer -dates',
      does: 'shows who issued the certificate that arrives',
      where: 'from-client',
    },
  },
});

export const tlsIntercepted = defineRule({
  id: 'tls-intercepted',
  title: 'An inspecting device answers in place of the server',
  description:
    'A device or program on the path decrypts the connection and answers with its own certificate, which the client does not trust.',
  settledBy:
    "The certificate that the server itself sends, seen from a network without the device, or in the server's files.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §9.3', 'RFC 5280 §6.1'],
  messages,
  applies: (connection) => inspectionOf(connection) !== null || interceptionOf(connection) !== undefined,
  judge(connection, context) {
    const interception = interceptionOf(connection);
    if (interception !== undefined) return judgeTwoPoints(connection, interception);
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

/** What two points of the path show of it: one connection for the other. */
function judgeTwoPoints(
  connection: Connection,
  interception: NonNullable<ReturnType<typeof interceptionOf>>,
): VerdictOf<typeof messages> | undefined {
  const refusal = refusalByClient(connection);
  if (refusal === undefined) return undefined;
  const { at, between, client, issuers, isProven } = interception;
  const [issuer, other] = issuers;
  const data = {
    ...placesOf(connection),
    name: connection.clientHello?.serverName ?? connection.server.address,
    near: pointNumber(between[0]),
    far: pointNumber(between[1]),
    issuer: issuer ?? '',
    other: other ?? '',
    how: howRefused(refusal),
  };
  const isOther = client.address !== connection.client.address || client.port !== connection.client.port;
  return {
    support: isProven ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: { id: isProven ? 'twoIssuers' : 'twoPoints', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...(isOther ? [evidence(at, 'seenInner')] : []),
      ...certificateEvidence(connection, 'server', connection.serverCertificates[0]),
      ...refusal.evidence,
    ],
    remedies: [
      { who: 'client', id: issuer === null ? 'trustHidden' : 'trust', command: 'confirm', data },
      { who: 'network', id: 'exempt', data },
    ],
  };
}
