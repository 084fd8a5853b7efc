import { memoize } from '../memoize.js';
import type { Sayings } from '../report/messages/catalogue.js';
import { EXPLAIN } from '../report/messages/explain.js';
import type { Language } from '../report/messages/language.js';
import { sayings, wordingOf, type Wording } from '../report/wording.js';

/** The words of explanations in a language, and those of its reports that explanations use too. */
export type ExplainWording = Sayings<typeof EXPLAIN> & Pick<Wording, 'joins' | 'language'>;

/** The words of that language, or the English ones if it has none for explanations. */
export const explainWordingOf: (language: Language) => ExplainWording = memoize((language: Language) => ({
  ...sayings<typeof EXPLAIN>(language.explain ?? EXPLAIN, language),
  joins: wordingOf(language).joins,
  language,
}));
