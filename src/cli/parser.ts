import { fstatSync, readdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { formats } from '../report/index.js';
import { generator } from '../report/generator.js';
import { PROTOCOLS, type TimeBound } from '../report/selection.js';
import { last, onlyFile, LEAST_MEMORY, mebibytesOf, newParser, type OptionTable } from './arguments.js';
import { timeZoneOf, utcOf, type TimeZone } from '../report/time-zone.js';
import { timeZoneName } from './time-zone.js';
import { COMMANDS, DEFAULTS, formatOf, UsageError, type FailOn, type Only, type Options } from './options.js';
import { WORDS } from './words.js';

const NARROWEST = 60;
const WIDEST = 1000;

/** Parses the command line's arguments: options, or the text for `--help` or `--version`. Throws UsageError. */
export function parseOptions(
  args: readonly string[],
  helpWidth: number,
  command: Command = 'report',
): Options | { readonly text: string } {
  let printed = '';
  // main.ts prints help and version, and ends the program.
  const parsed = parser(helpWidth, command).parseSync([...args], {}, (_error, _argv, output: string) => {
    printed = output;
  });
  if (printed !== '') return { text: printed };
  // Checked here and not by yargs, which would report it before an unknown option.
  const captures = parsed._.length === 0 && isRedirected() ? ['-'] : parsed._.map(String);
  if (captures.length === 0) throw new UsageError(WORDS.errors.noCapture);
  if (command === 'compare' && captures.length < 2) {
    throw new UsageError(WORDS.errors.onePoint);
  }
  const zone = timeZoneOf(parsed.timeZone);
  return {
    captures,
    format: parsed.format ?? formatOf(parsed.output),
    // As in other programs, a dash is not a file.
    output: parsed.output === '-' ? undefined : parsed.output,
    ca: parsed.ca,
    keys: parsed.keys,
    clientTrusts: parsed.clientTrusts,
    serverTrusts: parsed.serverTrusts,
    serverCertificates: parsed.serverCertificates,
    serverConfig: parsed.serverConfig,
    clientConfig: parsed.clientConfig,
    whatIf: parsed.if,
    passwordFile: parsed.passwordFile,
    at: parsed.at,
    failOn: parsed.failOn,
    strict: parsed.strict,
    baseline: parsed.baseline,
    selection: {
      hosts: parsed.host,
      clients: parsed.client,
      servers: parsed.server,
      since: parsed.since === undefined ? null : timeBoundOf('--since', parsed.since, zone),
      until: parsed.until === undefined ? null : timeBoundOf('--until', parsed.until, zone),
      ports: parsed.port,
      serverNames: parsed.serverName,
      protocols: parsed.protocol,
      diagnoses: parsed.diagnosis,
    },
    timeZone: zone.name,
    only: parsed.only,
    verbose: parsed.verbose,
    quiet: parsed.quiet,
    exportCertificates: parsed.exportCertificates,
    exportFrames: parsed.exportFrames,
    exportKeys: parsed.exportKeys,
    memory: parsed.memory,
    follow: parsed.follow,
    progress: parsed.progress,
    pager: parsed.pager,
    fullPaths: parsed.fullPaths,
    ascii: parsed.ascii,
    color: parsed.color,
    width: parsed.width,
  };
}

/** Completions for the last word of a command line; nothing where file names are expected. */
export async function completionsOf(words: readonly string[], diagnoses: readonly string[]): Promise<string[]> {
  const [before = '', current = ''] = words.slice(-2);
  if (words[1] === 'explain' && words.length > 2) return termsLike(current);
  if (before === '--diagnosis') return diagnoses.filter((id) => id.startsWith(current));
  if (current === '' && !/^-[^-]?f$|^--(?:format|fail-on|only)$/.test(before)) return [];
  const commands = words.length === 2 && current !== '' ? COMMANDS : [];
  const completions = new Set([...commands, ...(await parser(NARROWEST).getCompletion([...words]))]);
  // Shells take any answer as complete, and would not offer files whose names begin like a command.
  const isCommand = [...commands].some((name) => name.startsWith(current));
  for (const name of isCommand ? readdirSync('.') : []) completions.add(name);
  // Aliases such as --f are not worth learning.
  return [...completions].filter((word) => word.startsWith(current) && !/^--.$/.test(word));
}

/**
 * Terms that `explain` knows with this beginning, in any case; without terms of several words, which a shell would
 * split.
 */
async function termsLike(current: string): Promise<string[]> {
  const { allTerms } = await import('../explain/explain.js');
  const names = [...allTerms().values()].flat().map((name) => name.replace(/ \(\d+\)$/, ''));
  const own = current.toLowerCase();
  return [...new Set(names)].filter((name) => !name.includes(' ') && name.toLowerCase().startsWith(own));
}

/**
 * Whether standard input is a file (`tls-postmortem < incident.pcap`). A pipe has to be requested, or the program might
 * wait forever.
 */
function isRedirected(): boolean {
  try {
    return fstatSync(0).isFile();
  } catch {
    return false;
  }
}

/** What a command line requests: a report on captures, or on the points of a path. */
type Command = 'report' | 'compare' | 'merge';

/** The report: its form, and where it goes. */
const OUTPUT_OPTIONS = {
  format: {
    alias: 'f',
    requiresArg: true,
    type: 'string',
    choices: Object.keys(formats),
    defaultDescription: WORDS.defaults.format,
    coerce: last<string>,
    describe: WORDS.options.format({
      formats: Object.entries(WORDS.formats)
        .map(([id, purpose]) => `${id} (${purpose})`)
        .join(', '),
    }),
  },
  output: {
    alias: 'o',
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.output({
      extensions: Object.values(formats)
        .map(({ extensions }) => `.${extensions[0] ?? ''}`)
        .join(', '),
    }),
  },
} as const satisfies OptionTable;

/** What is known of the two ends. */
const ENDS_OPTIONS = {
  ca: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.ca],
    defaultDescription: WORDS.defaults.ca,
    describe: WORDS.options.ca,
  },
  'client-trusts': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.clientTrusts],
    defaultDescription: WORDS.defaults.unknown,
    describe: WORDS.options.clientTrusts,
  },
  'server-trusts': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.serverTrusts],
    defaultDescription: WORDS.defaults.unknown,
    describe: WORDS.options.serverTrusts,
  },
  'server-certificates': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.serverCertificates],
    defaultDescription: WORDS.defaults.unknown,
    describe: WORDS.options.serverCertificates,
  },
  'server-config': {
    requiresArg: true,
    type: 'string',
    coerce: onlyFile('server-config'),
    describe: WORDS.options.serverConfig,
  },
  'client-config': {
    requiresArg: true,
    type: 'string',
    coerce: onlyFile('client-config'),
    describe: WORDS.options.clientConfig,
  },
  if: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => questionOf(onlyFile('if')(value)),
    describe: WORDS.options.if,
  },
  'password-file': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.passwordFile,
  },
  keys: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.keys],
    defaultDescription: WORDS.defaults.keys,
    describe: WORDS.options.keys,
  },
  at: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => timeOf(last(value)),
    describe: WORDS.options.at,
  },
} as const satisfies OptionTable;

