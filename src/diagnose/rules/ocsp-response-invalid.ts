import type { Phrase } from '../../message.js';
import { phrase } from '../phrases.js';
import type { Connection } from '../../connection/connection.js';
import type { OcspVerdict } from '../../x509/ocsp.js';
import { ocspVerdict } from '../../x509/ocsp.js';
import type { Context } from '../context.js';
import { certificateData, certificateEvidence, evidence as cite } from '../evidence/citations.js';
import { supportOf, howRefused, refusalByClient, whyUnseen } from '../evidence/refusals.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';

function stapleEvidence({ certificateStatus }: Connection) {
  if (certificateStatus === null) return [];
  return [cite({ ...certificateStatus, from: 'server' }, 'seenStaple', { length: certificateStatus.responseLength })];
}

/** What a stapled response proves about the server's certificate; null without one. */
export function stapleVerdict(connection: Connection, context: Context): OcspVerdict | null {
  const { serverCertificates, certificateStatus } = connection;
  const leaf = serverCertificates[0];
  const response = certificateStatus?.response ?? null;
  if (leaf?.error !== null || response === null) return null;
  const at = context.judgedAt(connection);
  const issuer = context.chainOf(serverCertificates, at).path[1]?.certificate ?? null;
  return ocspVerdict(response, leaf, issuer, at, context.work);
}

/** What is wrong with a response, as a clause about it; null if nothing is. */
function faultOf({ problem, single, status }: OcspVerdict): Phrase | null {
  switch (problem) {
    case 'malformed':
      return phrase('isUnreadable');
    case 'responder-error':
      return phrase('isResponderError');
    case 'wrong-certificate':
      return phrase('isAboutAnother');
    case 'bad-signature':
      return phrase('hasWrongSignature');
    case 'unauthorised-responder':
      return phrase('isUnauthorised');
    case 'not-yet-valid':
      return phrase('isEarly', { thisUpdate: single?.thisUpdate ?? '' });
    case 'expired':
      return phrase('hasEnded', { nextUpdate: single?.nextUpdate ?? '' });
    case null:
      return status === 'unknown' ? phrase('saysUnknown') : null;
  }
}

export const ocspResponseInvalid = defineRule({
  id: 'ocsp-response-invalid',
  title: 'Stapled OCSP response is not valid',
  description:
    'The server must send proof that its certificate is not revoked (a stapled OCSP response). It is missing, out of date or wrong.',
  settledBy: 'The stapled response itself ("openssl s_client -status") shows its dates, its status and its signer.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 6066 §8', 'RFC 7633 §4', 'RFC 6960 §4.2'],
  messages: {
    explanations: {
      said: 'The client {client} rejected the OCSP response that the server sent along with its certificate "{subject}": alert bad_certificate_status_response (113). It is missing, has expired, is about another certificate, or its signature is wrong.',
      saidOfNone:
        'The client {client} rejected the certificate "{subject}" with alert bad_certificate_status_response (113), which means that a stapled OCSP response is missing or not valid. It asked for one, and the server sent none.',
      saidUnasked:
        'The client {client} rejected the certificate "{subject}" with alert bad_certificate_status_response (113), which means that a stapled OCSP response is missing or not valid. But it did not ask for one, and the server sent none.',
      saidHidden:
        'The client {client} rejected the OCSP response that the server sent along with its certificate: alert bad_certificate_status_response (113). It is missing, has expired, is about another certificate, or its signature is wrong; {unseen}.',
      invalid:
        'The OCSP response that the server sent along with its certificate "{subject}" {fault}. The client rejected the certificate {how}.',
      missing:
        'The certificate "{subject}" requires a stapled OCSP response (must-staple). The client asked for one, and the server sent none. The client rejected the certificate {how}.',
    },
    evidence: {
      seenStaple: 'CertificateStatus: stapled OCSP response of {length} bytes',
    },
    remedies: {
      staple:
        'Switch on OCSP stapling at {connect}, and check that the server reaches the OCSP responder of {issuer} (nginx: ssl_stapling on, resolver; Apache: SSLUseStapling on). The first answer after a restart often lacks it.',
      stapleHidden:
        'Look at the OCSP response that {connect} staples, and check that the server reaches the OCSP responder of its authority.',
      without:
        'If the authority has no OCSP responder any more, have the certificate issued again without must-staple.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -status </dev/null',
        does: 'shows what the server staples about revocation',
        where: 'from-client',
      },
    },
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
    const data = { ...placesOf(connection), unseen: whyUnseen(connection), how: howRefused(refusal) };
    const evidence = [
      ...certificateEvidence(connection, 'server', leaf),
      ...stapleEvidence(connection),
      ...refusal.evidence,
    ];
    if (leaf === undefined) {
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: { id: 'saidHidden', data },
        evidence,
        remedies: [{ who: 'server', id: 'stapleHidden', command: 'confirm', data }],
      };
    }
    const said = certificateStatus !== null ? 'said' : isAsked ? 'saidOfNone' : 'saidUnasked';
    const support = !isSaid ? supportOf(refusal, [], 'name') : said === 'saidUnasked' ? 'open' : 'confirmed';
    if (support === undefined) return undefined;
    const about = { ...data, ...certificateData(leaf) };
    const isDispensable = !isSaid && fault === null;
    return {
      support,
      basis: 'fact',
      subject: leaf.sha256,
      explanation:
        isSaid || fault === null
          ? { id: isSaid ? said : 'missing', data: about }
          : { id: 'invalid', data: { ...about, fault } },
      evidence,
      remedies: [
        { who: 'server', id: 'staple', command: 'confirm', data: about },
        ...(isDispensable ? ([{ who: 'server', id: 'without', data: about }] as const) : []),
      ],
    };
  },
});
