import type { Format } from './format.js';

export type { CreateWriter, Format, ReportOptions, ReportWriter } from './format.js';
export { DEFAULTS, writeReport } from './format.js';
export type { Selection } from './selection.js';

/** The formats of the report by the id that `--format` takes. A new one is its own file and a line here. */
export const formats: Readonly<Record<string, Format>> = {
  text: { name: 'for reading in a terminal', load: async () => (await import('./text/text.js')).createTextWriter },
  markdown: {
    name: 'for a postmortem document',
    load: async () => (await import('./markdown/markdown.js')).createMarkdownWriter,
  },
  html: {
    name: 'for a browser: one page that needs nothing else',
    load: async () => (await import('./html/page.js')).createHtmlWriter,
  },
  json: { name: 'for programs', load: async () => (await import('./json.js')).createJsonWriter },
  ndjson: {
    name: 'for programs, a connection a line as it ends, the rest in the last line',
    load: async () => (await import('./ndjson.js')).createNdjsonWriter,
  },
};