/** What the exit code says. */
const EXIT_CODE_OPTIONS = {
  'fail-on': {
    requiresArg: true,
    choices: ['any', 'risk', 'never'] as const,
    default: DEFAULTS.failOn,
    coerce: last<FailOn>,
    describe: WORDS.options.failOn,
  },
  baseline: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.baseline,
  },
  strict: {
    type: 'boolean',
    default: DEFAULTS.strict,
    coerce: last<boolean>,
    describe: WORDS.options.strict,
  },
} as const satisfies OptionTable;

/** Which connections are reported. */
const SELECTION_OPTIONS = {
  only: {
    requiresArg: true,
    choices: ['failed', 'all'] as const,
    coerce: last<Only>,
    describe: WORDS.options.only,
  },
  host: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.hosts],
    defaultDescription: WORDS.defaults.any,
    coerce: (values: string[]) => listOf(values).map(hostOf('--host')),
    describe: WORDS.options.host,
  },
  client: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.clients],
    defaultDescription: WORDS.defaults.any,
    coerce: (values: string[]) => listOf(values).map(hostOf('--client')),
    describe: WORDS.options.client,
  },
  server: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.servers],
    defaultDescription: WORDS.defaults.any,
    coerce: (values: string[]) => listOf(values).map(hostOf('--server')),
    describe: WORDS.options.server,
  },
  since: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.since,
  },
  until: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.until,
  },
  'time-zone': {
    requiresArg: true,
    type: 'string',
    default: DEFAULTS.timeZone,
    coerce: (value: string | string[]) => timeZoneName(last(value)),
    describe: WORDS.options.timeZone,
  },
  port: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: DEFAULTS.selection.ports.map(String),
    defaultDescription: WORDS.defaults.any,
    coerce: (values: string[]) => listOf(values).map(portOf),
    describe: WORDS.options.port,
  },
  'server-name': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.serverNames],
    defaultDescription: WORDS.defaults.any,
    describe: WORDS.options.serverName,
  },
  protocol: {
    requiresArg: true,
    choices: PROTOCOLS,
    array: true,
    default: [...DEFAULTS.selection.protocols],
    defaultDescription: WORDS.defaults.any,
    describe: WORDS.options.protocol,
  },
  diagnosis: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.diagnoses],
    defaultDescription: WORDS.defaults.any,
    describe: WORDS.options.diagnosis,
  },
} as const satisfies OptionTable;

