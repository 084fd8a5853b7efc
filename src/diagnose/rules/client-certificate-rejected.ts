import { mustHoldCertificate } from '../../tls/record/sizes.js';
import { allowsClientAuth } from '../../x509/purpose.js';
import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence, evidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import {
  connectTo,
  duration,
  fits,
  encryptedDataRecords,
  howRefused,
  protectionOf,
  refusalByServer,
} from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const clientCertificateRejected: Rule = {
  id: 'client-certificate-rejected',
  title: 'Server rejects the client certificate',
  description:
    "The server refuses the client's certificate: for its use, for a revocation, or for a reason not in view.",
  role: 'cause',
  severity: 'error',
  basis: 'alert',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2', 'RFC 5280 §4.2.1.12'],
  messages: {
    ...EVIDENCE_MESSAGES,
    said: 'The server refused the certificate of the client {client}, {subject} (serial {serialNumber}, issued by {issuer}),{how}. The capture does not show the trust store and the rules of the server: hold the certificate against these.',
    purpose:
      'The certificate of the client {client}, {subject} (serial {serialNumber}, issued by {issuer}), is for {allowed} only (extended key usage), not for TLS clients (clientAuth), and the server refused it{how}.',
    revoked:
      'The server refused the certificate of the client {client}, {subject} (serial {serialNumber}, issued by {issuer}), with alert certificate_revoked (44): by a revocation list or by OCSP, it has been revoked.',
    early:
      'The certificate of the client {client}, {subject} (serial {serialNumber}, issued by {issuer}), is not valid before {notBefore}, {ahead} after this handshake, and the server refused it{how}.',
    unseen:
      'The server refused the certificate of the client {client}{how}. The certificate itself is not in view, so that it cannot be held against the reason.',
    closed:
      'The client {client} sent the certificate {subject} (serial {serialNumber}, issued by {issuer}), and the server closed the connection without an alert. Servers that check client certificates by themselves, as programs on Node.js do, refuse them in this way. The capture does not show the trust store and the rules of the server: hold the certificate against these.',
    left: 'As soon as the server had the second flight of the client {client}, which by its size holds a certificate, it closed the connection, without a word: it refused that certificate. Servers that check client certificates by themselves, as programs on Node.js do, refuse them in this way. Why is hidden.',
    hidden:
      'The server ended the handshake with an encrypted alert right after the second flight of the client {client}, which by its size holds a certificate: it refused that certificate. Why is hidden.',
    seenCertificateSize: 'encrypted record of {length} bytes, large enough to hold a certificate',
    wait: 'Check the clocks of {client} and of {connect}. If both are right, use another certificate until {notBefore}, or have this one issued again with an earlier begin.',
    reissue:
      'Have the certificate {subject} issued again as one for TLS clients (extended key usage clientAuth), and install it with its key on {client}.',
    replace:
      'Replace the certificate {subject} (serial {serialNumber}) on {client} by a new one with a new key: a revoked one never becomes valid again. Ask {issuer} why it was revoked.',
    logs: 'Look at the log of {connect} for the reason: trust store, revocation, purpose (clientAuth), a list of allowed names.',
    check: 'Check the client certificate: its issuer, dates, extended key usage, and for push services the topic.',
    confirm: 'openssl x509 -in client.pem -noout -text',
  },
  applies: ({ outcome, alerts, serverHello }) =>
    (outcome === 'failed' || outcome === 'established') &&
    (serverHello !== null || alerts.some(({ from }) => from === 'server')),
  judge(connection, context) {
    const refusal = refusalByServer(connection);
    if (refusal === undefined) return undefined;
    const leaf = connection.clientCertificates[0];
    const at = context.judgedAt(connection);
    const data = {
      ...(leaf === undefined ? {} : certificateData(leaf)),
      client: connection.client.address,
      connect: connectTo(connection),
      how: howRefused(refusal),
      allowed: leaf?.extendedKeyUsage ?? [],
    };
    const remedies = [
      { who: 'server' as const, messageId: 'logs', data },
      { who: 'client' as const, messageId: 'check', commandId: 'confirm', data },
    ];
    const wrongUse =
      leaf?.error === null && !allowsClientAuth(leaf)
        ? fits(refusal, ['unsupported_certificate'], 'certificate')
        : undefined;
    if (leaf !== undefined && (wrongUse !== undefined || refusal.alert === 'certificate_revoked')) {
      const isRevoked = wrongUse === undefined;
      return {
        certainty: wrongUse ?? 'certain',
        subject: leaf.sha256,
        messageId: isRevoked ? 'revoked' : 'purpose',
        data,
        evidence: [...certificateEvidence(connection, 'client', leaf), ...refusal.evidence],
        remedies: [{ who: 'client', messageId: isRevoked ? 'replace' : 'reissue', commandId: 'confirm', data }],
      };
    }
    const early =
      leaf !== undefined && periodOf(leaf).begins > at
        ? fits(refusal, ['certificate_expired'], 'certificate')
        : undefined;
    if (leaf !== undefined && early !== undefined) {
      return {
        certainty: early,
        subject: leaf.sha256,
        messageId: 'early',
        data: { ...data, ahead: duration(periodOf(leaf).begins - at) },
        evidence: [...certificateEvidence(connection, 'client', leaf), ...refusal.evidence],
        remedies: [{ who: 'client', messageId: 'wait', commandId: 'confirm', data }],
      };
    }
    const isSaid = refusal.how === 'alert' && refusal.isExplicit;
    if ((isSaid || refusal.how === 'close') && leaf !== undefined) {
      return {
        certainty: isSaid ? 'certain' : 'likely',
        subject: leaf.sha256,
        messageId: isSaid ? 'said' : 'closed',
        data,
        evidence: [...certificateEvidence(connection, 'client', leaf), ...refusal.evidence],
        remedies,
      };
    }
    const isSeen = connection.messages.some(({ from, type }) => from === 'client' && type === 'certificate');
    if (isSaid && !isSeen && refusal.alert !== 'certificate_required') {
      const messageId = 'unseen';
      return { certainty: 'likely', messageId, data, evidence: refusal.evidence, remedies };
    }
    const first = encryptedDataRecords(connection, 'client')[0];
    const isHidden = refusal.how === 'hidden' || refusal.how === 'late';
    if (!isHidden || first === undefined || !mustHoldCertificate(protectionOf(connection), first.length))
      return undefined;
    return {
      certainty: 'likely',
      messageId: refusal.how === 'late' ? 'left' : 'hidden',
      data,
      evidence: [evidence(first, 'seenCertificateSize', { length: first.length }), ...refusal.evidence],
      remedies,
    };
  },
};
