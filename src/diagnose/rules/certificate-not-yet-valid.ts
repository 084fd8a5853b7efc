import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { connectTo, duration, fits, howRefused, isOnPath, refusalByClient, sniOption } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const certificateNotYetValid: Rule = {
  id: 'certificate-not-yet-valid',
  title: 'Server certificate not yet valid',
  description: "The server's certificate, or one of its chain, begins after the time of the handshake.",
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 5280 §6.1.3'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The certificate {subject} is valid only from {notBefore}, {ahead} after this handshake, and the client refused it{how}.',
    install: 'Install a certificate at {connect} that is valid now; keep the old one until the new one begins.',
    clock:
      'If it should be valid by now, check the clock of the authority that issued it, and that of the machine which made this capture.',
    confirm: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -dates',
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    // There is no alert for this: stacks send bad_certificate, or the one for expired.
    const certainty =
      refusal === undefined ? undefined : fits(refusal, ['certificate_expired', 'bad_certificate'], 'certificate');
    if (refusal === undefined || certainty === undefined) return undefined;
    const { serverCertificates } = connection;
    const at = context.judgedAt(connection);
    // Beside the path, a certificate of tomorrow harms nobody; where no path is found, any may be what is missing.
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
    return {
      certainty,
      subject: early.sha256,
      messageId: 'explanation',
      data,
      evidence: [...certificateEvidence(connection, 'server', early), ...refusal.evidence],
      remedies: [
        { who: 'server', messageId: 'install', commandId: 'confirm', data },
        { who: 'server', messageId: 'clock', data },
      ],
    };
  },
};
