import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Capture } from './generate.js';
import type { Command } from './measure.js';

/** A program that reads captures. */
export interface Tool {
  readonly name: string;
  /** Takes minutes: runs fewer times. */
  readonly isSlow: boolean;
  /** null: not for this capture. */
  readonly command: (capture: Pick<Capture, 'path' | 'keys'>) => Command | null;
  /** A command that succeeds where the tool is installed. */
  readonly probe: Command;
}

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const WALK = fileURLToPath(new URL('./walk.js', import.meta.url));
const NODE: Command = [process.execPath, '--version'];

/** The command line of our program as most people write it. */
export function plainly(capture: string): Command {
  return [process.execPath, MAIN, capture];
}

/** The command line of our program. Failed handshakes are no failure of the run. */
export function ours(capture: string, format: string): Command {
  return [process.execPath, MAIN, '--fail-on', 'never', '--format', format, capture];
}

/** In the order in which they run. */
export const tools: readonly [Tool, ...Tool[]] = [
  { name: 'tls-postmortem, text', isSlow: false, command: ({ path }) => ours(path, 'text'), probe: NODE },
  { name: 'tls-postmortem, JSON', isSlow: false, command: ({ path }) => ours(path, 'json'), probe: NODE },
  {
    name: 'tls-postmortem, with keys',
    isSlow: false,
    command: ({ path, keys }) => keys && [...ours(path, 'text'), '--keys', keys.fitting],
    probe: NODE,
  },
  {
    name: 'tls-postmortem, keys of others',
    isSlow: false,
    command: ({ path, keys }) => keys && [...ours(path, 'text'), '--keys', keys.others],
    probe: NODE,
  },
  {
    name: 'tcpdump -w /dev/null',
    isSlow: false,
    command: ({ path }) => ['tcpdump', '-r', path, '-w', '/dev/null'],
    probe: ['tcpdump', '--version'],
  },
  {
    name: 'pcap-parser (packets only)',
    isSlow: true,
    command: ({ path }) => [process.execPath, WALK, path],
    probe: NODE,
  },
  {
    name: 'ndpiReader -q',
    isSlow: false,
    command: ({ path }) => ['ndpiReader', '-q', '-i', path],
    probe: ['ndpiReader', '-h'],
  },
  {
    name: 'ssldump -n',
    isSlow: true,
    command: ({ path }) => ['ssldump', '-n', '-r', path],
    probe: ['ssldump', '-v'],
  },
  {
    name: 'tshark -T fields',
    isSlow: true,
    command: ({ path }) => ['tshark', '-r', path, '-T', 'fields', '-e', 'tls.handshake.type'],
    probe: ['tshark', '--version'],
  },
];

/** Why a tool cannot run here, or null if it can. */
export function missing({ probe: [program, ...args] }: Tool): string | null {
  const { error } = spawnSync(program, args, { stdio: 'ignore' });
  return error === undefined ? null : `${program} is not installed`;
}
