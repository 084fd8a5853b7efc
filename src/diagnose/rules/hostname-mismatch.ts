import { matchHostName } from '../../x509/names.js';
import { certificateData, certificateEvidence, clientHelloEvidence } from '../evidence/citations.js';
import { connectTo } from '../evidence/places.js';
import { supportOf, howRefused, refusalByClient } from '../evidence/refusals.js';
import { someOf } from '../../message.js';
import { defineRule } from '../rule.js';

export const hostnameMismatch = defineRule({
  id: 'hostname-mismatch',
  title: 'Server certificate does not cover the requested name',
  description: "The server's certificate is for other names than the one that the client asked for.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9525 §6', 'RFC 6066 §3'],
  messages: {
    explanations: {
      explanation:
        'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it {how}.',
      oneLabelOnly:
        'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it {how}. The wildcard {pattern} stands for one label only.',
      notTheDomain:
        'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it {how}. The wildcard {pattern} does not cover the domain itself.',
      invalidWildcard:
        'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it {how}. The pattern {pattern} is no valid wildcard.',
      commonNameOnly:
        'The client asked for {name}; the certificate of the server covers {presented} only, and the client refused it {how}. Its common name would match, but does not count (RFC 9525).',
      noNames:
        'The client asked for {name}; the certificate has no subject alternative name at all, the common name ({commonNames}) does not count (RFC 9525), and the client refused it {how}.',
    },
    evidence: {},
    remedies: {
      reissue: 'Have the certificate issued again with {name} among its subject alternative names.',
      reissueWildcard:
        'Have the certificate issued again with {name} among its subject alternative names, or {wildcard}.',
      wrongServer:
        'If {connect} is not meant to serve {name}, correct the DNS entry or the virtual host that chooses the certificate.',
      useName: 'Or let the client use a name that the certificate covers: {presented}.',
    },
    commands: {
      confirm: 'openssl s_client -connect {connect} -servername {name} -verify_hostname {name} </dev/null',
    },
  },
  applies: ({ clientHello, serverCertificates }) =>
    (clientHello?.serverName ?? null) !== null && serverCertificates.length > 0,
  judge(connection) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    const wanted = connection.clientHello?.serverName ?? '';
    if (refusal === undefined || leaf?.error !== null) return undefined;
    const support = supportOf(refusal, [], 'name');
    if (support === undefined) return undefined;
    const match = matchHostName(leaf, wanted);
    if (match.covered) return undefined;
    const data = {
      ...certificateData(leaf),
      name: match.name,
      presented: someOf(match.presented),
      commonNames: leaf.commonNames,
      pattern: match.nearMisses[0]?.pattern ?? '',
      wildcard: match.wildcard ?? '',
      connect: connectTo(connection),
      how: howRefused(refusal),
    };
    return {
      support,
      basis: 'fact',
      subject: `${leaf.sha256} ${match.name}`,
      explanation: { id: match.presented.length === 0 ? 'noNames' : explanationFor(match), data },
      evidence: [
        ...clientHelloEvidence(connection),
        ...certificateEvidence(connection, 'server', leaf),
        ...refusal.evidence,
      ],
      remedies: [
        { who: 'server', id: match.wildcard === null ? 'reissue' : 'reissueWildcard', command: 'confirm', data },
        { who: 'server', id: 'wrongServer', data },
        ...(match.presented.length === 0 ? [] : ([{ who: 'client', id: 'useName', data }] as const)),
      ],
    };
  },
});

/** The explanation that says why the nearest name of the certificate does not do. */
function explanationFor({ nearMisses, commonNameMatches }: ReturnType<typeof matchHostName>) {
  switch (nearMisses[0]?.why) {
    case 'depth':
      return 'oneLabelOnly';
    case 'apex':
      return 'notTheDomain';
    case 'form':
      return 'invalidWildcard';
    case undefined:
      return commonNameMatches ? 'commonNameOnly' : 'explanation';
  }
}
