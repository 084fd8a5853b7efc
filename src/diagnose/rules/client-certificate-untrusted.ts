import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import { nameKey } from '../../x509/distinguished-name.js';
import { allowsClientAuth, allowsKeyUsage } from '../../x509/purpose.js';
import { certificateData, certificateEvidence, certificateRequestEvidence } from '../evidence/citations.js';
import { authorityOf, forgedByClient, isKnownToServer, lacksIssuerKey, renewedAuthority } from '../evidence/chains.js';
import { connectTo } from '../evidence/places.js';
import { supportOf, howRefused, refusalByServer } from '../evidence/refusals.js';
import { someOf } from '../../message.js';
import { defineRule } from '../rule.js';

export const clientCertificateUntrusted = defineRule({
  id: 'client-certificate-untrusted',
  title: 'Server does not trust the issuer of the client certificate',
  description: "The client's certificate comes from an authority that the server does not trust.",
  settledBy:
    "The server's log names the issuer that it lacks; compare it with the file of authorities that the server trusts.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.4.4', 'RFC 8446 §4.2.4', 'RFC 8446 §6.2'],
  messages: {
    explanations: {
      notListed:
        'The client {client} sent the certificate "{subject}", issued by {issuer}. The server accepts only certificates of other authorities ({wanted}) and rejected it {how}.',
      notSent:
        'The client {client} sent the certificate "{subject}", but not the one of {missing}, an issuer in its chain. The server rejected it {how}: it lacks that certificate, or does not trust that authority.',
      otherKey:
        'The client {client} sent the certificate "{subject}", issued by {issuer}, and the server answered with alert decrypt_error (51): a signature does not verify. OpenSSL sends it if the authority {missing} that the server trusts has the same name, but another key.',
      renewed:
        'The client {client} sent the certificate "{subject}", issued by {missing} with the key {clientKey} (key identifier). The server has a certificate of the same authority with another key, {serverKey}: the authority was created again under its old name. The server rejected the certificate {how}, as it does if it trusts the other key only.',
      said: 'The client {client} sent the certificate "{subject}", issued by {issuer}; the server does not trust that authority and rejected it {how}.',
    },
    evidence: {},
    remedies: {
      compare:
        'Compare the certificate of "{missing}" among the authorities that {connect} accepts for clients with the one that issued the certificate of {client}: if the authority has renewed its key, add the new one.',
      issueAnew:
        'Have a new certificate issued for {client} by the authority that the server has (Kubernetes: copy the new admin.conf, or run kubeadm certs renew). If both keys of "{missing}" are to be valid, add the certificate with the other key to the authorities that {connect} accepts for clients.',
      send: "Send the intermediate certificate: if {missing} is not a root, add its certificate after the client's own in the certificate file of {client}. The server cannot find it otherwise.",
      trust: 'If the certificate is the right one, add {issuer} to the authorities that {connect} accepts for clients.',
      change:
        'If not, configure the client with a certificate of one of the authorities that the server accepts: {wanted}.',
      changeUnlisted:
        "If not, configure the client with a certificate of one of the authorities that the server accepts: see the server's configuration.",
    },
    commands: {
      confirm: {
        run: 'openssl verify -CAfile server-client-ca.pem client.pem',
        does: "shows whether the server's CA file accepts the client certificate",
        where: 'server',
      },
    },
  },
  applies: ({ outcome, clientCertificates }) => outcome === 'failed' && clientCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByServer(connection);
    const support = refusal === undefined ? undefined : supportOf(refusal, ['unknown_ca'], 'trust');
    const { clientCertificates, certificateRequest } = connection;
    const leaf = clientCertificates[0];
    if (leaf !== undefined && refusal?.alert === 'decrypt_error') {
      if (forgedByClient(connection, context) !== undefined) return undefined;
      if (!clientCertificates.some(lacksIssuerKey)) return undefined;
      const data = {
        ...certificateData(leaf),
        missing: authorityOf(clientCertificates).name,
        client: connection.client.address,
        connect: connectTo(connection),
      };
      return {
        support: 'open',
        basis: 'fact',
        subject: leaf.sha256,
        explanation: { id: 'otherKey', data },
        evidence: [...certificateEvidence(connection, 'client', leaf), ...refusal.evidence],
        remedies: [{ who: 'server', id: 'compare', command: 'confirm', data }],
      };
    }
    if (refusal === undefined || support === undefined || leaf === undefined) return undefined;
    const wanted = certificateRequest?.certificateAuthorities ?? [];
    const listed = new Set(wanted.map(nameKey));
    const isListed = clientCertificates.some(
      ({ issuer, subject }) => listed.has(nameKey(issuer)) || listed.has(nameKey(subject)),
    );
    const isForeign = wanted.length > 0 && !isListed;
    const renewed = isForeign || isTrustedTwice(connection) ? undefined : renewedAuthority(connection);
    if (renewed !== undefined) {
      const data = {
        ...certificateData(leaf),
        missing: renewed.name,
        clientKey: renewed.clientKey,
        serverKey: renewed.serverKey,
        client: connection.client.address,
        connect: connectTo(connection),
        how: howRefused(refusal),
      };
      return {
        support: isFaulty(leaf) ? 'open' : 'supported',
        basis: 'fact',
        subject: leaf.sha256,
        explanation: { id: 'renewed', data },
        evidence: [
          ...certificateEvidence(connection, 'server', connection.serverCertificates[0]),
          ...certificateEvidence(connection, 'client', leaf),
          ...refusal.evidence,
        ],
        remedies: [{ who: 'client', id: 'issueAnew', command: 'confirm', data }],
      };
    }
    if (!isForeign && refusal.alert !== 'unknown_ca') return undefined;
    const authority = authorityOf(clientCertificates);
    const isKnown = isKnownToServer(connection);
    const isUnsent = !authority.sent && !isKnown;
    // A request that the capture lacks may name the root that the client sent.
    const isOurs = !isForeign && (isKnown || (authority.sent && certificateRequest === null));
    const data = {
      ...certificateData(leaf),
      missing: authority.name,
      client: connection.client.address,
      connect: connectTo(connection),
      wanted: someOf(wanted, 'names'),
      how: howRefused(refusal),
    };
    return {
      // The server may trust an issuer that was not sent; if it knows the issuer, another fault is more likely.
      support: isOurs ? 'open' : isForeign && authority.sent && support === 'confirmed' ? support : 'supported',
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: isForeign ? 'notListed' : isUnsent ? 'notSent' : 'said', data },
      evidence: [
        ...certificateRequestEvidence(connection),
        ...certificateEvidence(connection, 'client', leaf),
        ...refusal.evidence,
      ],
      remedies: [
        ...(isUnsent ? ([{ who: 'client', id: 'send', command: 'confirm', data }] as const) : []),
        { who: 'server', id: 'trust', command: 'confirm', data },
        ...(wanted.length === 0
          ? ([{ who: 'client', id: 'changeUnlisted', data }] as const)
          : ([{ who: 'client', id: 'change', data }] as const)),
      ],
    };
  },
});

/** Whether the server names the authority of the client's certificate more than once: it has more than one of its keys. */
function isTrustedTwice({ certificateRequest, clientCertificates }: Connection): boolean {
  const wanted = (certificateRequest?.certificateAuthorities ?? []).map(nameKey);
  return clientCertificates.some(({ issuer }) => wanted.filter((name) => name === nameKey(issuer)).length > 1);
}

/** Whether a server may refuse a client's certificate whoever issued it. */
const isFaulty = (leaf: Certificate): boolean =>
  leaf.error === null &&
  (!allowsClientAuth(leaf) || !allowsKeyUsage(leaf, 'client') || leaf.unknownCriticalExtensions.length > 0);
