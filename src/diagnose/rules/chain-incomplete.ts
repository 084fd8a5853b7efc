import { listOf } from '../../message.js';
import { phrase } from '../phrases.js';
import type { ChainVerdict, IssuerClue } from '../../x509/chain.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { isSignedDespiteKeyIdentifier } from '../evidence/chains.js';
import { inspectionOf, inspectionSign } from '../evidence/inspection.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { howRefused, refusalByClient, speaksAgainstTrust, supportOf, unseenFault } from '../evidence/refusals.js';
import { defineRule } from '../rule.js';

/**
 * Whether a chain lacks an intermediate rather than a private root. The chain alone cannot tell, so the clues decide.
 * Roots are normally not sent, so a chain with intermediates that stops short usually lacks only its root.
 */
export function lacksIntermediate(chain: Extract<ChainVerdict, { readonly status: 'incomplete' }>): boolean {
  if (chain.clues.includes('named-root')) return false;
  if (chain.clues.includes('known-intermediate') || chain.clues.includes('named-intermediate')) return true;
  if (chain.completion !== null && chain.completion.anchor !== null) return true;
  const isLeaf = chain.path.length <= 1;
  if (!isLeaf) return false;
  return chain.clues.includes('issuer-location') || chain.superfluous.some(({ why }) => why === 'unrelated');
}

/** Whether the issuer's name alone says that an intermediate is missing: a private root may have such a name, too. */
export function lacksIntermediateByName(chain: Extract<ChainVerdict, { readonly status: 'incomplete' }>): boolean {
  const clues = chain.clues.filter((clue) => clue !== 'named-intermediate');
  return lacksIntermediate(chain) && !lacksIntermediate({ ...chain, clues }) && !clues.includes('public-authority');
}

/** Clues that the issuer is a root in some trust list. */
const ROOTS: ReadonlySet<IssuerClue> = new Set([
  'named-root',
  'retired-public-root',
  'upcoming-public-root',
  'vendor-root',
]);

/** Whether nothing shows that the missing issuer is a root: then it may be another intermediate, which must be sent. */
export const mayBeIntermediate = ({ clues }: Extract<ChainVerdict, { readonly status: 'incomplete' }>): boolean =>
  !clues.some((clue) => ROOTS.has(clue));

export const chainIncomplete = defineRule({
  id: 'chain-incomplete',
  title: 'Server sends an incomplete certificate chain',
  description: 'The server does not send the intermediate certificate that links its own certificate to a root.',
  settledBy:
    'The same handshake works once the server sends the intermediate certificate; the client\'s log says "unable to get local issuer certificate" until then.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5246 §7.4.2', 'RFC 8446 §4.4.2', 'RFC 5280 §6.1'],
  messages: {
    explanations: {
      explanation:
        "The server's chain is incomplete: it stops at {subject}, and the server does not send the issuer's certificate, {missing}. The client could not build a path to a root it trusts, and rejected the chain {how}.",
      unrelated:
        "The server's chain is incomplete: it stops at {subject}, and the server does not send the issuer's certificate, {missing}. The client could not build a path to a root it trusts, and rejected the chain {how}. It also sends what does not belong to this chain: {unrelated}.",
      unless:
        "The server's chain stops at {subject}. If its issuer, {missing}, is an intermediate and no root, the server has to send that certificate too. The client rejected the chain {how}.",
      unseen:
        "The client rejected the server's certificate with alert unknown_ca (48): an intermediate certificate may be missing. The capture does not show it: {unseen}.",
    },
    evidence: {},
    remedies: {
      send: 'Add the intermediate certificate {intermediate} to the chain file at {connect}, behind the leaf, and reload the service; the command then lists it after the leaf.',
      fetch:
        'Add the intermediate certificate {intermediate} to the chain file at {connect}, behind the leaf, and reload the service; the command then lists it after the leaf. It can be fetched from {locations}.',
      check: 'See with the command whether {connect} sends its intermediate certificates.',
      works:
        'Verify the chain file before the reload. Clients that get through prove nothing: browsers fetch or remember intermediates, most programs do not.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
      verify: {
        run: 'openssl verify -CAfile root.pem -untrusted intermediate.pem leaf.pem',
        does: 'shows whether the chain leads to the root',
        where: 'files',
      },
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const support = refusal === undefined ? undefined : supportOf(refusal, ['unknown_ca'], 'trust', 'chain-incomplete');
    if (refusal === undefined || support === undefined) return undefined;
    if (connection.serverCertificates.length === 0) {
      if (refusal.alert !== 'unknown_ca') return undefined;
      const unseen = unseenFault(connection, refusal);
      return {
        ...unseen,
        remedies: [{ who: 'server', id: 'check', command: 'confirm', data: unseen.explanation.data }],
      };
    }
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    if (chain.status !== 'incomplete' || chain.clues.includes('named-root')) return undefined;
    const isLikely = lacksIntermediate(chain);
    // An inspecting device needs no more certificates than it sends: its authority is the problem (tls-intercepted).
    if (inspectionOf(connection) !== null) return undefined;
    if (speaksAgainstTrust(refusal, 'chain-incomplete')) return undefined;
    const { certificate } = chain.at;
    // The apparently missing issuer may have been sent, with a wrong key identifier naming it
    // (certificate-nonconforming).
    const isThere = isSignedDespiteKeyIdentifier(certificate, connection.serverCertificates);
    const { name, keyIdentifier, locations } = chain.missing;
    const unrelated = isThere ? [] : chain.superfluous.filter(({ why }) => why === 'unrelated');
    const data = {
      ...certificateData(certificate),
      missing: name,
      intermediate: keyIdentifier === null ? name : phrase('byKey', { name, keyIdentifier }),
      locations,
      unrelated: listOf(
        unrelated.map((one) => one.certificate.subject),
        'names',
      ),
      connect: connectTo(connection),
      sni: sniOption(connection),
      how: howRefused(refusal),
    };
    return {
      support:
        isThere || !(isLikely || mayBeIntermediate(chain)) || inspectionSign(connection, context) !== undefined
          ? 'open'
          : 'supported',
      basis: 'fact',
      subject: certificate.sha256,
      explanation: { id: !isLikely ? 'unless' : unrelated.length === 0 ? 'explanation' : 'unrelated', data },
      evidence: [...certificateEvidence(connection, 'server', certificate), ...refusal.evidence],
      remedies: [
        { who: 'server', id: locations.length === 0 ? 'send' : 'fetch', command: 'confirm', data },
        { who: 'server', id: 'works', command: 'verify', data },
      ],
    };
  },
});
