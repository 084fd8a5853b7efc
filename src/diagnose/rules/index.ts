import type { Rule } from '../rule.js';
import { CAUSES } from './causes.js';
import { RISKS } from './risks.js';

/** Every rule. */
export const RULES: readonly Rule[] = [...CAUSES, ...RISKS];
