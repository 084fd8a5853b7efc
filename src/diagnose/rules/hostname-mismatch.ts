import { matchHostName } from '../../x509/names.js';
import { certificateData, certificateEvidence, clientHelloEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { connectTo, fits, howRefused, refusalByClient, someOf } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

export const hostnameMismatch: Rule = {
  id: 'hostname-mismatch',
  title: 'Server certificate does not cover the requested name',
  description: "The server's certificate is for other names than the one that the client asked for.",
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 9525 §6', 'RFC 6066 §3'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it{how}.{hint}',
    noNames:
      'The client asked for {name}; the certificate has no subject alternative name at all, the common name ({commonNames}) does not count (RFC 9525), and the client refused it{how}.',
    reissue: 'Have the certificate issued again with {name} among its subject alternative names{wildcard}.',
    wrongServer:
      'If {connect} is not meant to serve {name}, correct the DNS entry or the virtual host that chooses the certificate.',
    useName: 'Or let the client use a name that the certificate covers: {presented}.',
    confirm: 'openssl s_client -connect {connect} -servername {name} -verify_hostname {name} </dev/null',
  },
  applies: ({ clientHello, serverCertificates }) =>
    (clientHello?.serverName ?? null) !== null && serverCertificates.length > 0,
  judge(connection) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    const wanted = connection.clientHello?.serverName ?? '';
    if (refusal === undefined || leaf?.error !== null) return undefined;
    const certainty = fits(refusal, [], 'name');
    if (certainty === undefined) return undefined;
    const match = matchHostName(leaf, wanted);
    if (match.covered) return undefined;
    const data = {
      ...certificateData(leaf),
      name: match.name,
      presented: someOf(match.presented),
      commonNames: leaf.commonNames,
      hint: hintOf(match),
      wildcard: match.wildcard === null ? '' : `, or ${match.wildcard}`,
      connect: connectTo(connection),
      how: howRefused(refusal),
    };
    return {
      certainty,
      subject: `${leaf.sha256} ${match.name}`,
      messageId: match.presented.length === 0 ? 'noNames' : 'explanation',
      data,
      evidence: [
        ...clientHelloEvidence(connection),
        ...certificateEvidence(connection, 'server', leaf),
        ...refusal.evidence,
      ],
      remedies: [
        { who: 'server', messageId: 'reissue', commandId: 'confirm', data },
        { who: 'server', messageId: 'wrongServer', data },
        ...(match.presented.length === 0 ? [] : [{ who: 'client' as const, messageId: 'useName', data }]),
      ],
    };
  },
};

/** Why the nearest wildcard does not do. */
function hintOf({ nearMisses, commonNameMatches }: ReturnType<typeof matchHostName>): string {
  const near = nearMisses[0];
  if (near?.why === 'depth') return ` The wildcard ${near.pattern} stands for one label only.`;
  if (near?.why === 'apex') return ` The wildcard ${near.pattern} does not cover the domain itself.`;
  if (near?.why === 'form') return ` The pattern ${near.pattern} is no valid wildcard.`;
  return commonNameMatches ? ' Its common name would match, but does not count (RFC 9525).' : '';
}
