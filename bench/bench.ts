/** Measures the whole program against other readers of captures: see README.md. */
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { check } from './check.js';
import { captureNames, generate, type Capture, type CaptureName } from './generate.js';
import { canMeasureMemory, measure, median, type Command, type Run } from './measure.js';
import { missing, plainly, tools, type Tool } from './tools.js';

const USAGE = `usage: npm run bench -- [options]
  --capture NAME   only this one: ${captureNames.join(', ')}; may be given more than once
  --size FACTOR    scale the captures: 0.05 for a quick look, 10 for 10 GB of bulk (default 1)
  --runs N         runs of each tool (default 5); the slow ones run at most twice
  --quick          one run of the slow tools
  --ours           no other tools`;

/** Seconds for one run, for a capture of size 1. */
const LIMIT = 180;

interface Options {
  readonly captures: readonly CaptureName[];
  readonly size: number;
  /** Seconds for one run. */
  readonly limit: number;
  readonly runs: number;
  readonly slowRuns: number;
  readonly tools: readonly Tool[];
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      capture: { type: 'string', multiple: true, default: [...captureNames] },
      size: { type: 'string', default: '1' },
      runs: { type: 'string', default: '5' },
      quick: { type: 'boolean', default: false },
      ours: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const size = Number(values.size);
  const runs = Number(values.runs);
  const captures = captureNames.filter((name) => values.capture.includes(name));
  if (values.help || !(size > 0) || !(runs >= 1) || captures.length !== values.capture.length) return null;
  return {
    captures,
    size,
    limit: LIMIT * Math.max(1, size),
    runs,
    slowRuns: Math.min(runs, values.quick ? 1 : 2),
    tools: installed(values.ours),
  };
}

function installed(onlyOurs: boolean): Tool[] {
  return tools.filter((tool) => {
    if (onlyOurs) return tool.name.startsWith('tls-postmortem');
    const reason = missing(tool);
    if (reason !== null) note(`${tool.name}: skipped, ${reason}`);
    return reason === null;
  });
}

/** Runs the tools by turns, so that whatever else the machine does meets them all alike. */
async function compare(capture: Capture, options: Options): Promise<Map<Tool, readonly Run[]>> {
  const results = new Map<Tool, Run[]>();
  for (const tool of options.tools) if (tool.command(capture) !== null) results.set(tool, []);
  for (let round = 0; round < options.runs; round++) {
    for (const [tool, runs] of results) {
      const command = tool.command(capture);
      const hasFailed = runs.some(({ failure }) => failure !== null);
      if (command === null || hasFailed || (tool.isSlow && round >= options.slowRuns)) continue;
      note(`${capture.name}: ${tool.name}, run ${round + 1}`);
      runs.push(await measure(command, options.limit));
    }
  }
  return results;
}

const MEBI = 2 ** 20;

function comparisonRows(capture: Capture, results: ReadonlyMap<Tool, readonly Run[]>): string[][] {
  const first = [...results.values()][0] ?? [];
  const base = median(first.map(({ wall }) => wall));
  return [...results].map(([tool, runs]) => {
    const failure = runs.find((run) => run.failure !== null)?.failure;
    const cells = [capture.name, `${Math.round(capture.bytes / 1e6)} MB`, tool.name];
    if (failure !== undefined && failure !== null) return [...cells, failure, '', '', '', String(runs.length)];
    const wall = median(runs.map((run) => run.wall));
    const cpu = runs.flatMap((run) => run.cpu ?? []);
    const peak = runs.flatMap((run) => run.peak ?? []);
    return [
      ...cells,
      wall.toFixed(2),
      (wall / base).toFixed(2),
      cpu.length === 0 ? '' : median(cpu).toFixed(2),
      peak.length === 0 ? '' : String(Math.round(median(peak) / MEBI)),
      String(runs.length),
    ];
  });
}

/** What a packet and a connection cost us, the whole process counted. */
function costRow(capture: Capture, runs: readonly Run[]): string[] {
  const usable = runs.filter(({ failure }) => failure === null);
  const wall = median(usable.map((run) => run.wall));
  const failed = Object.values(capture.causes).reduce((sum, count) => sum + count, 0);
  const cells = [capture.name, String(capture.packets), String(capture.connections), String(failed)];
  if (usable.length === 0) return [...cells, '', ''];
  return [...cells, ((wall / capture.packets) * 1e9).toFixed(0), ((wall / capture.connections) * 1e6).toFixed(1)];
}

const sample = (name: string): string => fileURLToPath(new URL(`../../samples/${name}`, import.meta.url));

const startups: readonly (readonly [name: string, command: Command])[] = [
  ['node -e 0', [process.execPath, '-e', '0']],
  ['no certificates (tls13-success.pcap)', plainly(sample('tls13-success.pcap'))],
  ['certificates (tls12-success.pcap)', plainly(sample('tls12-success.pcap'))],
];

/** So short a run varies by half: the median of few says nothing. */
const STARTUP_ROUNDS = 25;

async function startupRows(rounds: number): Promise<string[][]> {
  const results = startups.map(([name, command]) => ({ name, command, walls: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { command, walls } of results) walls.push((await measure(command, LIMIT)).wall);
  }
  const base = median(results[0]?.walls ?? []);
  return results.map(({ name, walls }) => {
    const wall = median(walls);
    return [name, wall.toFixed(3), (wall / base).toFixed(2)];
  });
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The head of a Markdown table; behind its first `texts` columns come numbers. */
function tableHead(columns: readonly string[], texts: number): string {
  return `${tableLine(columns)}\n${tableLine(columns.map((_, index) => (index < texts ? '---' : '--:')))}`;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) {
    note(USAGE);
    process.exitCode = 2;
    return;
  }
  if (!canMeasureMemory) note('processor time and memory are not measured: that needs GNU time');
  const { model = 'unknown' } = cpus()[0] ?? {};
  console.log(`${cpus().length} cores (${model}), Node.js ${process.version}, size ${options.size}\n`);
  const costs: string[][] = [];
  console.log(tableHead(['capture', 'size', 'tool', 'wall s', '× ours', 'CPU s', 'peak MiB', 'runs'], 3));
  for (const name of options.captures) {
    const capture = await generate(name, options.size, note);
    // Also brings the file into the page cache, for whoever comes first.
    note(`${name}: checking`);
    const wrong = await check(capture, options.limit);
    if (wrong !== null) {
      note(`${name}: WRONG, ${wrong}`);
      process.exitCode = 1;
    }
    const results = await compare(capture, options);
    for (const row of comparisonRows(capture, results)) console.log(tableLine(row));
    costs.push(costRow(capture, [...results.values()][0] ?? []));
  }
  const columns = ['capture', 'packets', 'connections', 'failed', 'ns per packet', 'µs per connection'];
  console.log(['', tableHead(columns, 1), ...costs.map(tableLine)].join('\n'));
  note('start-up');
  const startup = await startupRows(Math.max(STARTUP_ROUNDS, options.runs));
  console.log(['', tableHead(['start-up', 'wall s', '× node'], 1), ...startup.map(tableLine)].join('\n'));
}

await main();
