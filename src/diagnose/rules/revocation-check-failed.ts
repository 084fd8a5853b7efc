import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import type { ChainVerdict } from '../../x509/chain.js';
import { periodOf } from '../../x509/validity.js';
import { authorityOf, isKnownToServer } from '../evidence/chains.js';
import {
  certificateData,
  certificateEvidence,
  certificateRequestEvidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { phrase } from '../phrases.js';
import { connectTo } from '../evidence/places.js';
import { howRefused, refusalByClient, refusalByServer, type Refusal, whyUnseen } from '../evidence/refusals.js';
import type { Context } from '../context.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';
import type { Library } from '../../knowledge/stacks/recognise.js';
import { lacksIntermediate, lacksIntermediateByName } from './chain-incomplete.js';

const messages = defineMessages({
  explanations: {
    missing:
      "The server rejected the client's certificate ({subject}) {how}, although it knows the authority at the end of the client's chain, {authority}. It may lack the revocation list (CRL) of an authority in that chain: OpenSSL then sends unknown_ca.",
    missingAtClient:
      "The client rejected the server's certificate ({subject}) {how}. If it checks revocation lists (CRL), it may lack one, although it knows the authority {authority}: OpenSSL then sends unknown_ca, and Erlang bad_certificate.",
    outdatedAtClient:
      "The client rejected the server's certificate ({subject}) {how}, although each certificate that the server sent is valid. If the client checks revocation lists (CRL), one of them may be out of date: OpenSSL then sends certificate_expired.",
    unsaidAtClient:
      "The client rejected the server's certificate ({subject}) {how}, without an alert that would say why. If its program gives it revocation lists (CRL), one of the chain up to {authority} may be missing or out of date.",
    unseen:
      "The client rejected the server's certificate {how}, which OpenSSL also says where it checks revocation lists (CRL) and one is missing (unknown_ca) or out of date (certificate_expired). The capture does not show that: {unseen}.",
    outdated:
      "The server rejected the client's certificate ({subject}) {how}, although each certificate that the client sent is valid. The revocation list (CRL) of an authority in that chain may be out of date: OpenSSL then sends certificate_expired.",
  },
  evidence: {},
  remedies: {
    load: "If {connect} checks revocation lists, give it a current list of every authority in the client's chain, including intermediates, and renew the lists before they expire.",
    loadAtClient:
      "If {client} checks revocation lists, give it a current list of every authority in the server's chain, including intermediates, and renew the lists before they expire.",
  },
  commands: {
    confirmAtClient: {
      run: 'openssl verify -crl_check_all -CAfile client-ca.pem -CRLfile client-crl.pem -untrusted chain.pem server.pem',
      does: "shows whether the client's CA file and revocation lists accept the server's chain",
      where: 'client',
    },
    confirm: {
      run: 'openssl verify -crl_check_all -CAfile server-client-ca.pem -CRLfile server-crl.pem client.pem',
      does: "shows whether the server's CA file and revocation list accept the client certificate",
      where: 'server',
    },
  },
});

export const revocationCheckFailed = defineRule({
  id: 'revocation-check-failed',
  title: 'Peer cannot check whether a certificate is revoked',
  description: 'A side checks revocation lists, and one of them is missing or out of date.',
  settledBy:
    'The log of the side that checks (OpenSSL: "unable to get certificate CRL", "CRL has expired"; Erlang: "no_relevant_crls") says which list it lacks.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §6.3.3', 'RFC 8446 §6.2', 'RFC 5246 §7.2.2'],
  messages,
  applies: ({ outcome, serverHello }) => (outcome === 'failed' || outcome === 'established') && serverHello !== null,
  judge(connection, context) {
    const { clientCertificates } = connection;
    const at = context.judgedAt(connection);
    const refusal = connection.outcome === 'failed' ? refusalByServer(connection) : undefined;
    const [leaf] = clientCertificates;
    if (refusal !== undefined && leaf !== undefined && isKnownToServer(connection)) {
      const fault = faultOf(refusal, clientCertificates, at);
      if (fault === undefined || fault === 'unsaid') return undefined;
      const data = {
        ...certificateData(leaf),
        connect: connectTo(connection),
        authority: authorityOf(clientCertificates).name,
        how: howRefused(refusal),
      };
      return {
        support: 'open',
        basis: 'fact',
        subject: leaf.sha256,
        explanation: { id: fault, data },
        evidence: [
          ...certificateRequestEvidence(connection),
          ...certificateEvidence(connection, 'client', leaf),
          ...refusal.evidence,
        ],
        remedies: [{ who: 'server', id: 'load', command: 'confirm', data }],
      };
    }
    return judgeClient(connection, context, at);
  },
});

