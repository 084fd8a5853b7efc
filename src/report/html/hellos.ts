import type { Connection } from '../../connection/connection.js';
import { isReal } from '../../tls/wire/registry/names.js';
import type { Accepted, Example } from '../accepted.js';
import { count, grouped } from '../phrases.js';
import { code, html, type Content, type Markup } from './markup.js';

/** One thing that both sides must agree on. */
interface Matter {
  readonly name: string;
  readonly plural: string;
  /** What the client offers, most wanted first. */
  readonly offered: readonly string[];
  /** What the server took here. */
  readonly chosen: string | null;
  /** What it took elsewhere in the capture. */
  readonly accepted: ReadonlyMap<string, Example>;
  /** Whether the hellos of this capture could show what the server takes. */
  readonly isVisible: boolean;
}

const MOST_VALUES = 120;
const NOTHING: ReadonlyMap<string, Example> = new Map();

/** What the client offered beside what the server accepts, here or from others, and what both have in common. */
export function hellosFigure(connection: Connection, accepted: Accepted): Content {
  const { clientHello, serverHello, helloRetryRequest } = connection;
  if (clientHello === null) return null;
  const matters: Matter[] = [
    {
      name: 'version',
      plural: 'Versions',
      offered: clientHello.supportedVersions.filter(isReal),
      chosen: serverHello?.version ?? helloRetryRequest?.version ?? null,
      accepted: accepted.versions,
      isVisible: true,
    },
    {
      name: 'cipher suite',
      plural: 'Cipher suites',
      offered: clientHello.cipherSuites.filter(isReal),
      chosen: serverHello?.cipherSuite ?? helloRetryRequest?.cipherSuite ?? null,
      accepted: accepted.cipherSuites,
      isVisible: true,
    },
    {
      name: 'group',
      plural: 'Groups',
      offered: clientHello.supportedGroups.filter(isReal),
      chosen: serverHello?.group ?? helloRetryRequest?.group ?? null,
      accepted: accepted.groups,
      isVisible: true,
    },
    {
      name: 'server name',
      plural: 'Server name',
      offered: clientHello.serverName === null ? [] : [clientHello.serverName],
      chosen: null,
      accepted: accepted.serverNames,
      isVisible: true,
    },
    {
      name: 'application protocol',
      plural: 'Application protocols (ALPN)',
      offered: clientHello.alpn.filter(isReal),
      chosen: serverHello?.alpn ?? null,
      accepted: accepted.alpn,
      isVisible: true,
    },
    {
      name: 'signature scheme',
      plural: 'Signature schemes',
      offered: clientHello.signatureSchemes.filter(isReal),
      chosen: null,
      accepted: NOTHING,
      isVisible: false,
    },
  ];
  const known =
    accepted.count === 0
      ? 'No other handshake with this server worked in this capture.'
      : `What the server accepts is known from ${count(accepted.count, 'handshake')} that worked in this capture; it may accept more.`;
  return html`<p>${known}</p>
    ${matters.filter(({ offered, accepted: taken }) => offered.length > 0 || taken.size > 0).map(matterDetails)}`;
}

function matterDetails(matter: Matter): Markup {
  const { offered, chosen, accepted, isVisible, plural, name } = matter;
  const takes = (value: string): boolean => value === chosen || accepted.has(value);
  const common = offered.filter(takes);
  const foreign = [...accepted.keys()].filter((value) => !offered.includes(value));
  const isKnown = isVisible && (chosen !== null || accepted.size > 0);
  const isApart = isKnown && offered.length > 0 && common.length === 0;
  const verdict = !isKnown
    ? isVisible
      ? 'what the server accepts does not show'
      : 'what the server accepts is not in its hello'
    : isApart
      ? html`<strong class="apart">none in common, as far as seen</strong>`
      : `${grouped(common.length)} in common, as far as seen`;
  const rows = [
    ...offered.slice(0, MOST_VALUES).map((value) => ({ value, isOffered: true })),
    ...foreign.map((value) => ({ value, isOffered: false })),
  ];
  return html`<details class="matter" ${isApart ? html` open` : null}>
    <summary>
      <span class="what">${plural}</span> ${offered.length === 0 ? 'none' : offered.length}
      offered${offered.length === 0 ? null : [', ', verdict]}
    </summary>
    <div class="scroll" tabindex="0" role="region" aria-label="${plural}">
      <table class="offers">
        <thead>
          <tr>
            <th scope="col">The client offers</th>
            <th scope="col">The server accepts</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ value, isOffered }) =>
              html`<tr class="${isOffered && takes(value) ? 'common' : ''}">
                <td>${isOffered ? code(value) : html`<span class="none">— does not offer this ${name}</span>`}</td>
                <td>${answer(value, matter)}</td>
              </tr>`,
          )}
          ${
            offered.length > MOST_VALUES
              ? html`<tr>
                  <td>${offered.length - MOST_VALUES} more</td>
                  <td></td>
                </tr>`
              : null
          }
        </tbody>
      </table>
    </div>
  </details>`;
}

function answer(value: string, { chosen, accepted }: Matter): Content {
  const elsewhere = accepted.get(value);
  if (value === chosen) return html`✓ ${code(value)} <span class="aside">chosen here</span>`;
  if (elsewhere === undefined) return html`<span class="none">—</span>`;
  return html`✓ ${code(value)}
    <span class="aside"
      >${elsewhere.count === 1 ? 'once' : `${grouped(elsewhere.count)} times`}, first in connection
      ${elsewhere.connection}</span
    >`;
}
