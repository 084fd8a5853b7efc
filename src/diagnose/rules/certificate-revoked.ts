import { phrase } from '../phrases.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { supportOf, howRefused, refusalByClient, whyUnseen } from '../evidence/refusals.js';
import { placesOf } from '../evidence/places.js';
import { defineRule } from '../rule.js';
import { stapleVerdict } from './ocsp-response-invalid.js';

export const certificateRevoked = defineRule({
  id: 'certificate-revoked',
  title: 'Server certificate revoked',
  description: "The client says that an authority has revoked the server's certificate, or one in its chain.",
  settledBy:
    'The authority\'s revocation list or OCSP responder ("openssl ocsp") says whether the serial number is revoked.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.2.2', 'RFC 5280 §6.3', 'RFC 6960 §2.2'],
  messages: {
    explanations: {
      said: "The client {client} rejected the server's certificate ({subject}) with alert certificate_revoked (44): a revocation list or OCSP says that it, or a certificate in its chain, is revoked.",
      saidHidden:
        "The client {client} rejected the server's certificate with alert certificate_revoked (44): a revocation list or OCSP says that it, or a certificate in its chain, is revoked; {unseen}.",
      stapled:
        "The server's certificate ({subject}, serial {serialNumber}) was revoked on {revoked}: the stapled OCSP response that the server itself sends says so. The client rejected the certificate {how}.",
    },
    evidence: {},
    remedies: {
      replace:
        'Replace the certificate at {connect} by a new one with a new key: a revoked one never becomes valid again. Ask its authority why it was revoked; the key may be in the wrong hands.',
      list: 'If the authority says that it is not revoked, look at the revocation list that {client} uses: it may be old, or of another authority.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -status </dev/null',
        does: 'shows what the server staples about revocation',
        where: 'from-client',
      },
      confirmByList: {
        run: 'openssl verify -crl_check -CAfile client-ca.pem -CRLfile client-crl.pem -untrusted chain.pem server.pem',
        does: "shows whether the client's revocation list has the server's certificate",
        where: 'client',
      },
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    const support = supportOf(refusal, ['certificate_revoked'], 'certificate');
    if (support === undefined) return undefined;
    const leaf = connection.serverCertificates[0];
    const staple = stapleVerdict(connection, context);
    const isStapled = staple?.status === 'revoked' && staple.problem === null;
    if (!isStapled && refusal.alert !== 'certificate_revoked') return undefined;
    const data = { ...placesOf(connection), unseen: whyUnseen(connection), how: howRefused(refusal) };
    const { revokedAt, reason } = staple?.single ?? {};
    const time = revokedAt ?? '';
    return {
      support,
      basis: 'fact',
      ...(leaf === undefined ? {} : { subject: leaf.sha256 }),
      explanation:
        leaf === undefined
          ? { id: 'saidHidden', data }
          : {
              id: isStapled ? 'stapled' : 'said',
              data: {
                ...data,
                ...certificateData(leaf),
                revoked: typeof reason === 'string' ? phrase('forReason', { time, reason }) : time,
              },
            },
      evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
      remedies: [
        { who: 'server', id: 'replace', ...(isStapled && { command: 'confirm' }), data },
        { who: 'client', id: 'list', ...(!isStapled && { command: 'confirmByList' }), data },
      ],
    };
  },
});