/** How much is shown, and what is written besides. */
const DETAIL_OPTIONS = {
  verbose: {
    alias: 'v',
    type: 'boolean',
    default: DEFAULTS.verbose,
    coerce: last<boolean>,
    describe: WORDS.options.verbose,
  },
  quiet: {
    alias: 'q',
    type: 'boolean',
    default: DEFAULTS.quiet,
    coerce: last<boolean>,
    describe: WORDS.options.quiet,
  },
  'export-certificates': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.exportCertificates,
  },
  'export-frames': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: WORDS.options.exportFrames,
  },
  'export-keys': {
    type: 'boolean',
    default: DEFAULTS.exportKeys,
    coerce: last<boolean>,
    describe: WORDS.options.exportKeys,
  },
} as const satisfies OptionTable;

/** How the work is done. */
const RUN_OPTIONS = {
  memory: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => mebibytesOf(last(value)),
    describe: WORDS.options.memory({ least: String(LEAST_MEMORY) }),
  },
  follow: {
    type: 'boolean',
    default: DEFAULTS.follow,
    coerce: last<boolean>,
    describe: WORDS.options.follow,
  },
  progress: {
    type: 'boolean',
    default: DEFAULTS.progress,
    defaultDescription: WORDS.defaults.onTerminal,
    coerce: last<boolean>,
    describe: WORDS.options.progress,
  },
  pager: {
    type: 'boolean',
    default: DEFAULTS.pager,
    defaultDescription: WORDS.defaults.onTerminal,
    coerce: last<boolean>,
    describe: WORDS.options.pager,
  },
} as const satisfies OptionTable;

/** How the text report looks. */
const DRAWING_OPTIONS = {
  'full-paths': {
    type: 'boolean',
    default: DEFAULTS.fullPaths,
    coerce: last<boolean>,
    describe: WORDS.options.fullPaths,
  },
  ascii: {
    type: 'boolean',
    coerce: last<boolean>,
    describe: WORDS.options.ascii,
  },
  color: {
    type: 'boolean',
    coerce: last<boolean>,
    describe: WORDS.options.color,
  },
  width: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => columnsOf(last(value)),
    describe: WORDS.options.width({ least: String(NARROWEST), most: String(WIDEST) }),
  },
} as const satisfies OptionTable;

/** In the order of the help. */
const OPTIONS = {
  ...OUTPUT_OPTIONS,
  ...ENDS_OPTIONS,
  ...EXIT_CODE_OPTIONS,
  ...SELECTION_OPTIONS,
  ...DETAIL_OPTIONS,
  ...RUN_OPTIONS,
  ...DRAWING_OPTIONS,
} as const satisfies OptionTable;

