import { someOf } from '../../message.js';
import type { Alert, Connection } from '../../connection/connection.js';
import {
  acceptedForName,
  areSuitesAlone,
  compareOffer,
  hasOrdinaryGroups,
  lackedKeys,
} from '../evidence/offer-comparison.js';
import { alertEvidence, clientHelloEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { alertText, helloRejection } from '../evidence/alerts.js';
import { eapRefusal } from '../evidence/eap.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { connectTo, sniOption } from '../evidence/places.js';
import {
  isCurrentSuite,
  isObsoleteSuite,
  newestOffered,
  offeredCipherSuites,
  versionRank,
  isPskSuite,
} from '../evidence/offers.js';
import type { Accepted } from '../evidence/server-history.js';
import { isDropped, refusalOfUnseenHello, REMAINING, remainingFault } from '../evidence/hello-refusals.js';
import type { Context } from '../context.js';
import { defineRule } from '../rule.js';

const isTls13Suite = (suite: string): boolean => /^TLS_(?:AES|CHACHA20)_/.test(suite);

/** Whether only the suites of the ClientHello are unusual. */
function isUnusualAlone(connection: Connection): boolean {
  const { clientHello } = connection;
  const suites = offeredCipherSuites(connection);
  if (clientHello?.supportedVersions.includes('TLS 1.2') !== true || clientHello.serverName === null) return false;
  if (suites.length === 0 || suites.some((suite) => isCurrentSuite(suite) || isPskSuite(suite))) return false;
  return (
    !clientHello.pskOffered &&
    (clientHello.supportedGroups.length === 0 || hasOrdinaryGroups(connection)) &&
    lackedKeys(connection).length === 0
  );
}

export const cipherSuiteMismatch = defineRule({
  id: 'cipher-suite-mismatch',
  title: 'No cipher suite in common',
  description:
    'The server supports none of the cipher suites that the client offers, or none that fits its certificate.',
  settledBy: 'The server\'s log (OpenSSL: "no shared cipher"), or a handshake with each of its suites in turn.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.1.1', 'RFC 8446 §6.2', 'RFC 5246 §7.4.1.3', 'RFC 9325 §4'],
  messages: {
    explanations: {
      otherConnections:
        'The server accepts none of the cipher suites that the client offers ({suites}): it rejected the ClientHello with alert {alert}. It accepted {accepted} from other clients, which this client does not offer.',
      insufficient:
        'The server wants stronger cipher suites than those that the client offers ({suites}): alert insufficient_security (71).',
      strong:
        'The server rejected the cipher suites that the client offers ({suites}) with alert insufficient_security (71), though some of them are strong. Servers on Erlang say so where they only have other suites, or none that fits the certificate; they and wolfSSL also say it of groups.',
      obsolete:
        'The client offers only obsolete cipher suites ({suites}). The server rejected them with alert {alert}.',
      preSharedKeys:
        'The client offers only cipher suites with a pre-shared key ({suites}). The server rejected them with alert {alert}: if it has pre-shared keys, it enables none of these suites.',
      left: REMAINING,
      unusual:
        'The server rejected the client with alert {alert}. The client offers only {suites}: none of the suites that nearly every server has. Its server name, groups and signature schemes are in order, so the suites are probably the reason.',
    },
    evidence: {},
    remedies: {
      client: 'Let {client} offer what the server accepts: {accepted}.',
      upgradeClient: 'Upgrade the TLS library of {client}, or lift the restriction of its cipher suites.',
      server: 'Or enable at the server one of the suites that the client offers, if it is still a safe one.',
      enable: 'Enable at {connect} one of the suites that the client offers ({suites}).',
    },
    commands: {
      pskSuites: {
        run: 'openssl s_client -connect {connect} {sni} -cipher PSK:@SECLEVEL=0 -psk_identity IDENTITY -psk KEY_IN_HEX </dev/null',
        does: 'shows which suite with a pre-shared key the server chooses when all are offered',
        where: 'from-client',
      },
      confirm: {
        run: 'openssl s_client -connect {connect} {offer} </dev/null; openssl s_client -connect {connect} {sni} -cipher ALL:@SECLEVEL=0 </dev/null',
        does: "shows whether the server accepts the client's cipher suites, as far as OpenSSL has them, and which it chooses when all are offered",
        where: 'from-client',
      },
    },
    exclusions: {
      shared: 'The client offers {suite}, which the server accepted from another client.',
    },
  },
  applies: (connection) =>
    (helloRejection(connection) ?? refusalOfUnseenHello(connection) ?? eapRefusal(connection)) !== undefined ||
    isDropped(connection),
  judge(connection, context) {
    const alert = helloRejection(connection);
    const suites = offeredCipherSuites(connection);
    const known = context.serverHistory.acceptedBy(connection);
    const isOffered = [...known.cipherSuites.keys()].some((suite) => suites.includes(suite));
    const accepted = isOffered ? acceptedForName(connection, context) : known;
    const shared = [...accepted.cipherSuites].find(([suite]) => suites.includes(suite));
    if (shared !== undefined && (alert === undefined || REFUSALS.has(alert.name))) {
      const [suite, other] = shared;
      return {
        support: 'excluded',
        because: { id: 'shared', data: { suite } } as const,
        evidence: otherConnectionEvidence(other, suite),
      };
    }
    const data = {
      suites: someOf(suites),
      alert: alert === undefined ? '' : alertText(alert),
      accepted: someOf([...accepted.cipherSuites.keys()]),
      client: connection.client.address,
      connect: connectTo(connection),
      sni: sniOption(connection),
      offer: offerOptions(connection, 'suites'),
    };
    const upgrade = { who: 'client', id: 'upgradeClient', command: 'confirm', data } as const;
    const change = { who: 'client', id: 'client', command: 'confirm', data } as const;
    const enable = { who: 'server', id: 'server', data } as const;
    const messageId = alert === undefined ? undefined : messageFor(connection, alert, accepted);
    if (alert === undefined || messageId === undefined) {
      const left = remainingFault(connection, context, 'cipher-suite-mismatch');
      return left && { ...left, remedies: [upgrade, enable] };
    }
    const isKnown = messageId === 'otherConnections';
    // Others got through with one of them by another name: the name may be what is refused.
    const support = isOffered ? 'open' : supportOfMessage(connection, context, accepted, messageId, alert);
    return {
      support,
      // Among strong suites, another fault that the alert may be about comes first.
      basis: support === 'open' && messageId === 'insufficient' ? 'alert' : 'fact',
      explanation: {
        id: messageId === 'insufficient' && suites.some((suite) => isCurrentSuite(suite)) ? 'strong' : messageId,
        data,
      },
      evidence: [
        ...clientHelloEvidence(connection),
        ...alertEvidence(alert),
        ...(isKnown ? [...accepted.cipherSuites] : []).flatMap(([suite, other]) =>
          otherConnectionEvidence(other, suite),
        ),
      ],
      remedies:
        messageId === 'insufficient'
          ? [upgrade]
          : messageId === 'preSharedKeys'
            ? [{ who: 'server', id: 'enable', command: 'pskSuites', data }]
            : [isKnown ? change : upgrade, enable],
    };
  },
});

