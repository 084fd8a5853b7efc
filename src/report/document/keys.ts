/** What a report says about the given keys. */
import type { KeyResults, Results } from '../../diagnose/results.js';
import { count, grouped, listed } from '../phrases.js';
import { code, type Text } from './text.js';

/** Key logs named at most. */
const MOST_LOGS = 3;

/** How the keys were used, in one line; nothing without keys. */
export function keyLines({ keys }: Pick<Results, 'keys'>): Text[] {
  if (keys === null) return [];
  const { logs, connections, secrets } = keys;
  const from = listed(
    logs.map(({ path, isFile }) => `${isFile ? '' : 'inside '}${code(path)}`),
    MOST_LOGS,
  );
  const { opened, notOpened, without } = connections;
  const parts = [
    `${count(opened, 'connection')} decrypted`,
    ...(notOpened > 0 ? [`${grouped(notOpened)} that they did not open`] : []),
    `${grouped(without)} without`,
    ...(secrets.unused > 0 ? [`those of ${count(secrets.unused, 'handshake')} open nothing here`] : []),
  ];
  return [`Keys from ${from}: ${parts.join(', ')}`];
}

/** What is wrong with them. */
export function keyWarnings({ keys }: { readonly keys: KeyResults | null }): Text[] {
  if (keys === null) return [];
  const faulty = keys.logs.flatMap(({ path, isFile, secrets, otherSecrets, faultyLines, faults }) => {
    const place = isFile ? code(path) : `keys inside ${code(path)}`;
    const told = faults.map(({ line, what }) => `${place}: line ${grouped(line)} cannot be read: ${what}`);
    const more = faultyLines - faults.length;
    return [
      ...told,
      ...(more > 0 ? [`${place}: ${count(more, 'more line')} cannot be read`] : []),
      ...(secrets + otherSecrets + faultyLines === 0 ? [`${place}: there is no key in it`] : []),
      ...(secrets === 0 && otherSecrets > 0
        ? [`${place}: ${count(otherSecrets, 'secret')} of other kinds, none that opens TLS`]
        : []),
    ];
  });
  return [
    ...faulty,
    ...(keys.secrets.leftOut > 0 ? [`${count(keys.secrets.leftOut, 'secret')} beyond what is kept are left out`] : []),
    ...(keys.isLate
      ? [
          'keys in the capture stand behind packets that were read before them, which a pipe, or a report that has begun, ' +
            'cannot take back: save the capture to a file, or give the keys with --keys',
        ]
      : []),
  ];
}
