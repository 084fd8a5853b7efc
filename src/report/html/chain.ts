import type { Chain, ChainCard, Validity } from '../document/chain.js';
import type { Wording } from '../wording.js';
import { facts, html, px, say, Markup, type Content } from './markup.js';

/** The certificates that a side sent, from the leaf to the last issuer, with what is missing or wrong. */
export function chainFigure({ from, cards, superfluous }: Chain, words: Wording): Markup {
  const { page } = words;
  return html`<h3>${page.chain[from]}</h3>
    <ol class="chain" aria-label="${page.chainAloud[from]}">
      ${cards.map((card) => cardItem(card, words))}
    </ol>
    ${
      superfluous.length === 0
        ? null
        : html`<p>${page.alsoSent}</p>
            <ul>
              ${superfluous.map((text) => html`<li>${say(text)}</li>`)}
            </ul>`
    }`;
}

function cardItem(card: ChainCard, words: Wording): Markup {
  const { role, place, isSent, subject, faults, remarks, validity, inFull } = card;
  return html`<li class="certificate${isSent ? '' : ' absent'}${faults.length > 0 ? ' wrong' : ''}">
    <p class="role">${role} <span class="place">${place}</span></p>
    ${subject === null ? null : html`<p class="subject">${say(subject)}</p>`}
    ${faults.map((fault) => html`<p class="fault">✗ ${say(fault)}</p>`)}
    ${remarks.map((remark) => html`<p class="names${isSent ? ' good' : ''}">${isSent ? '✓ ' : ''}${say(remark)}</p>`)}
    <dl>
      ${
        validity === null
          ? null
          : html`<dt>${words.chain.valid}</dt>
              <dd>${validityBar(validity)} ${validity.text}</dd>`
      }
      ${facts(card.facts, words)}
    </dl>
    ${
      inFull.length === 0
        ? null
        : html`<details>
            <summary>${words.page.inFull}</summary>
            <pre><code>${inFull.map((line) => [line, new Markup('\n')])}</code></pre>
          </details>`
    }
  </li>`;
}

/** From begin to end, with a mark at the time of the handshake. */
function validityBar({ begin, end, at }: Validity): Content {
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