/** Alerts that a missing cipher suite leads to. */
const REFUSALS: ReadonlySet<string | null> = new Set(['handshake_failure', 'insufficient_security']);

/**
 * Erlang and wolfSSL also send insufficient_security because of groups: with strong suites, it need not be about these.
 */
function supportOfInsufficient(connection: Connection): 'confirmed' | 'supported' | 'open' {
  if (offeredCipherSuites(connection).some((suite) => isCurrentSuite(suite))) return 'open';
  const hasGroups = hasOrdinaryGroups(connection) || connection.clientHello?.supportedGroups.length === 0;
  return hasGroups ? 'confirmed' : 'supported';
}

type MessageId = 'insufficient' | 'otherConnections' | 'obsolete' | 'preSharedKeys' | 'unusual';

function supportOfMessage(
  connection: Connection,
  { serverHistory }: Context,
  accepted: Accepted,
  id: MessageId,
  { name }: Alert,
) {
  switch (id) {
    case 'insufficient':
      return supportOfInsufficient(connection);
    case 'otherConnections':
      // Where the name, the groups or the signatures differ, too, they may be the reason as well; and a server that accepted nobody
      // since may refuse everybody by now.
      return areSuitesAlone(connection, accepted) && serverHistory.isServing(connection) ? 'supported' : 'open';
    case 'obsolete':
      // A server may say the same of an old version.
      return isOld(connection) ? 'open' : 'supported';
    case 'preSharedKeys':
      return name === 'insufficient_security' ? supportOfInsufficient(connection) : 'supported';
    case 'unusual':
      return 'open';
  }
}

/** Whether the client offers no version that current servers accept. */
const isOld = (connection: Connection): boolean =>
  versionRank(newestOffered(connection) ?? 'TLS 1.3') < versionRank('TLS 1.2');

/** What shows that the suites are at fault: the alert, other connections, or the offer; undefined if nothing does. */
function messageFor(connection: Connection, { name }: Alert, accepted: Accepted): MessageId | undefined {
  const suites = offeredCipherSuites(connection);
  const acceptedSuites = [...accepted.cipherSuites.keys()];
  const newest = newestOffered(connection);
  const isPskAlone = suites.length > 0 && suites.every(isPskSuite);
  if (name === 'insufficient_security' && acceptedSuites.length === 0 && !isPskAlone) return 'insufficient';
  if (!REFUSALS.has(name) || newest === null) return undefined;
  // A client without signatures for that key also leaves out its suites: see signature-scheme-mismatch.
  if (compareOffer(connection, accepted).signatures === false && suites.some(isTls13Suite)) return undefined;
  if (acceptedSuites.length > 0) {
    const couldSpeak = [...accepted.versions.keys()].some((version) => versionRank(version) <= versionRank(newest));
    return couldSpeak ? 'otherConnections' : undefined;
  }
  if (isPskAlone) return 'preSharedKeys';
  if (suites.length > 0 && suites.every(isObsoleteSuite)) return 'obsolete';
  return isUnusualAlone(connection) ? 'unusual' : undefined;
}
