import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence.js';
import { refusalByClient } from '../facts.js';
import type { Rule } from '../rule.js';

export const clientClockWrong: Rule = {
  id: 'client-clock-wrong',
  title: "Client's clock is wrong",
  description: 'The client says that the certificate has expired, and it had not at the time of the capture.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5280 §6.1.3', 'RFC 8446 §6.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The client {client} refused the certificate {subject} with certificate_expired (45), but it is valid from {notBefore} to {notAfter}, and the whole chain was valid when it was sent: the clock of the client must be wrong.',
    clock:
      'Set the clock of {client} (NTP); devices without a battery start at a date long past or far ahead. If the clock is right, look for an expired root certificate in the trust store of the client, which no capture shows.',
    confirm: 'date -u',
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal?.alert !== 'certificate_expired' || leaf === undefined) return undefined;
    const at = context.judgedAt(connection);
    const isValid = connection.serverCertificates.every(
      ({ notBefore, notAfter }) => Date.parse(notBefore) <= at && at <= Date.parse(notAfter),
    );
    if (!isValid) return undefined;
    const data = { ...certificateData(leaf), client: connection.client.address };
    return {
      certainty: 'likely',
      subject: connection.client.address,
      messageId: 'explanation',
      data,
      evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
      remedies: [{ who: 'client', messageId: 'clock', commandId: 'confirm', data }],
    };
  },
};
