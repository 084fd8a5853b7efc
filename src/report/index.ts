import type { Format } from './format.js';

export type { WriteReport } from './format.js';

/** The formats of the report by the id that `--format` takes. A new one is its own file and a line here. */
export const formats: Readonly<Record<string, Format>> = {
  text: { name: 'for reading in a terminal', load: async () => (await import('./text.js')).writeText },
  json: { name: 'for programs', load: async () => (await import('./json.js')).writeJson },
};
