import type { Connection } from '../../connection/connection.js';
import type { OcspVerdict } from '../../x509/ocsp.js';
import { ocspVerdict } from '../../x509/ocsp.js';
import type { Context } from '../context.js';
import { certificateData, certificateEvidence, evidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { fits, howRefused, placesOf, refusalByClient, whyUnseen } from '../evidence/facts.js';
import type { Evidence, Rule } from '../rule.js';

function stapleEvidence({ certificateStatus }: Connection): Evidence[] {
  if (certificateStatus === null) return [];
  return [
    evidence({ ...certificateStatus, from: 'server' }, 'seenStaple', { length: certificateStatus.responseLength }),
  ];
}

/** What a stapled response is worth for the server's certificate; null without one. */
export function stapleVerdict(connection: Connection, context: Context): OcspVerdict | null {
  const { serverCertificates, certificateStatus } = connection;
  const leaf = serverCertificates[0];
  const response = certificateStatus?.response ?? null;
  if (leaf?.error !== null || response === null) return null;
  const at = context.judgedAt(connection);
  const issuer = context.chainOf(serverCertificates, at).path[1]?.certificate ?? null;
  return ocspVerdict(response, leaf, issuer, at);
}

/** What is wrong with a response, as a clause about it. */
function faultOf({ problem, single, status }: OcspVerdict): string | null {
  switch (problem) {
    case 'malformed':
      return 'cannot be read';
    case 'responder-error':
      return 'is an error of the OCSP responder, and says nothing';
    case 'wrong-certificate':
      return 'is about another certificate';
    case 'bad-signature':
      return 'has a wrong signature';
    case 'unauthorised-responder':
      return 'is signed by somebody with no right to';
    case 'not-yet-valid':
      return `is not valid before ${single?.thisUpdate ?? ''}`;
    case 'expired':
      return `ended on ${single?.nextUpdate ?? ''}: the server has not fetched a new one`;
    case null:
      return status === 'unknown' ? 'says that the authority does not know the certificate' : null;
  }
}

export const ocspResponseInvalid: Rule = {
  id: 'ocsp-response-invalid',
  title: 'Stapled OCSP response is not valid',
  description:
    'The proof that the certificate is not revoked, which the server must send along, is missing, old or wrong.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 6066 §8', 'RFC 7633 §4', 'RFC 6960 §4.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    seenStaple: 'CertificateStatus: stapled OCSP response of {length} bytes',
    said: 'The client {client} refused the OCSP response that the server sent along with its certificate {subject}: alert bad_certificate_status_response (113). It is missing, has expired, is about another certificate, or its signature is wrong.',
    saidHidden:
      'The client {client} refused the OCSP response that the server sent along with its certificate: alert bad_certificate_status_response (113). It is missing, has expired, is about another certificate, or its signature is wrong; {unseen}.',
    invalid:
      'The OCSP response that the server sent along with its certificate {subject} {fault}, and the client refused the certificate{how}.',
    missing:
      'The certificate {subject} demands that the server sends a stapled OCSP response along (must-staple), the client asked for one, the server sent none, and the client refused the certificate{how}.',
    staple:
      'Switch on OCSP stapling at {connect}, and see that the server reaches the OCSP responder of {issuer} (nginx: ssl_stapling on, resolver; Apache: SSLUseStapling on). The first answer after a restart often lacks it.',
    stapleHidden:
      'Look at the OCSP response that {connect} staples, and see that the server reaches the OCSP responder of its authority.',
    without: 'If the authority has no OCSP responder any more, have the certificate issued again without must-staple.',
    confirm: 'openssl s_client -connect {connect} {sni} -status </dev/null',
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    const { serverCertificates, certificateStatus, clientHello } = connection;
    const leaf = serverCertificates[0];
    const isSaid = refusal.alert === 'bad_certificate_status_response';
    const verdict = isSaid ? null : stapleVerdict(connection, context);
    const fault = verdict === null ? null : faultOf(verdict);
    const isMissing = leaf?.mustStaple === true && (certificateStatus?.responseLength ?? 0) === 0;
    const isAsked = clientHello?.extensions.includes('status_request') ?? false;
    if (!isSaid && fault === null && !(isMissing && isAsked)) return undefined;
    const data = {
      ...(leaf === undefined ? {} : certificateData(leaf)),
      ...placesOf(connection),
      unseen: whyUnseen(connection),
      how: howRefused(refusal),
    };
    const found = {
      ...(leaf === undefined ? {} : { subject: leaf.sha256 }),
      data,
      evidence: [
        ...certificateEvidence(connection, 'server', leaf),
        ...stapleEvidence(connection),
        ...refusal.evidence,
      ],
    };
    if (isSaid) {
      const messageId = leaf === undefined ? 'stapleHidden' : 'staple';
      return {
        ...found,
        certainty: 'certain',
        messageId: leaf === undefined ? 'saidHidden' : 'said',
        remedies: [{ who: 'server', messageId, commandId: 'confirm', data }],
      };
    }
    const certainty = fits(refusal, [], 'name');
    if (certainty === undefined) return undefined;
    if (fault !== null) {
      const faulty = { ...data, fault };
      return {
        ...found,
        data: faulty,
        certainty,
        messageId: 'invalid',
        remedies: [{ who: 'server', messageId: 'staple', commandId: 'confirm', data: faulty }],
      };
    }
    return {
      ...found,
      certainty,
      messageId: 'missing',
      remedies: [
        { who: 'server', messageId: 'staple', commandId: 'confirm', data },
        { who: 'server', messageId: 'without', data },
      ],
    };
  },
};
