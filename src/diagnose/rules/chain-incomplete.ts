import type { ChainVerdict } from '../../x509/chain.js';
import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { connectTo, fits, howRefused, refusalByClient, sniOption } from '../evidence/facts.js';
import type { Rule } from '../rule.js';

/**
 * Whether what a chain lacks is an intermediate, not a private root. The chain alone cannot tell: the clues decide.
 * Roots are normally not sent, so a chain with intermediates that stops short mostly lacks nothing but its root.
 */
export function lacksIntermediate(chain: Extract<ChainVerdict, { readonly status: 'incomplete' }>): boolean {
  if (chain.clues.includes('named-root')) return false;
  if (chain.clues.includes('known-intermediate') || chain.clues.includes('named-intermediate')) return true;
  if (chain.completion !== null && chain.completion.anchor !== null) return true;
  const isLeaf = chain.path.length <= 1;
  if (!isLeaf) return false;
  return chain.clues.includes('issuer-location') || chain.superfluous.some(({ why }) => why === 'unrelated');
}

export const chainIncomplete: Rule = {
  id: 'chain-incomplete',
  title: 'Server sends an incomplete certificate chain',
  description: 'The server does not send the intermediate certificate that links its own to a root.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 5246 §7.4.2', 'RFC 8446 §4.4.2', 'RFC 5280 §6.1'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The chain of the server stops at {subject}: the certificate of its issuer, {missing}, was not sent, and the client, which has no other way to get it, refused the chain{how}.{wrong}',
    send: 'Add the intermediate certificate {missing}{key} to the chain file at {connect}, behind the leaf, and reload the service; the command then lists it after the leaf.{fetch}',
    confirm: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
    verify: 'openssl verify -CAfile root.pem -untrusted intermediate.pem leaf.pem',
    works:
      'Verify the chain file before the reload. That some clients get through proves nothing: browsers fetch or remember intermediates, most programs do not.',
  },
  applies: ({ serverCertificates }) => serverCertificates.length > 0,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const certainty = refusal === undefined ? undefined : fits(refusal, ['unknown_ca'], 'trust');
    if (refusal === undefined || certainty === undefined) return undefined;
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    if (chain.status !== 'incomplete' || !lacksIntermediate(chain)) return undefined;
    const { certificate } = chain.at;
    const unrelated = chain.superfluous.filter(({ why }) => why === 'unrelated');
    const data = {
      ...certificateData(certificate),
      missing: chain.missing.name,
      key: chain.missing.keyIdentifier === null ? '' : ` (key identifier ${chain.missing.keyIdentifier})`,
      fetch:
        chain.missing.locations.length === 0 ? '' : ` It can be fetched from ${chain.missing.locations.join(', ')}.`,
      wrong:
        unrelated.length === 0
          ? ''
          : ` What was sent instead has nothing to do with it: ${unrelated.map((one) => one.certificate.subject).join('; ')}.`,
      connect: connectTo(connection),
      sni: sniOption(connection),
      how: howRefused(refusal),
    };
    return {
      certainty: 'likely',
      subject: certificate.sha256,
      messageId: 'explanation',
      data,
      evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
      remedies: [
        { who: 'server', messageId: 'send', commandId: 'confirm', data },
        { who: 'server', messageId: 'works', commandId: 'verify', data },
      ],
    };
  },
};