function parser(helpWidth: number, command: Command = 'report') {
  return newParser(OPTIONS, ['help', 'version'])
    .usage(WORDS.usage[command])
    .completion('completion', command === 'report' ? WORDS.options.completion : false)
    .help('help')
    .alias('help', 'h')
    .describe('help', WORDS.options.help)
    .version(`${generator.name} ${generator.version}`)
    .describe('version', WORDS.options.version)
    .example('$0 incident.pcap', WORDS.examples.plain)
    .example('$0 --ca internal-root.pem gateway.pcap', WORDS.examples.ca)
    .example('$0 --client-trusts truststore.jks gateway.pcap', WORDS.examples.clientTrusts)
    .example('$0 -f json -o report.json a.pcap b.pcapng', WORDS.examples.json)
    .example('$0 trace.pcap*', WORDS.examples.pieces)
    .example('ssh gateway tcpdump -w - -s 0 port 443 | $0 -', WORDS.examples.pipe)
    .example('$0 --at 2026-03-02T10:00:00Z old.pcap', WORDS.examples.at)
    .example('$0 --host 192.0.2.7 --port 8443 incident.pcap', WORDS.examples.select)
    .example('$0 -q --diagnosis certificate-expired a.pcap', WORDS.examples.quiet)
    .epilogue(WORDS.notes)
    .wrap(helpWidth);
}

// A date alone is UTC; a time needs a zone, or the report would depend on the machine's.
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * The value of `--if`: the content does not show whose trust store it is. A file with such a name is given as
 * `./server-trusts=…`.
 */
function questionOf(value: string): NonNullable<Options['whatIf']> {
  const path = value.replace(/^server-trusts=/, '');
  return path === value ? { path } : { path, kind: 'server-trusts' };
}

function timeOf(value: string): Date {
  const time = new Date(ISO_TIME.test(value) ? value : NaN);
  if (Number.isNaN(time.getTime())) {
    throw new UsageError(WORDS.errors.at({ value }));
  }
  return time;
}

function columnsOf(value: string): number {
  const columns = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  if (!(columns >= NARROWEST && columns <= WIDEST)) {
    throw new UsageError(WORDS.errors.width({ value, least: String(NARROWEST), most: String(WIDEST) }));
  }
  return columns;
}

// A mistyped address would silently select nothing.
const hostOf =
  (option: string) =>
  (value: string): string => {
    const [network = '', prefix] = value.split('/');
    const family = isIP(network);
    if (prefix !== undefined && family !== 0) {
      if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)) return value;
      throw new UsageError(WORDS.errors.network({ option, value }));
    }
    const bare = value.replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) === 6) return new URL(`http://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
    if (isIP(bare) === 0 && /^[\d.]+$|[:/]/.test(bare)) {
      throw new UsageError(WORDS.errors.host({ option, value }));
    }
    return bare;
  };

/** Values given one by one, or separated by commas. */
function listOf(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).map((value) => value.trim());
}

const OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60)(\.\d{1,9})?)?$/;
const AT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(?: ?(UTC|Z|[+-]\d\d:\d\d))?$/;
const INTO = /^(\d{1,9}(?:\.\d{1,9})?) ?(?:s|seconds)?$/;

/**
 * A time as in reports, in ISO 8601, as time of day, or in seconds from the start of the capture. Without a fraction,
 * `--until` includes its whole second.
 */
function timeBoundOf(option: '--since' | '--until', value: string, zone: TimeZone): TimeBound {
  const text = value.trim();
  const slack = option === '--until' && !text.includes('.') ? 999 : 0;
  const into = INTO.exec(text);
  if (into !== null) return { kind: 'into', milliseconds: Number(into[1]) * 1000 + slack, zone, text };
  const ofDay = OF_DAY.exec(text);
  if (ofDay !== null) {
    const [, hours, minutes, seconds = '0', fraction = '0'] = ofDay;
    const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return { kind: 'of-day', milliseconds: whole * 1000 + Number(fraction) * 1000 + slack, zone, text };
  }
  const at = AT.exec(text);
  const [, date = '', minutes = '', seconds = ':00', fraction = '', mark] = at ?? [];
  const read =
    at === null ? NaN : Date.parse(`${date}T${minutes}${seconds}${fraction}${mark?.replace('UTC', 'Z') ?? 'Z'}`);
  if (Number.isNaN(read)) {
    throw new UsageError(WORDS.errors.bound({ option, value }));
  }
  const time = mark === undefined ? utcOf(read, zone) : read;
  return { kind: 'at', milliseconds: time + slack, zone, text };
}

function portOf(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (!(port <= 0xffff)) throw new UsageError(WORDS.errors.port({ value }));
  return port;
}
