import type { NegotiatedParameter, Offers } from '../document/offers.js';
import type { Wording } from '../wording.js';
import { html, say, scrolled, type Markup } from './markup.js';

/** What the client offered next to what the server accepts, each matter folded. */
export function offersFigure({ introduction, parameters }: Offers, { page }: Wording): Markup {
  return html`<p>${introduction}</p>
    ${parameters.map((matter) => parameterDetails(matter, page))}`;
}

function parameterDetails({ name, summary, isApart, rows }: NegotiatedParameter, page: Wording['page']): Markup {
  const lines = rows.map(
    ({ offer, isOffered, answer }) =>
      html`<tr class="${isOffered && answer !== null ? 'common' : ''}">
        <td>${isOffered ? say(offer) : html`<span class="none">${offer}</span>`}</td>
        <td>
          ${
            answer === null
              ? html`<span class="none">—</span>`
              : html`✓ ${say(answer.value)} <span class="aside">${say(answer.where)}</span>`
          }
        </td>
      </tr>`,
  );
  return html`<details class="matter" ${isApart ? html` open` : null}>
    <summary><span class="what">${name}</span> <span class="${isApart ? 'apart' : ''}">${summary}</span></summary>
    ${scrolled(name, [page.clientOffers, page.serverAccepts], lines, { style: 'offers' })}
  </details>`;
}
