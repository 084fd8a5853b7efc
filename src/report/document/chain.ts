/** The certificates that a side sent as a chain, with what is missing or wrong. */
import type { Connection } from '../../connection/connection.js';
import type { Finding } from '../../diagnose/finding.js';
import type { TrustAnchors } from '../../x509/anchors.js';
import type { Certificate } from '../../x509/certificate.js';
import { judgeChain, type ChainVerdict } from '../../x509/chain.js';
import { matchHostName } from '../../x509/names.js';
import { timeText } from '../time-zone.js';
import type { Wording } from '../wording.js';
import { ruleWords } from '../words.js';
import { dateFault, keyText, sentAt } from './certificates.js';
import type { Scope } from './scope.js';
import { code, type Fact, type Text } from './text.js';

type ChainScope = Pick<Scope, 'words' | 'clock' | 'printCertificate'>;

/** No trust anchors: a report draws what was sent, and the finding judges it. */
const NO_ANCHORS: TrustAnchors = { bySubject: () => [], find: () => null, knownRoot: () => null };

const MOST_NAMES = 8;
const MOST_SUPERFLUOUS = 8;

export interface Chain {
  readonly from: 'client' | 'server';
  /** From the leaf to the last issuer. */
  readonly cards: readonly ChainCard[];
  /** Certificates that were sent but do not belong to it. */
  readonly superfluous: readonly Text[];
}

export interface ChainCard {
  readonly role: string;
  readonly place: string;
  readonly isSent: boolean;
  readonly subject: Text | null;
  readonly faults: readonly Text[];
  /** What is as it should be. */
  readonly remarks: readonly Text[];
  readonly facts: readonly Fact[];
  readonly validity: Validity | null;
  /** Every field and extension, in lines; empty unless shown in full. */
  readonly inFull: readonly string[];
}

/** In milliseconds since 1970; `at` is when it was sent. */
export interface Validity {
  readonly begin: number;
  readonly end: number;
  readonly at: number;
  readonly text: string;
}

/** The chain of each side that sent certificates, the server's first. */
export function chainsOf(connection: Connection, cause: Finding, scope: ChainScope): Chain[] {
  return (['server', 'client'] as const).flatMap((from) => {
    const [leaf] = connection[`${from}Certificates`];
    return leaf === undefined ? [] : [chainOf(connection, from, leaf, cause, scope)];
  });
}

function chainOf(
  connection: Connection,
  from: Chain['from'],
  leaf: Certificate,
  cause: Finding,
  { words, clock: { zone }, printCertificate }: ChainScope,
): Chain {
  const { chain: say, labels, language } = words;
  const chain = judgeChain(connection[`${from}Certificates`], NO_ANCHORS);
  const at = sentAt(connection, from);
  const serverName = from === 'server' ? (connection.clientHello?.serverName ?? null) : null;
  const path = chain.path.length > 0 ? chain.path : [{ certificate: leaf, index: 0 }];
  // A missing certificate is shown in its place; then the sent ones are not at fault.
  const isMissing = chain.status === 'incomplete' && cause.explanation.data['missing'] === chain.missing.name;
  const cards = path.map(({ certificate, index }, position): ChainCard => {
    const card = {
      role: roleOf(certificate, position, say),
      place: index === null ? say.notSent : placeOf(index, say),
      isSent: true,
      inFull: printCertificate?.(certificate.der, words) ?? [],
    };
    const print: Fact = { label: 'SHA-256', text: code(certificate.sha256) };
    if (certificate.error !== null) {
      const faults = [say.unreadable({ fault: code(words.fault(certificate.error)) })];
      return { ...card, subject: null, faults, remarks: [], facts: [print], validity: null };
    }
    const dates = dateFault(certificate, at, words);
    const names = namesOf(certificate, position === 0 ? serverName : null, words);
    const isUntrue = chain.status === 'bad-signature' && chain.at.certificate === certificate;
    const faults = [
      ...(isUntrue ? [say.untrueSignature] : []),
      ...(dates === null ? [] : [dates]),
      ...(names?.isFault === true ? [names.text] : []),
    ];
    // The finding names the certificate at fault by its fingerprint; that is shown if the card itself shows nothing
    // wrong.
    const isBlamed = faults.length === 0 && !isMissing && cause.subject?.includes(certificate.sha256) === true;
    const { notBefore, notAfter, issuer, serialNumber, caIssuers } = certificate;
    return {
      ...card,
      subject: code(certificate.subject),
      faults: isBlamed ? [ruleWords(cause.rule, language).title] : faults,
      remarks: names?.isFault === false ? [names.text] : [],
      facts: [
        { label: say.issuedBy, text: code(issuer) },
        { label: labels.serial, text: code(serialNumber) },
        { label: labels.key, text: keyText(certificate, words.certificates) },
        ...(caIssuers.length === 0
          ? []
          : [{ label: labels.issuerAt, text: words.list(caIssuers.map(code), MOST_NAMES) }]),
        print,
      ],
      validity: {
        begin: Date.parse(notBefore),
        end: Date.parse(notAfter),
        at,
        text: say.period({ from: timeText(notBefore, zone), to: timeText(notAfter, zone) }),
      },
    };
  });
  return { from, cards: [...cards, ...endOf(chain, isMissing, words)], superfluous: superfluousOf(chain, words) };
}

