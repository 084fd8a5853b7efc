import { createHash } from 'node:crypto';
import { bound, showUnprintable } from '../escape.js';
import { grouped } from '../phrases.js';

/** HTML that is safe to put into a page: made by `html` alone, or from text of the program itself. */
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

/** Text for HTML, as content or within a quoted attribute; what would not show is written out. */
export function escapeHtml(text: string): string {
  return showUnprintable(text).replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');
}

/** A piece of a page: every value put into it is escaped, unless it is markup already. Attributes must be quoted. */
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

/** Text from the wire within a sentence: bounded, and kept from turning the direction of what is around it. */
export function wireText(text: string): string {
  return `<bdi>${escapeHtml(bound(text))}</bdi>`;
}

/** Text from the wire, on its own. */
export function wire(text: string): Markup {
  return new Markup(wireText(text));
}

/** The same, as something to be copied. */
export function code(text: string): Markup {
  return new Markup(`<code>${escapeHtml(bound(text))}</code>`);
}

/** Pieces with text between them. */
export function join(pieces: readonly Content[], separator: string): Content {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [separator, piece]));
}

/** How a Content-Security-Policy names an inline style or script. */
export function cspHash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A number for an SVG attribute. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
