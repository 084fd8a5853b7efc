import {
  alertEvidence,
  certificateEvidence,
  certificateRequestEvidence,
  closeEvidence,
  evidence,
} from '../evidence/citations.js';
import { alertsBeforePeerClosed } from '../evidence/alerts.js';
import { unprovenCertificate, unsignedCertificate, unusableByUsage, leftUponRequest } from '../evidence/client-key.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { defineRule } from '../rule.js';

export const clientKeyUnusable = defineRule({
  id: 'client-key-unusable',
  title: 'Client cannot sign with the key of its certificate',
  description: "The client sends its certificate, and fails to sign with the certificate's key.",
  settledBy:
    "The client's log says why it cannot sign: a token that is locked, a key that does not belong to the certificate, a scheme that it lacks.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.4.8', 'RFC 8446 §4.4.3'],
  messages: {
    explanations: {
      unsigned:
        'The client {client} sent its certificate "{subject}", and left without the signature that must follow (CertificateVerify): its key cannot sign. The key is missing, is locked or belongs to another certificate, or the device that holds it (TPM, smart card, HSM) cannot make the signature that this handshake needs, such as RSA-PSS.',
      unproven:
        'The client {client} sent its certificate "{subject}" and went on without the signature that must follow (CertificateVerify). A server that asks for a certificate cannot accept that. The key of the client is missing or cannot sign, or its TLS library leaves the message out.',
      hidden:
        'The client {client} sent its certificate (by the size of the record), and left without the signature that must follow (CertificateVerify): its key cannot sign. The key is missing, is locked or belongs to another certificate, or the device that holds it (TPM, smart card, HSM) cannot make the signature that TLS 1.3 needs, such as RSA-PSS.',
      left: 'The server asked for a certificate, and the client {client} closed the connection instead of sending one. OpenVPN does so if it cannot sign with the key of its certificate: the key is missing or locked, or the device that holds it (TPM, smart card, HSM) cannot make the signature that this handshake needs, such as RSA-PSS.',
      unusable:
        'The server asked for a certificate, and the client {client} sent alert internal_error (80) instead of one. It looks like GnuTLS (by its ClientHello), which does so if the key usage of its own certificate does not let the key sign ("Key usage violation in certificate has been detected").',
    },
    evidence: {
      seenUnsigned:
        'encrypted record that holds a certificate by its size; no CertificateVerify and no Finished follow',
    },
    remedies: {
      key: 'Look at the log of {client}. Check that its key belongs to the certificate, that the program may use it, and that the device that holds it can sign as the server asks (signature_algorithms).',
      log: 'Look at the log of {client}. If it says that the key cannot sign, check that the program may use it, and that the device that holds it can sign as the server asks (signature_algorithms).',
      usage:
        'Look at the log of {client}. If this is the fault, have its certificate issued with digitalSignature in the key usage.',
      schemes:
        'If the device of the key cannot sign with RSA-PSS, use a newer firmware or driver, or an ECDSA key; or limit {client} to TLS 1.2 and PKCS #1 signatures.',
    },
    commands: {
      confirm: {
        run: 'sleep 2 | openssl s_client -connect {connect} {sni} -cert client.pem -key client.key -msg',
        does: 'shows whether the server accepts this client certificate and key',
        where: 'client',
      },
      key: {
        run: 'openssl pkeyutl -sign -rawin -digest sha256 -inkey client.key -in /etc/hosts -out /dev/null && echo signs',
        does: 'shows whether the key can sign (in a token: pkcs11-tool --login --test)',
        where: 'client',
      },
      usage: {
        run: 'openssl x509 -in client.pem -noout -ext keyUsage,extendedKeyUsage',
        does: 'shows what the key of the certificate is for',
        where: 'client',
      },
    },
  },
  applies: ({ outcome, serverHello }) => (outcome === 'failed' || outcome === 'established') && serverHello !== null,
  judge(connection) {
    const unproven = unprovenCertificate(connection);
    const sent = unproven ?? unsignedCertificate(connection);
    if (sent === undefined) {
      const data = { client: connection.client.address, connect: connectTo(connection), sni: sniOption(connection) };
      if (leftUponRequest(connection)) {
        return {
          support: 'open',
          basis: 'fact',
          subject: data.client,
          explanation: { id: 'left', data },
          evidence: [...certificateRequestEvidence(connection), ...closeEvidence(connection)],
          remedies: [
            { who: 'client', id: 'log', command: 'key', data },
            { who: 'client', id: 'schemes', data },
          ],
        };
      }
      const refused = unusableByUsage(connection);
      if (refused === undefined) return undefined;
      return {
        // The certificate is not in view; it may be another failure in the client.
        support: 'open',
        basis: 'fact',
        subject: data.client,
        explanation: { id: 'unusable', data },
        evidence: [...certificateRequestEvidence(connection), ...alertEvidence(refused)],
        remedies: [{ who: 'client', id: 'usage', command: 'usage', data }],
      };
    }
    const leaf = connection.clientCertificates[0];
    const data = {
      client: connection.client.address,
      connect: connectTo(connection),
      sni: sniOption(connection),
      subject: leaf?.subject ?? '',
    };
    const sayer = unproven === undefined ? 'client' : 'server';
    const alert = alertsBeforePeerClosed(connection).find(({ from }) => from === sayer);
    return {
      support: 'supported',
      basis: 'fact',
      subject: leaf?.sha256 ?? data.client,
      explanation: { id: unproven !== undefined ? 'unproven' : leaf === undefined ? 'hidden' : 'unsigned', data },
      evidence: [
        ...(leaf === undefined ? [evidence(sent, 'seenUnsigned')] : certificateEvidence(connection, 'client', leaf)),
        ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
      ],
      remedies: [
        { who: 'client', id: 'key', command: 'confirm', data },
        { who: 'client', id: 'schemes', data },
      ],
    };
  },
});
