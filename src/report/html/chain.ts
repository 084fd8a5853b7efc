import type { Connection } from '../../connection/connection.js';
import type { Finding } from '../../diagnose/rule.js';
import type { TrustAnchors } from '../../x509/anchors.js';
import type { Certificate } from '../../x509/certificate.js';
import { judgeChain, type ChainLink, type ChainVerdict } from '../../x509/chain.js';
import { matchHostName } from '../../x509/names.js';
import { dateFault, keyText, sentAt } from '../certificates.js';
import { code, html, join, px, type Content, type Markup } from './markup.js';

/** Nobody's trust: a report draws what was sent, and the finding says what was made of it. */
const NO_ANCHORS: TrustAnchors = { bySubject: () => [], find: () => null, knownRoot: () => null };

const MOST_NAMES = 8;
const MOST_SUPERFLUOUS = 8;

/** The certificates that a side sent, from the leaf to what it was issued by, with what is missing or wrong. */
export function chainFigure(connection: Connection, from: 'client' | 'server', cause: Finding | null): Content {
  const sent = connection[`${from}Certificates`];
  if (sent.length === 0) return null;
  const chain = judgeChain(sent, NO_ANCHORS);
  const at = sentAt(connection, from);
  const serverName = from === 'server' ? (connection.clientHello?.serverName ?? null) : null;
  const path: readonly Pick<ChainLink, 'certificate' | 'index'>[] =
    chain.path.length > 0 ? chain.path : [{ certificate: sent[0] as Certificate, index: 0 }];
  const bad = chain.status === 'bad-signature' ? chain.at.certificate : null;
  // What is missing is shown where it should be; what was sent is not at fault then.
  const isMissing = chain.status === 'incomplete' && cause?.data['missing'] === chain.missing.name;
  return html`<ol class="chain" aria-label="Certificate chain of the ${from}, from its own certificate on">
      ${path.map(({ certificate, index }, position) =>
        card(certificate, {
          role: roleOf(certificate, position),
          place: index === null ? 'not sent' : `sent ${ordinal(index)}`,
          at,
          serverName: position === 0 ? serverName : null,
          faults: [...(certificate === bad ? ["its signature does not verify with its issuer's key"] : [])],
          blame: !isMissing && isBlamed(certificate, cause) ? (cause?.rule.title ?? null) : null,
        }),
      )}
      ${end(chain, cause)}
    </ol>
    ${superfluous(chain)}`;
}

/** The finding names what is at fault by its fingerprint. */
function isBlamed({ sha256 }: Certificate, cause: Finding | null): boolean {
  return cause?.subject?.includes(sha256) ?? false;
}

function roleOf({ selfIssued, isCa }: Certificate, position: number): string {
  if (position === 0) return selfIssued ? 'leaf, self-signed' : 'leaf';
  return selfIssued ? 'root' : isCa ? 'intermediate' : 'issuer that is no authority';
}

function ordinal(index: number): string {
  return ['first', 'second', 'third', 'fourth'][index] ?? `as number ${index + 1}`;
}

interface CardFacts {
  readonly role: string;
  readonly place: string;
  readonly at: number;
  readonly serverName: string | null;
  readonly faults: readonly string[];
  /** What the finding says of it, for when the card itself shows nothing wrong. */
  readonly blame: string | null;
}

function card(certificate: Certificate, { role, place, at, serverName, faults, blame }: CardFacts): Markup {
  const { error, subject, issuer, serialNumber, notBefore, notAfter, sha256, caIssuers } = certificate;
  const badge = html`<p class="role">${role} <span class="place">${place}</span></p>`;
  if (error !== null) {
    return html`<li class="certificate wrong">
      ${badge}
      <p class="fault">✗ could not be read: ${code(error)}</p>
      <p class="print">SHA-256 ${code(sha256)}</p>
    </li>`;
  }
  const dates = dateFault(certificate, at);
  const isCovered = serverName === null || matchHostName(certificate, serverName).covered;
  const shown = [...faults, ...(dates === null ? [] : [`${dates} it was sent`])];
  const all = shown.length === 0 && isCovered && blame !== null ? [blame] : shown;
  return html`<li class="certificate${all.length > 0 || !isCovered ? ' wrong' : ''}">
    ${badge}
    <p class="subject">${code(subject)}</p>
    ${all.map((fault) => html`<p class="fault">✗ ${fault}</p>`)} ${coverage(certificate, serverName)}
    <dl>
      <dt>Valid</dt>
      <dd>${validityBar(certificate, at)} ${notBefore} to ${notAfter}</dd>
      <dt>Issued by</dt>
      <dd>${code(issuer)}</dd>
      <dt>Serial</dt>
      <dd>${code(serialNumber)}</dd>
      <dt>Key</dt>
      <dd>${code(keyText(certificate))}, signed ${code(certificate.signatureAlgorithm)}</dd>
      ${
        caIssuers.length === 0
          ? null
          : html`<dt>Issuer at</dt>
              <dd>${join(caIssuers.slice(0, MOST_NAMES).map(code), ', ')}</dd>`
      }
      <dt>SHA-256</dt>
      <dd>${code(sha256)}</dd>
    </dl>
  </li>`;
}