/**
 * Whether a chain leads to an authority that the peer may know: then only its revocation list remains. OpenSSL looks for one of a
 * self-signed certificate, too.
 */
function leadsUp(chain: ChainVerdict): boolean {
  if (chain.status === 'incomplete') return !lacksIntermediate(chain) || lacksIntermediateByName(chain);
  return chain.status === 'trusted' || chain.status === 'private-root' || chain.status === 'self-signed';
}

/** `unsaid`: missing or outdated, and the client does not say which. */
type Lack = 'missing' | 'outdated' | 'unsaid';

/** What may be missing from a list, by the refusal, if the certificates' dates are valid. */
function faultOf(
  { how, alert, library, isOrderlyClose }: Refusal,
  certificates: readonly Certificate[],
  at: number,
): Lack | undefined {
  const isValid = certificates.every((certificate) => {
    const { begins, ends } = periodOf(certificate);
    return certificate.error === null && begins <= at && at <= ends;
  });
  if (!isValid) return undefined;
  // {bad_crls,no_relevant_crls}
  if (library === 'Erlang') return alert === 'bad_certificate' ? 'missing' : undefined;
  if (alert === 'unknown_ca') return 'missing';
  if (alert === 'certificate_expired') return 'outdated';
  // Node.js leaves whatever the fault is, without close_notify.
  const hasLeft = (how === 'close' || how === 'after-handshake') && !isOrderlyClose;
  return hasLeft && library === 'Node.js' ? 'unsaid' : undefined;
}

/** Clients whose refusals for want of a revocation list are known. */
const CHECKS_LISTS: ReadonlySet<Library | null> = new Set(['OpenSSL', 'Node.js', 'Erlang']);

/** What a revocation list may lack at a client; undefined if that would end in another way. */
export function lackAtClient(connection: Connection, context: Context, at: number): Lack | undefined {
  const { serverCertificates } = connection;
  const refusal = refusalByClient(connection);
  if (refusal === undefined || !CHECKS_LISTS.has(refusal.library)) return undefined;
  const fault = faultOf(refusal, serverCertificates, at);
  return fault !== undefined && leadsUp(context.chainOf(serverCertificates, at)) ? fault : undefined;
}

/** A client that checks revocation lists (`-crl_check` of OpenSSL, VERIFY_CRL_CHECK_LEAF of Python, `crl` of Node.js). */
function judgeClient(connection: Connection, context: Context, at: number): VerdictOf<typeof messages> | undefined {
  const { serverCertificates } = connection;
  const refusal = refusalByClient(connection);
  const [leaf] = serverCertificates;
  if (leaf === undefined) return refusal === undefined ? undefined : judgeEncrypted(connection, refusal);
  const fault = lackAtClient(connection, context, at);
  if (refusal === undefined || fault === undefined) return undefined;
  const data = {
    ...certificateData(leaf),
    client: connection.client.address,
    authority: authorityOf(serverCertificates).name,
    how: howRefused(refusal),
  };
  // Where the chain itself was accepted on this host, no root and no clock is the likelier reason.
  const taken = fault === 'outdated' ? context.serverHistory.acceptedChain(connection, 'same-host') : undefined;
  return {
    // Few clients check lists, and an authority that the client does not know ends in the same way.
    support: 'open',
    basis: taken === undefined ? 'alert' : 'fact',
    subject: leaf.sha256,
    explanation: { id: `${fault}AtClient`, data },
    evidence: [
      ...certificateEvidence(connection, 'server', leaf),
      ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameChain'))),
      ...refusal.evidence,
    ],
    remedies: [{ who: 'client', id: 'loadAtClient', command: 'confirmAtClient', data }],
  };
}

/** As `judgeClient`, for a chain that TLS 1.3 encrypts. */
function judgeEncrypted(connection: Connection, refusal: Refusal): VerdictOf<typeof messages> | undefined {
  if (refusal.library !== 'OpenSSL') return undefined;
  if (refusal.alert !== 'unknown_ca' && refusal.alert !== 'certificate_expired') return undefined;
  const data = { client: connection.client.address, how: howRefused(refusal), unseen: whyUnseen(connection) };
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'unseen', data },
    evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
    remedies: [{ who: 'client', id: 'loadAtClient', command: 'confirmAtClient', data }],
  };
}
