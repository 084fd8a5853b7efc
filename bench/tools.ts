import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

/** A program that reads captures. */
export interface Tool {
  readonly name: string;
  /** Takes minutes: runs fewer times. */
  readonly isSlow: boolean;
  readonly command: (capture: string) => Command;
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
  { name: 'tls-postmortem, text', isSlow: false, command: (capture) => ours(capture, 'text'), probe: NODE },
  { name: 'tls-postmortem, JSON', isSlow: false, command: (capture) => ours(capture, 'json'), probe: NODE },
  {
    name: 'tcpdump -w /dev/null',
    isSlow: false,
    command: (capture) => ['tcpdump', '-r', capture, '-w', '/dev/null'],
    probe: ['tcpdump', '--version'],
  },
  {
    name: 'pcap-parser (packets only)',
    isSlow: true,
    command: (capture) => [process.execPath, WALK, capture],
    probe: NODE,
  },
  {
    name: 'ssldump -n',
    isSlow: true,
    command: (capture) => ['ssldump', '-n', '-r', capture],
    probe: ['ssldump', '-v'],
  },
  {
    name: 'tshark -T fields',
    isSlow: true,
    command: (capture) => ['tshark', '-r', capture, '-T', 'fields', '-e', 'tls.handshake.type'],
    probe: ['tshark', '--version'],
  },
];

/** Why a tool cannot run here, or null if it can. */
export function missing({ probe: [program, ...args] }: Tool): string | null {
  const { error } = spawnSync(program, args, { stdio: 'ignore' });
  return error === undefined ? null : `${program} is not installed`;
}
