import { periodOf } from '../../x509/validity.js';
import { toMilliseconds } from '../../capture/timestamp.js';
import { certificateData, certificateEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { duration } from '../../message.js';
import { supportOf, howRefused, refusalByClient } from '../evidence/refusals.js';
import { isOnPath } from '../evidence/chains.js';
import { phrase } from '../phrases.js';
import { defineRule } from '../rule.js';

export const certificateNotYetValid = defineRule({
  id: 'certificate-not-yet-valid',
  title: 'Server certificate not yet valid',
  description: "The server's certificate, or one in its chain, becomes valid only after the handshake.",
  settledBy: 'The client\'s log (OpenSSL: "certificate is not yet valid") names the certificate that it rejected.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 5280 §6.1.3'],
  messages: {
    explanations: {
      explanation:
        'The certificate "{subject}" is valid only from {notBefore}, {ahead} after this handshake. The client rejected it {how}.',
      accepted:
        'By the clock of this capture, the certificate "{subject}" is valid only from {notBefore}, {ahead} after this handshake. But {other} accepted it before that time, by the same clock: either that client does not check dates, or the clock of the capture is behind. The client {client} rejected it {how}, perhaps for another reason.',
    },
    evidence: {},
    remedies: {
      install:
        'Install a certificate at {connect} that is valid now; keep the old one until the new one becomes valid.',
      clock:
        'If it should be valid by now, check the clock of the authority that issued it, and the clock of the machine that made this capture.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -dates',
        does: 'shows the certificate that the server sends now, and its dates',
        where: 'from-client',
      },
    },
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    // There is no alert for this: stacks send bad_certificate, or certificate_expired.
    const support =
      refusal === undefined ? undefined : supportOf(refusal, ['certificate_expired', 'bad_certificate'], 'certificate');
    if (refusal === undefined || support === undefined) return undefined;
    const { serverCertificates } = connection;
    const at = context.judgedAt(connection);
    // Outside of the path, a certificate not yet valid does no harm; without a path, any certificate may be the missing
    // one.
    const early = serverCertificates.find(
      (certificate) =>
        periodOf(certificate).begins > at && isOnPath(context.chainOf(serverCertificates, at), certificate),
    );
    if (early === undefined) return undefined;
    const data = {
      ...certificateData(early),
      connect: connectTo(connection),
      sni: sniOption(connection),
      ahead: duration(periodOf(early).begins - at),
      how: howRefused(refusal),
    };
    // Accepted too early, by this clock, the certificate shows that the clock is behind, or that one client checks no dates.
    const taken = context.serverHistory.acceptedChain(connection, 'anybody');
    const isDoubted = taken !== undefined && toMilliseconds(taken.startedAt) < periodOf(early).begins;
    return {
      support: isDoubted ? 'open' : support,
      basis: 'fact',
      subject: early.sha256,
      explanation: isDoubted
        ? { id: 'accepted', data: { ...data, client: connection.client.address, other: taken.client.address } }
        : { id: 'explanation', data },
      evidence: [
        ...certificateEvidence(connection, 'server', early),
        ...(isDoubted ? otherConnectionEvidence(taken, phrase('theSameCertificates')) : []),
        ...refusal.evidence,
      ],
      remedies: [
        { who: 'server', id: 'install', command: 'confirm', data },
        { who: 'server', id: 'clock', data },
      ],
    };
  },
});
