import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Capture } from './generate.js';
import { ours } from './tools.js';

/** What the check reads of the JSON report, which has its summary and each diagnosis on a line of its own. */
interface Line {
  readonly rule?: string;
  readonly count?: number;
  readonly connections?: number;
  readonly failed?: number;
}

/** Whether our program finds in a capture what was put into it: what it says otherwise, or null. A fast wrong answer is none. */
export async function check({ path, connections, causes }: Capture, limit: number): Promise<string | null> {
  const [program, ...args] = ours(path, 'json');
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: limit * 1000 });
  const ended = new Promise<string | null>((resolve) => {
    child.on('close', (code, signal) => {
      resolve(code === 0 ? null : `the program ended with ${signal ?? `exit code ${code ?? '?'}`}`);
    });
  });
  let seen: number | undefined;
  const found: Record<string, number> = {};
  for await (const text of createInterface({ input: child.stdout })) {
    const isSummary = text.startsWith('"summary": ');
    if (!isSummary && !text.startsWith('{"rule":')) continue;
    const { rule, count, connections: total } = JSON.parse(text.replace(/^"summary": |,$/g, '')) as Line;
    if (isSummary) seen = total;
    else if (rule !== undefined) found[rule] = (found[rule] ?? 0) + (count ?? 0);
  }
  const failure = await ended;
  if (failure !== null) return failure;
  if (seen !== connections) return `${seen ?? 'no'} connections instead of ${connections}`;
  for (const rule of new Set([...Object.keys(causes), ...Object.keys(found)])) {
    if (found[rule] !== causes[rule]) return `${found[rule] ?? 0} of ${rule} instead of ${causes[rule] ?? 0}`;
  }
  return null;
}
