import type { CertificatePrinter, Format } from './format.js';

export type { CreateWriter, Format, ReportOptions, ReportWriter } from './format.js';
export { DEFAULTS, writeReport } from './format.js';
export type { Selection } from './selection.js';

const certificatePrinter = async (): Promise<CertificatePrinter> =>
  (await import('./certificate-text.js')).certificateText;

/** The formats of the report by the id that `--format` takes. A new one is its own file and a line here. */
export const formats: Readonly<Record<string, Format>> = {
  text: {
    extensions: ['txt'],
    async load({ verbose = false } = {}) {
      const { createTextWriter } = await import('./text/text.js');
      const print = verbose ? await certificatePrinter() : undefined;
      return (options) => createTextWriter(options, print);
    },
  },
  markdown: {
    extensions: ['md'],
    async load({ verbose = false } = {}) {
      const { createMarkdownWriter } = await import('./markdown/markdown.js');
      const print = verbose ? await certificatePrinter() : undefined;
      return (options) => createMarkdownWriter(options, print);
    },
  },
  html: {
    extensions: ['html', 'htm'],
    async load() {
      const { createHtmlWriter } = await import('./html/page.js');
      const print = await certificatePrinter();
      return (options) => createHtmlWriter(options, print);
    },
  },
  json: {
    extensions: ['json'],
    load: async () => (await import('./json/json.js')).createJsonWriter,
  },
  ndjson: {
    extensions: ['ndjson', 'jsonl'],
    load: async () => (await import('./ndjson.js')).createNdjsonWriter,
  },
  sarif: {
    extensions: ['sarif'],
    load: async () => (await import('./sarif.js')).createSarifWriter,
  },
  junit: {
    extensions: ['xml'],
    load: async () => (await import('./junit.js')).createJunitWriter,
  },
};
