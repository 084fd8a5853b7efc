import type { IssuerClue } from '../../x509/chain.js';
import { certificateData, certificateEvidence, EVIDENCE_MESSAGES } from '../evidence/citations.js';
import { connectTo, fits, howRefused, refusalByClient, sniOption, whyUnseen } from '../evidence/facts.js';
import type { Certainty, Data, Rule } from '../rule.js';
import { lacksIntermediate } from './chain-incomplete.js';

/** What betrays a public authority. */
const PUBLIC: ReadonlySet<IssuerClue> = new Set([
  'retired-public-root',
  'upcoming-public-root',
  'vendor-root',
  'public-authority',
]);

export const certificateAuthorityUnknown: Rule = {
  id: 'certificate-authority-unknown',
  title: 'Client does not trust the authority of the server certificate',
  description: "The chain of the server's certificate ends in an authority that is not in the client's trust store.",
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 8446 §6.2', 'RFC 5280 §6.1.1'],
  messages: {
    ...EVIDENCE_MESSAGES,
    privateRoot:
      'The certificate of the server, {subject}, comes from the private authority {authority}, which the client does not trust: it refused it{how}.',
    unknownIssuer:
      'The certificate of the server, {subject}, comes from {authority}, which is neither among the public authorities nor sent along; the client does not trust it and refused it{how}.{perhaps}',
    publicRoot:
      'The certificate of the server, {subject}, comes from the public authority {authority}, but the client does not know that authority and refused it{how}: its trust store is old, or was replaced.',
    said: 'The client refused the certificate of the server with alert unknown_ca (48); {unseen}, so it cannot be told here whether the authority is unknown or an intermediate is missing.',
    trust:
      'Add the root certificate of {authority} to the trust store of the client {client} (Java: cacerts; Node.js: NODE_EXTRA_CA_CERTS; OpenSSL: the CA file that the program uses).',
    trustHidden:
      'See who issued the certificate of {connect}, and add its root to the trust store of the client {client}.',
    changeServer: 'Or install a certificate of an authority that the client trusts at {connect}.',
    chain: 'Check that {connect} sends its intermediate certificates.',
    confirm: 'openssl s_client -connect {connect} {sni} -showcerts -CAfile root.pem </dev/null',
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const fitting = refusal === undefined ? undefined : fits(refusal, ['unknown_ca'], 'trust');
    if (refusal === undefined || fitting === undefined) return undefined;
    // The name may be wrong as well, where it is not known which one the client asked for.
    const certainty = connection.clientHello === null && fitting === 'likely' ? 'possible' : fitting;
    const leaf = connection.serverCertificates[0];
    const placeOf = (): Data => ({
      connect: connectTo(connection),
      sni: sniOption(connection),
      client: connection.client.address,
      unseen: whyUnseen(connection),
      how: howRefused(refusal),
    });
    if (leaf === undefined) {
      if (refusal.alert !== 'unknown_ca') return undefined;
      const place = placeOf();
      return {
        certainty: 'likely',
        messageId: 'said',
        data: place,
        evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
        remedies: [
          { who: 'client', messageId: 'trustHidden', commandId: 'confirm', data: place },
          { who: 'server', messageId: 'chain', data: place },
        ],
      };
    }
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    const verdict = (
      messageId: string,
      authority: string,
      surely: Certainty = certainty,
      isRoot = true,
    ): ReturnType<typeof this.judge> => {
      const perhaps = isRoot ? '' : ` If ${authority} is itself an intermediate, the server fails to send it.`;
      const data = { ...certificateData(leaf), ...placeOf(), authority, perhaps };
      return {
        certainty: surely,
        subject: leaf.sha256,
        messageId,
        data,
        evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
        remedies: [
          { who: 'client', messageId: 'trust', commandId: 'confirm', data },
          { who: 'server', messageId: 'changeServer', data },
        ],
      };
    };
    switch (chain.status) {
      case 'private-root':
        return verdict('privateRoot', chain.root.subject);
      case 'incomplete':
        if (lacksIntermediate(chain)) return undefined;
        // Public roots retire: where intermediates lead to one that is unknown here, only the client's word counts.
        if (refusal.how !== 'alert' && chain.path.length > 1 && chain.clues.some((clue) => PUBLIC.has(clue))) {
          return undefined;
        }
        return verdict(
          'unknownIssuer',
          chain.missing.name,
          certainty === 'certain' ? 'likely' : certainty,
          chain.clues.includes('named-root'),
        );
      case 'trusted':
        return refusal.alert === 'unknown_ca' ? verdict('publicRoot', chain.anchor.certificate.subject) : undefined;
      case 'self-signed':
      case 'bad-signature':
      case 'unreadable':
      case 'undecided':
      case 'empty':
        return undefined;
    }
  },
};
