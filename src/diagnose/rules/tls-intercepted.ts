import type { Connection } from '../../connection/connection.js';
import { certificateData, certificateEvidence, clientHelloEvidence, evidence } from '../evidence/citations.js';
import { endpointText } from '../../connection/endpoint.js';
import { inspectionOf, type InspectionSign, inspectionSign } from '../evidence/inspection.js';
import { interceptionOf, pointNumber } from '../evidence/path.js';
import { placesOf } from '../evidence/places.js';
import { howRefused, type Refusal, refusalByClient, supportOf } from '../evidence/refusals.js';
import type { Context } from '../context.js';
import { defineMessages, defineRule } from '../rule.js';
import { supportOfDistrust } from './certificate-authority-unknown.js';
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
    ownKey:
      'The certificate for {name} was issued by {issuer} for its own key: only that authority can present it. So it is probably not the server that answers, but a proxy, which decrypts the connection to inspect it (Squid and mitmproxy make certificates in this way). The client does not trust its authority and rejected the certificate {how}.',
    ownHello:
      'The client asked the proxy {connect} for {name}, and the proxy opened a TLS connection of its own to {other}, instead of forwarding the ClientHello: it decrypts the connection. It shows the client a certificate of its own, and the client rejected that {how}.',
    publicElsewhere:
      'The certificate for {name} comes from {issuer}. For the same name, {connect} sent the client {other} a certificate of a trusted authority. A device on the path of {client} may decrypt the connection to inspect it, and issue its own certificates; the client rejected that one {how}.',
    onDemand:
      'The certificate for {name} comes from {issuer}, whose certificates in this capture were made at different times, and all just as long before the connection that shows them: they are made on demand. An inspecting device does so, which decrypts the connection and answers in the place of the server. The client does not trust its authority and rejected the certificate {how}.',
    perConnection:
      'The certificate for {name} comes from {issuer}, and {connect} sent another one on each connection in this capture, with the same subject and dates. An inspecting device does so, which makes a certificate for each connection and copies the dates; so do several servers behind one address, whose certificates were made together. The client rejected the certificate {how}.',
    unrelated:
      'The certificate for {name} comes from {issuer}, which is not among the public authorities and issued certificates for domains that have nothing in common, of several servers. An inspecting device does so, which decrypts connections and answers in the place of the servers; so does an authority for tests, or of a hosting provider. The client does not trust it and rejected the certificate {how}.',
  },
  evidence: {
    seenOwnHello: 'the ClientHello that the proxy sends in the place of the one of the client',
    seenInner: 'the ClientHello that the device sends to the server in the place of the one of the client',
  },
  remedies: {
    trust:
      "Add the root certificate of the inspecting device ({issuer}) to the trust store that the program on {client} uses: often this is not the operating system's (Java: cacerts; Node.js: NODE_EXTRA_CA_CERTS; Python: REQUESTS_CA_BUNDLE).",
    trustProxy:
      'Add the root certificate that the proxy {connect} issues with to the trust store that the program on {client} uses.',
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
  applies: ({ serverHello, path }) => serverHello !== null || path !== undefined,
  judge(connection, context) {
    const interception = interceptionOf(connection);
    if (interception !== undefined) return judgeTwoPoints(connection, interception);
    const inspection = inspectionOf(connection);
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    if (inspection === null) return judgeUnnamed(connection, context, refusal);
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

/** Of a device whose authority has an ordinary name: what its certificates and connections show. */
function judgeUnnamed(
  connection: Connection,
  context: Context,
  refusal: Refusal,
): VerdictOf<typeof messages> | undefined {
  const support = supportOfDistrust(connection, context, refusal);
  const sign = support === undefined ? undefined : inspectionSign(connection, context);
  if (sign === undefined) return undefined;
  const { leaf } = sign;
  const data = {
    ...placesOf(connection),
    ...(leaf === null ? {} : certificateData(leaf)),
    name: connection.clientHello?.serverName ?? '',
    issuer: leaf?.issuer ?? '',
    other: otherOf(sign),
    how: howRefused(refusal),
  };
  return {
    // An authority that nobody decrypts with, and that the client does not know, shows the same.
    support: support === 'open' || leaf === null || sign.kind === 'per-connection' ? 'open' : 'supported',
    basis: 'fact',
    subject: leaf?.issuer ?? connection.server.address,
    explanation: { id: EXPLANATION_OF[sign.kind], data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...(sign.kind === 'own-hello' ? [evidence({ ...sign.hello, from: 'client' }, 'seenOwnHello')] : []),
      ...(sign.kind === 'public-elsewhere'
        ? certificateEvidence(sign.other, 'server', sign.other.serverCertificates[0])
        : []),
      ...certificateEvidence(connection, 'server', leaf ?? undefined),
      ...refusal.evidence,
    ],
    remedies: [
      { who: 'client', id: leaf === null ? 'trustProxy' : 'trust', command: 'confirm', data },
      { who: 'network', id: 'exempt', data },
    ],
  };
}

const EXPLANATION_OF = {
  'own-key': 'ownKey',
  'own-hello': 'ownHello',
  'public-elsewhere': 'publicElsewhere',
  'on-demand': 'onDemand',
  unrelated: 'unrelated',
  'per-connection': 'perConnection',
} as const satisfies Record<InspectionSign['kind'], string>;

/** The other end that a sign shows: the server of the proxy's own connection, or the client that got another certificate. */
function otherOf(sign: InspectionSign): string {
  if (sign.kind === 'own-hello') return endpointText(sign.hello.server);
  return sign.kind === 'public-elsewhere' ? sign.other.client.address : '';
}

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
