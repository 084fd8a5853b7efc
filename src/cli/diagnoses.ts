import { distanceOf } from '../explain/nearest.js';
import { WORDS } from './words.js';

/** What is wrong with the ids given to `--diagnosis`, or null: an unknown id would silently select nothing. */
export function unknownDiagnosis(ids: readonly string[], known: readonly string[]): string | null {
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return null;
  const closest = known.find((id) => distanceOf(id, unknown) <= Math.max(1, unknown.length / 4));
  if (closest !== undefined) return WORDS.errors.diagnosisLike({ id: unknown, name: closest });
  const words = unknown.toLowerCase().split(/[^a-z0-9]+/);
  const near = known.filter((id) => id.split('-').some((word) => words.includes(word)));
  return WORDS.errors.diagnosis({ id: unknown, names: (near.length > 0 ? near : known).join(', ') });
}

/** The ids of the rules that are causes. */
export async function causeIds(): Promise<string[]> {
  const { RULES } = await import('../index.js');
  return RULES.filter(({ role }) => role === 'cause').map(({ id }) => id);
}
