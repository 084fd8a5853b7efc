import type { Connection } from '../../connection/connection.js';
import { matchHostName } from '../../x509/names.js';
import { keyStrength, signatureStrength } from '../../x509/strength.js';
import { allowsServerAuth } from '../../x509/purpose.js';
import { validityOf } from '../../x509/validity.js';
import type { Context } from '../context.js';
import { alertEvidence, certificateData, certificateEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { firstEnd } from '../evidence/server-history.js';
import { phrase } from '../phrases.js';
import { howRefused, isAnswerTo, type Refusal, refusalByClient, whyUnseen } from '../evidence/refusals.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { expiredRoot, isRootUnseen, looksSound } from './certificate-expired.js';
import { lackAtClient } from './revocation-check-failed.js';
import { defineRule } from '../rule.js';

/**
 * Whether Mbed TLS refused a chain with certificate_unknown, as it does for a certificate that is not yet valid and for a hash
 * that it does not accept. For everything else that it checks, it has other alerts.
 */
function isMbedtlsBehind(connection: Connection, { alert, library }: Refusal, context: Context): boolean {
  if (library !== 'Mbed TLS' || alert !== 'certificate_unknown') return false;
  const { path } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  return path.every(({ certificate }) => signatureStrength(certificate) === 'strong');
}

/**
 * Whether only a clock that is behind explains it. OpenSSL and Java send bad_certificate for a certificate that is not
 * yet valid, and for hardly anything else that is invisible: an unknown authority, expiry and revocation have alerts of
 * their own.
 */
function isBehind(connection: Connection, context: Context): boolean {
  const { clientHello, serverCertificates } = connection;
  const [leaf] = serverCertificates;
  const wanted = clientHello?.serverName ?? null;
  if (clientHello === null || leaf === undefined || wanted === null) return false;
  const library = libraryOf(clientHello);
  if (library !== 'OpenSSL' && library !== 'JSSE') return false;
  if (!matchHostName(leaf, wanted).covered || !allowsServerAuth(leaf)) return false;
  if (leaf.mustStaple || connection.certificateStatus !== null) return false;
  const { status, path } = context.chainOf(serverCertificates, context.judgedAt(connection));
  if (status === 'bad-signature' || status === 'unreadable' || status === 'self-signed') return false;
  return path.every(
    ({ certificate }) => keyStrength(certificate) === 'strong' && signatureStrength(certificate) === 'strong',
  );
}

/**
 * Whether a client refuses a sound chain in a way that fits a wrong clock as well as other reasons: Node.js just leaves,
 * GnuTLS and Go send the same alert for nearly everything.
 */
function isUnspecific(connection: Connection, context: Context, refusal: Refusal): boolean {
  // OpenSSL and Java say more (isBehind).
  const saysMore = refusal.library === 'OpenSSL' || refusal.library === 'JSSE';
  const isSaid =
    !saysMore &&
    refusal.alert !== null &&
    isAnswerTo(refusal, 'certificate-not-yet-valid', 'certificate-expired') === true;
  if (!isSaid && lackAtClient(connection, context, context.judgedAt(connection)) !== 'unsaid') return false;
  return looksSound(connection, context);
}

/** What other connections show against a clock that is ahead; undefined if they show nothing. */
function speaksAgainst(connection: Connection, { serverHistory }: Context) {
  const accepted = serverHistory.acceptedUntil(connection);
  if (accepted !== undefined && accepted.until <= firstEnd(connection.serverCertificates)) {
    return {
      id: 'accepted',
      other: accepted.by.client.address,
      evidence: otherConnectionEvidence(accepted.by, phrase('aChainOnTheHost')),
    } as const;
  }
  const called = serverHistory.calledExpired(connection);
  if (called === undefined) return undefined;
  return { id: 'saidByOthers', other: called.client.address, evidence: alertEvidence(called.alert) } as const;
}

export const clientClockWrong = defineRule({
  id: 'client-clock-wrong',
  title: "Client's clock is wrong",
  description:
    'The client says that the certificate has expired, or is not yet valid, but it was valid at the time of the capture.',
  settledBy: 'The client\'s clock ("date -u"), compared with the time of the capture.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.1.3', 'RFC 8446 §6.2'],
  messages: {
    explanations: {
      unseen:
        "The client {client} rejected the server's certificate with certificate_expired (45). If the certificate is valid, the client's clock is wrong. The capture does not show that: {unseen}.",
      undated:
        "The client {client} rejected the server's certificate with certificate_expired (45). If the certificate was valid then, the client's clock is wrong. The dates of the certificate cannot be checked: the clock of the capture was never set.",
      explanation:
        'The client {client} rejected the certificate "{subject}" with certificate_expired (45), but the certificate is valid from {notBefore} to {notAfter}, and the whole chain was valid when it was sent. The client\'s clock is probably wrong.',
      doubtful:
        'The client {client} rejected the certificate "{subject}" with certificate_expired (45), but the certificate is valid from {notBefore} to {notAfter}, and every certificate that the server sent was valid then. The client\'s clock may be wrong; or something has expired that the capture does not show, such as a root or a revocation list.',
      accepted:
        'The client {client} rejected the certificate "{subject}" with certificate_expired (45), but the certificate is valid from {notBefore} to {notAfter}, and every certificate that the server sent was valid then. The client\'s clock may be wrong; but in another connection, a client on the same host accepted a chain that expires no later.',
      saidByOthers:
        'The client {client} rejected the certificate "{subject}" with certificate_expired (45), but the certificate is valid from {notBefore} to {notAfter}, and every certificate that the server sent was valid then. The client\'s clock may be wrong; but {other} says the same of this chain, and the clocks of two hosts are seldom wrong.',
      mbedtls:
        'The client {client} rejected the certificate "{subject}" with certificate_unknown (46). The certificate is valid from {notBefore} to {notAfter}. The client looks like Mbed TLS (by its ClientHello), which sends this alert for a certificate that is not yet valid, or signed with an old hash: its clock is probably behind.',
      behind:
        'The client {client} rejected the certificate "{subject}" with bad_certificate (42). The certificate is valid from {notBefore} to {notAfter} and covers the requested name; nothing else that the capture shows is wrong with it (revocation, policies and the client\'s own store are not in it). The client looks like OpenSSL or Java (by its ClientHello), which send this alert for a certificate that is not yet valid: its clock is probably behind.',
      untold:
        'The client {client} rejected the certificate "{subject}" {how}. It covers the requested name and is valid from {notBefore} to {notAfter}. The client does not say why: its clock may be wrong.',
    },
    evidence: {},
    remedies: {
      clock:
        "Set the clock of {client} (NTP); devices without a battery start at a date long past or far ahead. If the clock is right, look for an expired root certificate in the client's trust store, which no capture shows.",
      clockBehind:
        "Compare the clock of {client} with the right time, and set it (NTP); devices without a battery start at a date long past. If the clock is right, the client's log says why it rejected the certificate.",
    },
    commands: {
      confirm: { run: 'date -u', does: "shows the machine's clock, in UTC", where: 'client' },
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal === undefined) return undefined;
    const isAhead = refusal.alert === 'certificate_expired';
    const at = context.judgedAt(connection);
    if (leaf === undefined || Number.isNaN(at)) {
      if (!isAhead) return undefined;
      const data = { client: connection.client.address, unseen: whyUnseen(connection) };
      return {
        // Nothing visible distinguishes it from an expired certificate.
        support: 'supported',
        basis: 'fact',
        subject: connection.client.address,
        explanation: { id: leaf === undefined ? 'unseen' : 'undated', data },
        evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
        remedies: [{ who: 'client', id: 'clock', command: 'confirm', data }],
      };
    }
    const isMbedtls = isMbedtlsBehind(connection, refusal, context);
    const isValid = connection.serverCertificates.every((certificate) => validityOf(certificate, at).state === 'valid');
    if (!isValid) return undefined;
    const data = { ...certificateData(leaf), client: connection.client.address, how: howRefused(refusal) };
    if (isMbedtls) {
      return {
        support: 'supported',
        basis: 'fact',
        subject: connection.client.address,
        explanation: { id: 'mbedtls', data },
        evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
        remedies: [{ who: 'client', id: 'clockBehind', command: 'confirm', data }],
      };
    }
    if (!isAhead && !(refusal.alert === 'bad_certificate' && isBehind(connection, context))) {
      if (!isUnspecific(connection, context, refusal)) return undefined;
      return {
        support: 'open',
        // No visible fact supports it, only the alerts that the client did not send.
        basis: 'alert',
        subject: connection.client.address,
        explanation: { id: 'untold', data },
        evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
        remedies: [{ who: 'client', id: 'clockBehind', command: 'confirm', data }],
      };
    }
    const against = isAhead ? speaksAgainst(connection, context) : undefined;
    if (against !== undefined) {
      return {
        support: 'open',
        // What else may have expired comes first.
        basis: 'alert',
        subject: connection.client.address,
        explanation: { id: against.id, data: { ...data, other: against.other } },
        evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence, ...against.evidence],
        remedies: [{ who: 'client', id: 'clock', command: 'confirm', data }],
      };
    }
    // A root that was not sent, or has expired, explains it as well, and so does anything else that the stack refuses.
    const hasExpired = expiredRoot(context, connection, at) !== undefined || isRootUnseen(connection, context);
    // Nothing else is visibly wrong. But the client may check what the capture does not show: another name, a policy of its
    // own, an outdated revocation list, for which OpenSSL sends the same alert.
    const isDoubtful = hasExpired || lackAtClient(connection, context, at) === 'outdated';
    return {
      support: !isAhead || isDoubtful ? 'open' : 'supported',
      basis: 'fact',
      subject: connection.client.address,
      explanation: { id: !isAhead ? 'behind' : isDoubtful ? 'doubtful' : 'explanation', data },
      evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
      remedies: [{ who: 'client', id: isAhead ? 'clock' : 'clockBehind', command: 'confirm', data }],
    };
  },
});