function roleOf({ selfIssued, isCa }: Certificate, position: number, say: Wording['chain']): string {
  if (position === 0) return selfIssued ? say.leafSelfSigned : say.leaf;
  return selfIssued ? say.root : isCa ? say.intermediate : say.noAuthority;
}

function placeOf(index: number, { sentFirst, sentSecond, sentThird, sentFourth, sentLater }: Wording['chain']): string {
  return [sentFirst, sentSecond, sentThird, sentFourth][index] ?? sentLater({ number: index + 1 });
}

/** The names of a certificate, and whether the requested name is among them. */
function namesOf(
  certificate: Certificate,
  serverName: string | null,
  words: Wording,
): { text: Text; isFault: boolean } | null {
  const say = words.chain;
  const { dns, ip } = certificate.subjectAltNames;
  const names = [...dns, ...ip];
  const is = names.length === 0 ? say.noNames : say.names({ names: words.list(names.map(code), MOST_NAMES) });
  if (serverName === null) return names.length === 0 ? null : { text: is, isFault: false };
  return matchHostName(certificate, serverName).covered
    ? { text: say.askedFor({ is, name: code(serverName) }), isFault: false }
    : { text: say.askedForOther({ is, name: code(serverName) }), isFault: true };
}

/** Where the path ends. `missing` in a rule's data names the certificate that should have been sent. */
function endOf(chain: ChainVerdict, isMissing: boolean, words: Wording): ChainCard[] {
  const say = words.chain;
  const card = { remarks: [], facts: [], validity: null, inFull: [] };
  if (chain.status === 'bad-signature') {
    const subject = code(chain.issuer.subject);
    return [{ ...card, role: say.namedAsIssuer, place: say.sent, isSent: true, subject, faults: [say.otherKey] }];
  }
  if (chain.status !== 'incomplete') return [];
  const { name, keyIdentifier, locations } = chain.missing;
  return [
    {
      ...card,
      role: say.issuer,
      place: say.notSent,
      isSent: false,
      subject: code(name),
      faults: isMissing ? [say.missing] : [],
      remarks: isMissing ? [] : [say.rootNotSent],
      facts: [
        ...(keyIdentifier === null ? [] : [{ label: say.keyId, text: code(keyIdentifier) }]),
        ...(locations.length === 0
          ? []
          : [{ label: say.available, text: words.list(locations.map(code), MOST_NAMES) }]),
      ],
    },
  ];
}

function superfluousOf({ superfluous }: ChainVerdict, words: Wording): Text[] {
  const shown = superfluous
    .slice(0, MOST_SUPERFLUOUS)
    .map(({ certificate, why: reason }) => `${code(certificate.subject)}: ${words.chain.superfluous[reason]}`);
  const more = superfluous.length - shown.length;
  return more > 0 ? [...shown, words.counts.more({ count: more })] : shown;
}
