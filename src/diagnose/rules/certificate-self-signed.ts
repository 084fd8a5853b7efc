import type { Connection } from '../../connection/connection.js';
import { defaultCertificateOf } from '../../knowledge/default-certificates.js';
import { someOf } from '../../message.js';
import type { Certificate } from '../../x509/certificate.js';
import { matchHostName } from '../../x509/names.js';
import { certificateData, certificateEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { connectTo, sniOption } from '../evidence/places.js';
import {
  howRefused,
  mayLackList,
  type Refusal,
  refusalByClient,
  speaksAgainstTrust,
  supportOf,
  unseenFault,
} from '../evidence/refusals.js';
import type { Context } from '../context.js';
import { phrase } from '../phrases.js';
import { defineRule } from '../rule.js';
import { takenElsewhere } from './certificate-authority-unknown.js';

export const certificateSelfSigned = defineRule({
  id: 'certificate-self-signed',
  title: 'Server certificate is self-signed',
  description:
    "The server's certificate is signed with its own key: no authority that the client trusts vouches for it.",
  settledBy: 'The client\'s log (OpenSSL: "self-signed certificate") and its list of trusted certificates.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.1', 'RFC 8446 §4.4.2'],
  messages: {
    explanations: {
      explanation:
        "The server's certificate ({subject}) is self-signed: no authority vouches for it. The client does not know it and rejected it {how}.",
      takenElsewhere:
        "The server's certificate ({subject}) is self-signed, and the client rejected it {how}. A client on the same host, perhaps the same program (by what the capture has of their ClientHellos), accepted it in another connection: this one may lack it in its trust store, where the other one has it or does not verify; or it trusts it, too, and lacks a revocation list (CRL), for which OpenSSL sends the same alert.",
      otherName:
        "The server's certificate ({subject}) is self-signed, no authority vouches for it, and it is for another name: the client asked for {name}, it covers only {presented}. The client rejected it {how}.",
      defaultCertificate:
        'The client asked for {name}, and the server sent the default certificate of {product} ({subject}), which it sends where it has no other one. That is self-signed, and the client rejected it {how}.',
      defaultWithoutName:
        'The client sent no server name (SNI), and the server sent the default certificate of {product} ({subject}). That is self-signed, and the client rejected it {how}.',
      withoutName:
        'The client sent no server name (SNI), and the server sent a self-signed certificate ({subject}). To clients that ask for {names}, it sends another one. The client rejected it {how}.',
      unseen:
        "The client rejected the server's certificate with alert unknown_ca (48): it may be self-signed. The capture does not show it: {unseen}.",
    },
    evidence: {},
    remedies: {
      replace:
        'Install a certificate of an authority that the clients trust at {connect}. A self-signed one is often the default of a fresh installation, or of the wrong virtual host.',
      nameHost: 'Configure {name} at {connect}, with a certificate that covers it.',
      wrongServer: 'If {connect} is not meant to serve {name}, correct the DNS entry that leads there.',
      sendName: 'Let {client} send the server name (SNI): connect by name, not by address.',
      show: 'See with the command whether the certificate that {connect} sends is self-signed.',
      trust: 'Or add exactly this certificate (SHA-256 {sha256}) to the trust store of {client}.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
    },
  },
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const leaf = connection.serverCertificates[0];
    if (refusal === undefined) return undefined;
    if (leaf === undefined) {
      if (refusal.alert !== 'unknown_ca') return undefined;
      const unseen = unseenFault(connection, refusal);
      return {
        ...unseen,
        remedies: [{ who: 'server', id: 'show', command: 'confirm', data: unseen.explanation.data }],
      };
    }
    const support = supportOf(refusal, ['unknown_ca'], 'trust', 'certificate-self-signed');
    if (
      support === undefined ||
      context.chainOf(connection.serverCertificates, context.judgedAt(connection)).status !== 'self-signed'
    )
      return undefined;
    // Erlang calls it bad_certificate (selfsigned_peer) in other versions than the one recorded.
    const isOfItsKind = refusal.library === 'Erlang' && refusal.alert === 'bad_certificate';
    if (!isOfItsKind && speaksAgainstTrust(refusal, 'certificate-self-signed', 'certificate-authority-unknown'))
      return undefined;
    const taken = takenElsewhere(connection, context, refusal);
    const kind = kindOf(connection, context, leaf);
    const data = {
      ...certificateData(leaf),
      connect: connectTo(connection),
      sni: sniOption(connection),
      client: connection.client.address,
      how: howRefused(refusal),
      name: connection.clientHello?.serverName ?? connection.server.address,
      presented: someOf(namesOf(leaf)),
      product: defaultCertificateOf(leaf.subject) ?? '',
      names: someOf(namesServed(connection, context, leaf)),
    };
    return {
      // Sent by mistake: trusting it would not help. And a Node.js program that only looks at a certificate leaves in the same way.
      // Without the ClientHello, the name may be what the client refuses.
      support:
        isDefault(connection, context, leaf) ||
        isNodeLeave(refusal) ||
        taken !== undefined ||
        (connection.clientHello === null && refusal.alert !== 'unknown_ca')
          ? 'open'
          : isProven(refusal, kind)
            ? support
            : 'supported',
      basis: 'fact',
      subject: leaf.sha256,
      explanation: { id: taken !== undefined && kind === 'explanation' ? 'takenElsewhere' : kind, data },
      evidence: [
        ...certificateEvidence(connection, 'server', leaf),
        ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameChain'))),
        ...refusal.evidence,
      ],
      remedies:
        kind === 'explanation'
          ? [
              { who: 'server', id: 'replace', command: 'confirm', data },
              { who: 'client', id: 'trust', data },
            ]
          : kind === 'withoutName' || kind === 'defaultWithoutName'
            ? [
                { who: 'client', id: 'sendName', command: 'confirm', data },
                { who: 'server', id: 'replace', data },
              ]
            : [
                { who: 'server', id: 'nameHost', command: 'confirm', data },
                { who: 'server', id: 'wrongServer', data },
              ],
    };
  },
});

