import { createHash } from 'node:crypto';
import type { Fact } from '../document/text.js';
import { draw, plain, type Text } from '../document/text.js';
import { showUnprintable } from '../escape.js';
import { grouped } from '../messages/english.js';
import { linkRfcs } from '../rfc.js';
import type { Wording } from '../wording.js';

/** HTML that is safe in a page: made only by `html`, or from the program's own text. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | null | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML, as content or in a quoted attribute; invisible characters are written out. */
export function escapeHtml(text: string): string {
  return showUnprintable(text).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');
}

/** As `escapeHtml`, with its lines kept, for `<pre>`. */
export function escapeLines(text: string): Markup {
  return new Markup(text.split('\n').map(escapeHtml).join('\n'));
}

/** A piece of a page: every value in it is escaped, unless it is markup already. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    parts.map((part, index) => part + (index < values.length ? textOf(values[index] ?? null) : '')).join(''),
  );
}

function textOf(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string') return escapeHtml(content);
  return typeof content === 'number' ? grouped(content) : content.map(textOf).join('');
}

/**
 * A text of the report: values to be copied as code; other values cannot change the direction of the text around them.
 */
export function say(text: Text, linked: ReadonlySet<string> = NOTHING): Markup {
  const isolated = (value: string): string => `<bdi>${escapeHtml(value)}</bdi>`;
  return new Markup(
    draw(text, ownMarkup, {
      strong: (words) => `<strong>${ownMarkup(words)}</strong>`,
      wire: isolated,
      prose: isolated,
      code: (value) => `<code>${escapeHtml(value)}</code>`,
      connection: (id) =>
        linked.has(id) ? `<a href="#connection-${escapeHtml(id)}">${escapeHtml(id)}</a>` : escapeHtml(id),
    }),
  );
}

/** Our own words, with links to the RFCs that they name. */
function ownMarkup(words: string): string {
  return linkRfcs(escapeHtml(words), (name, address) => `<a href="${address}">${name}</a>`);
}

const NOTHING: ReadonlySet<string> = new Set();

/** A command that only breaks between words: browsers would break an option after its hyphen. Its lines stay lines. */
export function command(text: Text): Markup {
  return new Markup(plain(text).replace(/[^ \n]+/g, (word) => `<span class="w">${escapeHtml(word)}</span>`));
}

/** Text to be pasted elsewhere, with a button that copies it. */
export function copied(label: string, text: Content, { page: { copy } }: Wording): Markup {
  return html`<div class="command">
    <pre><code>${text}</code></pre>
    <button type="button" class="copy" aria-label="${label}">${copy}</button>
  </div>`;
}

/** A table that scrolls by itself on a narrow screen; `rows` are its `<tr>`. */
export function scrolled(
  label: string,
  heads: readonly Content[],
  rows: Content,
  { id = null, style = '' }: { readonly id?: string | null; readonly style?: string } = {},
): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${style}" ${id === null ? null : html`id="${id}"`}>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Labels and texts. */
export function facts(of: readonly Fact[], words: Wording, linked?: ReadonlySet<string>): Content {
  return of.map(
    ({ label, text, isToCopy }) =>
      html`<dt>${label}</dt>
        <dd>${isToCopy ? copied(words.page.copyValue({ label }), command(text), words) : say(text, linked)}</dd>`,
  );
}

/** How a Content-Security-Policy names an inline style or script. */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A number for an SVG attribute. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
