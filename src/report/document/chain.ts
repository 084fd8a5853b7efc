/** The certificates that a side sent as a chain, with what is missing or wrong. */
import type { Connection } from '../../connection/connection.js';
import type { Finding } from '../../diagnose/finding.js';
import type { TrustAnchors } from '../../x509/anchors.js';
import type { Certificate } from '../../x509/certificate.js';
import { judgeChain, type ChainVerdict } from '../../x509/chain.js';
import { matchHostName } from '../../x509/names.js';
import { listed } from '../phrases.js';
import { timeText } from '../time-zone.js';
import { ruleWords } from '../words.js';
import { dateFault, keyText, sentAt } from './certificates.js';
import type { Scope } from './scope.js';
import { code, type Fact, type Text } from './text.js';

type ChainScope = Pick<Scope, 'options' | 'clock' | 'printCertificate'>;

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
  { options: { language }, clock: { zone }, printCertificate }: ChainScope,
): Chain {
  const chain = judgeChain(connection[`${from}Certificates`], NO_ANCHORS);
  const at = sentAt(connection, from);
  const serverName = from === 'server' ? (connection.clientHello?.serverName ?? null) : null;
  const path = chain.path.length > 0 ? chain.path : [{ certificate: leaf, index: 0 }];
  // A missing certificate is shown in its place; then the sent ones are not at fault.
  const isMissing = chain.status === 'incomplete' && cause.explanation.data['missing'] === chain.missing.name;
  const cards = path.map(({ certificate, index }, position): ChainCard => {
    const card = {
      role: roleOf(certificate, position),
      place: index === null ? 'not sent' : `sent ${ordinal(index)}`,
      isSent: true,
      inFull: printCertificate?.(certificate.der) ?? [],
    };
    const print: Fact = { label: 'SHA-256', text: code(certificate.sha256) };
    if (certificate.error !== null) {
      const faults = [`could not be read: ${code(certificate.error)}`];
      return { ...card, subject: null, faults, remarks: [], facts: [print], validity: null };
    }
    const dates = dateFault(certificate, at);
    const names = namesOf(certificate, position === 0 ? serverName : null);
    const isUntrue = chain.status === 'bad-signature' && chain.at.certificate === certificate;
    const faults = [
      ...(isUntrue ? ["its signature does not verify with its issuer's key"] : []),
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
        { label: 'Issued by', text: code(issuer) },
        { label: 'Serial', text: code(serialNumber) },
        { label: 'Key', text: keyText(certificate) },
        ...(caIssuers.length === 0 ? [] : [{ label: 'Issuer at', text: listed(caIssuers.map(code), MOST_NAMES) }]),
        print,
      ],
      validity: {
        begin: Date.parse(notBefore),
        end: Date.parse(notAfter),
        at,
        text: `${timeText(notBefore, zone)} to ${timeText(notAfter, zone)}`,
      },
    };
  });
  return { from, cards: [...cards, ...endOf(chain, isMissing)], superfluous: superfluousOf(chain) };
}

function roleOf({ selfIssued, isCa }: Certificate, position: number): string {
  if (position === 0) return selfIssued ? 'leaf, self-signed' : 'leaf';
  return selfIssued ? 'root' : isCa ? 'intermediate' : 'issuer that is no authority';
}

function ordinal(index: number): string {
  return ['first', 'second', 'third', 'fourth'][index] ?? `as number ${index + 1}`;
}

/** The names of a certificate, and whether the requested name is among them. */
function namesOf(certificate: Certificate, serverName: string | null): { text: Text; isFault: boolean } | null {
  const { dns, ip } = certificate.subjectAltNames;
  const names = [...dns, ...ip];
  const list = names.length === 0 ? 'has no names' : `is for ${listed(names.map(code), MOST_NAMES)}`;
  if (serverName === null) return names.length === 0 ? null : { text: list, isFault: false };
  return matchHostName(certificate, serverName).covered
    ? { text: `${list}; the client asked for ${code(serverName)}`, isFault: false }
    : { text: `${list}, but the client asked for ${code(serverName)}`, isFault: true };
}

/** Where the path ends. `missing` in a rule's data names the certificate that should have been sent. */
function endOf(chain: ChainVerdict, isMissing: boolean): ChainCard[] {
  const card = { remarks: [], facts: [], validity: null, inFull: [] };
  if (chain.status === 'bad-signature') {
    const faults = ['its key did not sign the certificate above'];
    return [
      { ...card, role: 'named as issuer', place: 'sent', isSent: true, subject: code(chain.issuer.subject), faults },
    ];
  }
  if (chain.status !== 'incomplete') return [];
  const { name, keyIdentifier, locations } = chain.missing;
  return [
    {
      ...card,
      role: 'issuer',
      place: 'not sent',
      isSent: false,
      subject: code(name),
      faults: isMissing ? ['missing: without it the chain leads nowhere'] : [],
      remarks: isMissing ? [] : ['Not sent, as is normal for a root: the other side must have it already.'],
      facts: [
        ...(keyIdentifier === null ? [] : [{ label: 'Key id', text: code(keyIdentifier) }]),
        ...(locations.length === 0 ? [] : [{ label: 'To be had at', text: listed(locations.map(code), MOST_NAMES) }]),
      ],
    },
  ];
}

function superfluousOf({ superfluous }: ChainVerdict): Text[] {
  const why = {
    duplicate: 'sent twice',
    alternative: 'another way to continue the chain',
    unrelated: 'issued nothing in this chain',
    unreadable: 'could not be read',
  };
  const shown = superfluous
    .slice(0, MOST_SUPERFLUOUS)
    .map(({ certificate, why: reason }) => `${code(certificate.subject)}: ${why[reason]}`);
  const more = superfluous.length - shown.length;
  return more > 0 ? [...shown, `${more} more`] : shown;
}