/** The names of the leaf, and whether the name asked for is among them. */
function coverage(certificate: Certificate, serverName: string | null): Content {
  const { dns, ip } = certificate.subjectAltNames;
  const names = [...dns, ...ip];
  const list =
    names.length === 0
      ? 'has no names'
      : [
          'is for ',
          join(names.slice(0, MOST_NAMES).map(code), ', '),
          names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '',
        ];
  if (serverName === null) return names.length === 0 ? null : html`<p class="names">${list}</p>`;
  const { covered } = matchHostName(certificate, serverName);
  return covered
    ? html`<p class="names good">✓ ${list}; the client asked for ${code(serverName)}</p>`
    : html`<p class="fault">✗ ${list}, but the client asked for ${code(serverName)}</p>`;
}

/** From begin to end, with a mark at the time of the handshake. */
function validityBar({ notBefore, notAfter }: Certificate, at: number): Content {
  const [begin, end] = [Date.parse(notBefore), Date.parse(notAfter)];
  const first = Math.min(begin, at);
  const span = Math.max(end, at) - first;
  if (!(span > 0)) return null;
  const x = (time: number): number => 4 + ((time - first) / span) * 192;
  const isValid = at >= begin && at <= end;
  return html`<svg class="validity" viewBox="0 0 200 14" aria-hidden="true">
    <line class="whole" x1="4" x2="196" y1="7" y2="7" />
    <line class="valid" x1="${px(x(begin))}" x2="${px(x(end))}" y1="7" y2="7" />
    <line class="${isValid ? 'now' : 'now bad'}" x1="${px(x(at))}" x2="${px(x(at))}" y1="0" y2="14" />
  </svg>`;
}

/** Where the path ends. What a rule calls `missing` in its data is what should have been sent. */
function end(chain: ChainVerdict, cause: Finding | null): Content {
  if (chain.status === 'bad-signature') {
    return html`<li class="certificate wrong">
      <p class="role">named as issuer <span class="place">sent</span></p>
      <p class="subject">${code(chain.issuer.subject)}</p>
      <p class="fault">✗ its key did not sign the certificate above</p>
    </li>`;
  }
  if (chain.status !== 'incomplete') return null;
  const { name, keyIdentifier, locations } = chain.missing;
  const isMissing = cause?.data['missing'] === name;
  return html`<li class="certificate absent${isMissing ? ' wrong' : ''}">
    <p class="role">issuer <span class="place">not sent</span></p>
    <p class="subject">${code(name)}</p>
    ${
      isMissing
        ? html`<p class="fault">✗ missing: without it the chain leads nowhere</p>`
        : html`<p class="names">Not sent, as is normal for a root: the other side must have it already.</p>`
    }
    ${keyIdentifier === null ? null : html`<p class="print">Key identifier ${code(keyIdentifier)}</p>`}
    ${locations.length === 0 ? null : html`<p class="print">To be had at ${join(locations.slice(0, MOST_NAMES).map(code), ', ')}</p>`}
  </li>`;
}

function superfluous(chain: ChainVerdict): Content {
  if (chain.superfluous.length === 0) return null;
  const why = {
    duplicate: 'sent twice',
    alternative: 'another way to continue the chain',
    unrelated: 'issued nothing in this chain',
    unreadable: 'could not be read',
  };
  return html`<p>Also sent, and not part of the chain:</p>
    <ul>
      ${chain.superfluous
        .slice(0, MOST_SUPERFLUOUS)
        .map(({ certificate, why: reason }) => html`<li>${code(certificate.subject)}: ${why[reason]}</li>`)}
      ${chain.superfluous.length > MOST_SUPERFLUOUS ? html`<li>${chain.superfluous.length - MOST_SUPERFLUOUS} more</li>` : null}
    </ul>`;
}
