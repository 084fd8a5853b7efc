/** What a report says about the given keys. */
import type { KeyResults, Results } from '../../diagnose/results.js';
import { ENGLISH_WORDING, type Wording } from '../wording.js';
import { code, type Text } from './text.js';

/** Key logs named at most. */
const MOST_LOGS = 3;

/** How the keys were used, in one line; nothing without keys. */
export function keyLines({ keys }: Pick<Results, 'keys'>, words: Wording): Text[] {
  if (keys === null) return [];
  const { logs, connections, secrets } = keys;
  const say = words.keys;
  const from = words.list(
    logs.map(({ path, isFile }) => (isFile ? code(path) : say.inside({ path: code(path) }))),
    MOST_LOGS,
  );
  const { opened, notOpened, without } = connections;
  const uses = [
    say.opened({ count: opened }),
    ...(notOpened > 0 ? [say.notOpened({ number: notOpened })] : []),
    say.without({ number: without }),
    ...(secrets.unused > 0 ? [say.unused({ count: secrets.unused })] : []),
  ];
  return [say.used({ logs: from, uses: uses.join(words.joins.items) })];
}

/** What is wrong with them. */
export function keyWarnings(
  { keys }: { readonly keys: KeyResults | null },
  { keys: say, fault }: Wording = ENGLISH_WORDING,
): Text[] {
  if (keys === null) return [];
  const faulty = keys.logs.flatMap(({ path, isFile, secrets, otherSecrets, faultyLines, faults }) => {
    const place = isFile ? code(path) : say.keysInside({ path: code(path) });
    const more = faultyLines - faults.length;
    return [
      ...faults.map(({ line, what }) => say.faultyLine({ place, line, fault: fault(what) })),
      ...(more > 0 ? [say.faultyLines({ place, count: more })] : []),
      ...(secrets + otherSecrets + faultyLines === 0 ? [say.empty({ place })] : []),
      ...(secrets === 0 && otherSecrets > 0 ? [say.otherKinds({ place, count: otherSecrets })] : []),
    ];
  });
  return [
    ...faulty,
    ...(keys.secrets.leftOut > 0 ? [say.leftOut({ count: keys.secrets.leftOut })] : []),
    ...(keys.isLate ? [say.late] : []),
  ];
}