/**
 * Whether the alert proves that the client does not trust the certificate. It may trust it and lack a revocation list, but nobody
 * trusts the default certificate of a product.
 */
const isProven = (refusal: Refusal, kind: ReturnType<typeof kindOf>): boolean =>
  !mayLackList(refusal) || kind === 'defaultCertificate' || kind === 'defaultWithoutName';

/** The names that a certificate has: its common name, if there is no other. */
const namesOf = ({ subjectAltNames: { dns, ip }, commonNames }: Certificate): readonly string[] =>
  dns.length + ip.length > 0 ? [...dns, ...ip] : commonNames;

/** Whether the certificate is for another name than the one that the client sent. */
function isForAnotherName({ clientHello }: Connection, leaf: Certificate): boolean {
  const wanted = clientHello?.serverName ?? null;
  if (wanted === null || namesOf(leaf).length === 0) return false;
  const { covered, presented, commonNameMatches } = matchHostName(leaf, wanted);
  return !covered && !(presented.length === 0 && commonNameMatches);
}

/** The names for which clients of this server got another certificate and accepted it. */
function namesServed(connection: Connection, context: Context, leaf: Certificate): readonly string[] {
  const { certificates } = context.serverHistory.acceptedBy(connection);
  return [...certificates].flatMap(([sha256, { clientHello }]) => {
    const name = sha256 === leaf.sha256 ? null : (clientHello?.serverName ?? null);
    return name === null ? [] : [name];
  });
}

/**
 * Whether the server may send this certificate because it has none for the name: it has another one. If the capture lacks the name,
 * so may one that a product made for itself be.
 */
function isDefault(connection: Connection, context: Context, leaf: Certificate): boolean {
  const { clientHello } = connection;
  const wanted = clientHello?.serverName ?? null;
  if (clientHello === null && defaultCertificateOf(leaf.subject) !== null) return true;
  if (clientHello !== null && wanted === null) return false;
  return (
    (wanted === null || !matchHostName(leaf, wanted).covered) &&
    [...context.serverHistory.acceptedBy(connection).certificates.keys()].some((sha256) => sha256 !== leaf.sha256)
  );
}

/** What else is wrong with the certificate. */
function kindOf(connection: Connection, context: Context, leaf: Certificate) {
  const isDefaultOfProduct = defaultCertificateOf(leaf.subject) !== null;
  if (isForAnotherName(connection, leaf)) return isDefaultOfProduct ? 'defaultCertificate' : 'otherName';
  const isUnnamed = connection.clientHello?.serverName === null;
  if (!isUnnamed) return 'explanation';
  if (isDefaultOfProduct) return 'defaultWithoutName';
  return namesServed(connection, context, leaf).length > 0 ? 'withoutName' : 'explanation';
}

/** Whether a program on Node.js left without an alert after a complete handshake. */
const isNodeLeave = ({ how, library }: Refusal): boolean => how === 'after-handshake' && library === 'Node.js';
