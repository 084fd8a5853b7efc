import type { Connection } from '../../connection/connection.js';
import { certificateMessage } from '../../connection/certificate-message.js';
import { canHoldCertificate, mustHoldCertificate } from '../../tls/record/sizes.js';
import { allowsClientAuth, allowsKeyUsage } from '../../x509/purpose.js';
import { periodOf } from '../../x509/validity.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Context } from '../context.js';
import { certificateData, certificateEvidence, evidence, type CertificateData } from '../evidence/citations.js';
import { forgedByClient } from '../evidence/chains.js';
import { isDoubtful } from '../evidence/gaps.js';
import { encryptedCloseByServer } from '../evidence/encrypted-closes.js';
import { connectTo } from '../evidence/places.js';
import { duration, type Phrase } from '../../message.js';
import { supportOf, howRefused, refusalByServer, type Refusal } from '../evidence/refusals.js';
import { encryptedDataRecords, protectionOf } from '../evidence/progress.js';
import { refusedInRenegotiation, type RefusedAnswer } from '../evidence/renegotiation.js';
import { COMMON_CURVES } from '../../x509/peculiarities.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    said: "The server rejected the client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) {how}. The reason is in the server's trust store or its rules, which the capture does not show.",
    purpose:
      "The client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) is only for {allowed} (extended key usage), not for TLS clients (clientAuth). The server rejected it {how}.",
    keyUsage:
      "The client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) is only for {usage} (key usage), which does not let its key sign a handshake (digitalSignature). The server rejected it {how}.",
    criticalExtension:
      "The client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) has a critical extension that TLS libraries do not know ({extensions}): they must refuse it (RFC 5280 §4.2). The server rejected it {how}.",
    curve:
      'The client\'s certificate ({subject}, serial {serialNumber}, issued by {issuer}) has a key on the curve {curve}, which few TLS libraries accept for signatures. The server rejected it {how} (OpenSSL: "wrong curve").',
    commonCurve:
      'The server ended the handshake {how} after it had the client\'s certificate ({subject}, serial {serialNumber}, issued by {issuer}), whose key is on the curve {curve}. OpenSSL does so if that curve is not among the groups of the server ("wrong curve").',
    signature:
      'The signature of the certificate "{subject}" (serial {serialNumber}) in the client\'s chain does not verify with the key of its issuer {issuer}, which the client sent with it. The server rejected it {how}. The certificate was altered after it was signed, or that issuer has another key under the same name.',
    revoked:
      "The server rejected the client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) with alert certificate_revoked (44): a revocation list or OCSP says that it is revoked.",
    early:
      "The client's certificate ({subject}, serial {serialNumber}, issued by {issuer}) is not valid before {notBefore}, {ahead} after this handshake. The server rejected it {how}.",
    byProgram:
      "The server sent alert internal_error (80) as soon as it had the client's certificate ({subject}, serial {serialNumber}, issued by {issuer}). OpenSSL does so where a program refuses the certificate by a rule of its own: the chain is longer than Apache httpd's SSLVerifyDepth allows, or the name is not the one that stunnel expects (checkHost).",
    unseen:
      "The server rejected the client's certificate {how}. The capture does not show the certificate, so the reason cannot be checked.",
    closed:
      'The client {client} sent the certificate "{subject}" (serial {serialNumber}, issued by {issuer}), and the server closed the connection without an alert. Programs that check client certificates themselves (Node.js) reject them in this way. The reason is in the server\'s trust store or its rules, which the capture does not show.',
    eapFailure:
      'As soon as the RADIUS server had the second flight of {client}, which by its size holds a certificate, it answered with EAP-Failure, without an alert: it rejected that certificate. EAP-Failure does not say why.',
    left: 'As soon as the server had the second flight of {client}, which by its size holds a certificate, it closed the connection, without an alert: it rejected that certificate. Programs that check client certificates themselves (Node.js) reject them in this way. The reason is hidden.',
    hidden:
      'The server ended the handshake with an encrypted alert right after the second flight of {client}, which by its size holds a certificate: it rejected that certificate. Its reason is hidden.',
    hiddenClose:
      'The server closed the connection in a packet that QUIC encrypts, as soon as it had the second flight of {client}, which by its size holds a certificate: both fell silent at once. It rejected that certificate. Its reason is hidden.',
    hiddenUnclear:
      'The server ended the connection with an encrypted alert right after the second flight of {client}, which by its size holds a certificate, before any request. A server that rejects the certificate after the handshake ends like this (Bun). So does one that accepts it and then leaves: a proxy whose back end is down, or a program that has nothing more to say.',
    leftUnclear:
      'As soon as the server had the second flight of {client}, which by its size holds a certificate, it ended the connection, without an alert. Programs that check client certificates themselves (Node.js) reject them in this way. A server that accepts the certificate and then leaves ends like this, too: a proxy whose back end is down, or a program that fails.',
    behindHandshake:
      'The server asked for a certificate after the handshake, as servers do that want one for some paths only (post-handshake authentication). By the sizes of its records {client} answered with one, and the server ended the connection with an encrypted alert: it rejected that certificate. Its reason is hidden.',
    renegotiated:
      'After the handshake the server began another one (renegotiation), as servers do that want a client certificate for some paths only. By the number of its messages the answer of {client} holds a certificate, and the server ended it with an encrypted alert: it rejected that certificate. Its reason is hidden.',
  },
  evidence: {
    seenCertificatePacket: 'encrypted packet of {length} bytes, large enough to hold a certificate',
    seenCertificateSize: 'encrypted record of {length} bytes, large enough to hold a certificate',
  },
  remedies: {
    wait: 'Check the clocks of {client} and of {connect}. If both are right, use another certificate until {notBefore}, or have this one issued again with an earlier start date.',
    reissue:
      'Have the certificate "{subject}" issued again as one for TLS clients (extended key usage clientAuth), and install it with its key on {client}.',
    reissueToSign:
      'Have the certificate "{subject}" issued again with key usage digitalSignature, and install it with its key on {client}.',
    reissuePlain:
      'Have the certificate "{subject}" issued again without the critical extension {extensions}, or with that extension not critical, and install it with its key on {client}.',
    usualCurve:
      'Have the certificate "{subject}" issued again for a key that every server accepts (RSA, or ECDSA on P-256), or let {connect} accept the curve {curve}.',
    rightChain:
      'Compare the key identifiers of the certificates that {client} sends: each must be signed by the next one. Install them again from the original files, or put in the certificate that signed "{subject}".',
    replace:
      'Replace the certificate "{subject}" (serial {serialNumber}) on {client} by a new one with a new key: a revoked one never becomes valid again. Ask {issuer} why it was revoked.',
    logs: 'Look at the log of {connect} for the reason: trust store, revocation, purpose (clientAuth), a list of allowed names.',
    depth:
      'Look at the log of {connect} for the reason. Apache httpd: if it says AH02040 (chain too long), raise SSLVerifyDepth: its default of 1 allows no intermediate certificate.',
    check: 'Check the client certificate: its issuer, dates, extended key usage, and for push services the topic.',
  },
  commands: {
    confirm: {
      run: 'openssl x509 -in client.pem -noout -text',
      does: 'shows all that the client certificate says',
      where: 'client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

export const clientCertificateRejected = defineRule({
  id: 'client-certificate-rejected',
  title: 'Server rejects the client certificate',
  description:
    "The server refuses the client's certificate: for its purpose, because it is revoked, or for a reason that the capture does not show.",
  settledBy: "The server's log says why it rejected the certificate.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5246 §7.2.2', 'RFC 5280 §4.2', 'RFC 5280 §4.2.1.12'],
  messages,
  applies: ({ outcome, alerts, serverHello }) =>
    (outcome === 'failed' || outcome === 'established') &&
    (serverHello !== null || alerts.some(({ from }) => from === 'server')),
  judge(connection, context) {
    const again = refusedInRenegotiation(connection);
    if (again?.isEmpty === false) return judgeRenegotiation(connection, again);
    const refusal = refusalByServer(connection);
    if (refusal === undefined) return undefined;
    const data = { client: connection.client.address, connect: connectTo(connection), how: howRefused(refusal) };
    const refused = { connection, context, refusal, data };
    return judgeVisible(refused) ?? judgeLacking(refused) ?? judgeClose(refused) ?? judgeEncrypted(refused);
  },
});

/** A server's refusal of what the client sent, and the values for messages. */
interface Refused {
  readonly connection: Connection;
  readonly context: Context;
  readonly refusal: Refusal;
  readonly data: { readonly client: string; readonly connect: string; readonly how: Phrase };
}

/** What to do if the capture does not show why. */
const remediesFor = (data: { readonly client: string; readonly connect: string }) =>
  [
    { who: 'server', id: 'logs', data },
    { who: 'client', id: 'check', command: 'confirm', data },
  ] as const;

const isSaid = ({ how, isExplicit }: Refusal): boolean => how === 'alert' && isExplicit;

/** The refused certificate, with the values for messages about it, and the parts that all verdicts on it have. */
interface RefusedCertificate extends Refused {
  readonly leaf: Certificate;
  readonly about: Refused['data'] & CertificateData & { readonly allowed: readonly string[] };
  readonly found: Pick<Verdict, 'basis' | 'subject' | 'evidence'>;
}

/** The capture shows the client's certificate. */
function judgeVisible(refused: Refused): Verdict | undefined {
  const { connection, refusal, data } = refused;
  const [leaf] = connection.clientCertificates;
  if (leaf === undefined) return undefined;
  const evidence = [...certificateEvidence(connection, 'client', leaf), ...refusal.evidence];
  const certificate: RefusedCertificate = {
    ...refused,
    leaf,
    about: { ...data, ...certificateData(leaf), allowed: leaf.extendedKeyUsage ?? [] },
    found: { basis: 'alert', subject: leaf.sha256, evidence },
  };
  return (
    wrongPurpose(certificate) ??
    revoked(certificate) ??
    wrongSignature(certificate) ??
    wrongKeyUsage(certificate) ??
    unknownExtension(certificate) ??
    unacceptedCurve(certificate) ??
    notYetValid(certificate) ??
    refusedByProgram(certificate) ??
    withoutReason(certificate)
  );
}

function wrongPurpose({ refusal, leaf, about, found }: RefusedCertificate): Verdict | undefined {
  if (leaf.error !== null || allowsClientAuth(leaf)) return undefined;
  const support = supportOf(refusal, ['unsupported_certificate'], 'certificate');
  if (support === undefined) return undefined;
  return {
    ...found,
    // A server that does not mind may have had nothing to say.
    support: refusal.mayBeNormalClose ? 'open' : support,
    explanation: { id: 'purpose', data: about },
    remedies: [{ who: 'client', id: 'reissue', command: 'confirm', data: about }],
  };
}

function revoked({ refusal, about, found }: RefusedCertificate): Verdict | undefined {
  if (refusal.alert !== 'certificate_revoked') return undefined;
  return {
    ...found,
    support: 'confirmed',
    explanation: { id: 'revoked', data: about },
    remedies: [{ who: 'client', id: 'replace', command: 'confirm', data: about }],
  };
}

function wrongSignature({ connection, context, refusal, data, found }: RefusedCertificate): Verdict | undefined {
  const unsigned = forgedByClient(connection, context);
  const support = supportOf(refusal, ['decrypt_error', 'bad_certificate', 'unknown_ca'], 'certificate');
  if (unsigned === undefined || support === undefined) return undefined;
  const named = { ...data, ...certificateData(unsigned) };
  return {
    ...found,
    support,
    explanation: { id: 'signature', data: named },
    evidence: [...certificateEvidence(connection, 'client', unsigned), ...refusal.evidence],
    remedies: [{ who: 'client', id: 'rightChain', command: 'confirm', data: named }],
  };
}

function wrongKeyUsage({ refusal, leaf, about, found }: RefusedCertificate): Verdict | undefined {
  if (leaf.error !== null || allowsKeyUsage(leaf, 'client')) return undefined;
  const support = supportOf(refusal, ['unsupported_certificate'], 'certificate');
  if (support === undefined) return undefined;
  return {
    ...found,
    support,
    explanation: { id: 'keyUsage', data: { ...about, usage: leaf.keyUsage ?? [] } },
    remedies: [{ who: 'client', id: 'reissueToSign', command: 'confirm', data: about }],
  };
}

function unknownExtension({ refusal, leaf, about, found }: RefusedCertificate): Verdict | undefined {
  const extensions = leaf.error === null ? leaf.unknownCriticalExtensions : [];
  if (extensions.length === 0) return undefined;
  if (supportOf(refusal, ['unsupported_certificate'], 'certificate') === undefined) return undefined;
  const named = { ...about, extensions };
  return {
    ...found,
    support: 'supported',
    explanation: { id: 'criticalExtension', data: named },
    remedies: [{ who: 'client', id: 'reissuePlain', command: 'confirm', data: named }],
  };
}

/** OpenSSL's alert for a key whose curve is not among its groups. A server may accept fewer groups than is usual. */
function unacceptedCurve({ refusal, leaf, about, found }: RefusedCertificate): Verdict | undefined {
  const curve = leaf.error === null ? leaf.keyCurve : null;
  if (curve === null || refusal.alert !== 'illegal_parameter') return undefined;
  const isCommon = COMMON_CURVES.has(curve);
  const data = { ...about, curve };
  return {
    ...found,
    support: isCommon ? 'open' : 'supported',
    explanation: { id: isCommon ? 'commonCurve' : 'curve', data },
    remedies: [{ who: 'client', id: 'usualCurve', command: 'confirm', data }],
  };
}

function notYetValid({ connection, context, refusal, leaf, about, found }: RefusedCertificate): Verdict | undefined {
  const at = context.judgedAt(connection);
  const { begins } = periodOf(leaf);
  const support = begins > at ? supportOf(refusal, ['certificate_expired'], 'certificate') : undefined;
  if (support === undefined) return undefined;
  return {
    ...found,
    support,
    explanation: { id: 'early', data: { ...about, ahead: duration(begins - at) } },
    remedies: [{ who: 'client', id: 'wait', command: 'confirm', data: about }],
  };
}

/** OpenSSL's alert if the program itself refuses the certificate. */
function refusedByProgram({ refusal, data, about, found }: RefusedCertificate): Verdict | undefined {
  if (refusal.how !== 'alert' || refusal.alert !== 'internal_error') return undefined;
  return {
    ...found,
    support: 'open',
    explanation: { id: 'byProgram', data: about },
    remedies: [
      { who: 'server', id: 'depth', data },
      { who: 'client', id: 'check', command: 'confirm', data },
    ],
  };
}

function withoutReason({ refusal, data, about, found }: RefusedCertificate): Verdict | undefined {
  if (!isSaid(refusal) && refusal.how !== 'close' && refusal.how !== 'after-handshake') return undefined;
  const { mayBeNormalClose } = refusal;
  return {
    ...found,
    basis: 'ending',
    support: isSaid(refusal) ? 'confirmed' : mayBeNormalClose ? 'open' : 'supported',
    explanation: { id: isSaid(refusal) ? 'said' : mayBeNormalClose ? 'leftUnclear' : 'closed', data: about },
    remedies: remediesFor(data),
  };
}

/** The server says that it refused a certificate, which the capture lacks. */
function judgeLacking({ connection, refusal, data }: Refused): Verdict | undefined {
  const isSeen = certificateMessage(connection, 'client') !== undefined;
  if (!isSaid(refusal) || isSeen || refusal.alert === 'certificate_required') return undefined;
  return {
    // There may have been none: see client-certificate-missing.
    support: isDoubtful(connection) ? 'open' : 'supported',
    basis: 'ending',
    explanation: { id: 'unseen', data },
    evidence: refusal.evidence,
    remedies: remediesFor(data),
  };
}

/** The server closed a QUIC connection, in an encrypted packet, on a flight that can hold a certificate. */
function judgeClose({ connection, refusal, data }: Refused): Verdict | undefined {
  const closed = refusal.how === 'encrypted-close' ? encryptedCloseByServer(connection) : undefined;
  if (closed === undefined || !canHoldCertificate(closed.flight.length)) return undefined;
  const { flight, isClear } = closed;
  return {
    support: isDoubtful(connection) || !isClear ? 'open' : 'supported',
    basis: 'ending',
    explanation: { id: 'hiddenClose', data },
    evidence: [evidence(flight, 'seenCertificatePacket', { length: flight.length }), ...refusal.evidence],
    remedies: remediesFor(data),
  };
}

/** The server ended the connection after a flight that holds a certificate, by its size. */
function judgeEncrypted({ connection, refusal, data }: Refused): Verdict | undefined {
  const first = encryptedDataRecords(connection, 'client')[0];
  const isEncrypted = refusal.how === 'encrypted-alert' || refusal.how === 'after-handshake';
  if (!isEncrypted || first === undefined || !mustHoldCertificate(protectionOf(connection), first.length))
    return undefined;
  // The ClientHello may show a monitor, which a normal close fits; a capture that began late lacks it.
  if (refusal.mayBeNormalClose && connection.clientHello === null) return undefined;
  // Data of two bytes has the size of an alert (Erlang); a close after it, or what follows, would show which it is.
  const isCut = refusal.how === 'encrypted-alert' && connection.ending.how === 'none';
  return {
    // Sizes of records only describe complete flights.
    support: isDoubtful(connection) || isCut || refusal.mayBeNormalClose ? 'open' : 'supported',
    basis: 'ending',
    explanation: { id: encryptedEnding(refusal), data },
    evidence: [evidence(first, 'seenCertificateSize', { length: first.length }), ...refusal.evidence],
    remedies: remediesFor(data),
  };
}

function encryptedEnding({ isEapFailure, how, mayBeNormalClose }: Refusal) {
  if (isEapFailure) return 'eapFailure';
  if (how === 'after-handshake') return mayBeNormalClose ? 'leftUnclear' : 'left';
  return mayBeNormalClose ? 'hiddenUnclear' : 'hidden';
}

function judgeRenegotiation(connection: Connection, { by, certificate, evidence: ending }: RefusedAnswer) {
  const data = { client: connection.client.address, connect: connectTo(connection) };
  return {
    support: isDoubtful(connection) ? 'open' : 'supported',
    basis: 'ending',
    explanation: { id: by === 'renegotiation' ? 'renegotiated' : 'behindHandshake', data },
    evidence: [...ending, evidence(certificate, 'seenCertificateSize', { length: certificate.length })],
    remedies: remediesFor(data),
  } as const;
}
