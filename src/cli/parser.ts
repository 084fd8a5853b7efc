import { fstatSync, readdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { formats } from '../report/index.js';
import { generator } from '../report/generator.js';
import { PROTOCOLS, type TimeBound } from '../report/selection.js';
import { last, onlyFile, LEAST_MEMORY, mebibytesOf, newParser, type OptionTable } from './arguments.js';
import { timeZoneOf, utcOf, type TimeZone } from '../report/time-zone.js';
import { timeZoneName } from './time-zone.js';
import { COMMANDS, DEFAULTS, formatOf, UsageError, type FailOn, type Only, type Options } from './options.js';

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
  if (captures.length === 0) throw new UsageError('no capture given; - stands for standard input');
  if (command === 'compare' && captures.length < 2) {
    throw new UsageError(
      'compare takes a capture of each of two points or more, in order from the clients to the servers',
    );
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

const USAGES: Readonly<Record<Command, string>> = {
  report:
    '$0 [options] <capture...>\n\n' +
    'Says why TLS handshakes failed: reads packet captures offline and names what broke, who broke it, the frames ' +
    'that prove it, and what each side must change.\n\n' +
    'A capture is a pcap or pcapng file, as tcpdump and Wireshark write them, or a snoop file, also compressed with gzip, zstd or lz4; ' +
    '- is standard input, a directory stands for the captures in it. Several are read as one, in the order of time: ' +
    'the pieces of a long recording, or what several hosts recorded. Where they show the same packets at several points of a ' +
    'path, they are compared.\n\n' +
    '$0 explain [WORD] says what a diagnosis, an alert, a cipher suite, an extension or a pasted error message means, or prints a certificate file in full.\n\n' +
    '$0 compare CLIENT-SIDE SERVER-SIDE says what differs between captures at two points of one path, or more.\n\n' +
    '$0 facts and $0 merge share the work on a huge recording between processes, or machines.',
  compare:
    '$0 compare [options] <client-side> <server-side...>\n\n' +
    'Finds the connections of one capture again in another that was taken further on, tells how far their clocks are apart, and ' +
    'says of each connection that failed what differs: what got lost between the two, what was altered, what neither side ' +
    'sent.\n\n' +
    'The captures are of two points of one path or more, in order from the clients to the servers. A directory is one point. A ' +
    'capture without the connection, an empty one too, is a witness as well. Options and exit codes are those of the report.',
  merge:
    '$0 merge [options] <facts...>\n\n' +
    'Makes the report of facts that `facts` wrote of the parts of a recording, in any order, as if one process had read it. Options ' +
    'and exit codes are those of the report.',
};

/** The report: its form, and where it goes. */
const OUTPUT_OPTIONS = {
  format: {
    alias: 'f',
    requiresArg: true,
    type: 'string',
    choices: Object.keys(formats),
    defaultDescription: 'by the extension of --output, or text',
    coerce: last<string>,
    describe: `Format of the report: ${Object.entries(formats)
      .map(([id, { name }]) => `${id} (${name})`)
      .join(', ')}`,
  },
  output: {
    alias: 'o',
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: `Write the report to this file instead of standard output; its extension says the format (${Object.values(
      formats,
    )
      .map(({ extensions }) => `.${extensions[0] ?? ''}`)
      .join(', ')})`,
  },
} as const satisfies OptionTable;

/** What is known of the two ends. */
const ENDS_OPTIONS = {
  ca: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.ca],
    defaultDescription: 'the Mozilla roots alone',
    describe:
      'Both sides trust the certificates in this store too; may be given more than once, as the following three',
  },
  'client-trusts': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.clientTrusts],
    defaultDescription: 'not known',
    describe:
      'The trust store of the clients: what they accept, and nothing else. A store is a file (PEM, DER, PKCS#7, PKCS#12, JKS) or a directory of them',
  },
  'server-trusts': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.serverTrusts],
    defaultDescription: 'not known',
    describe: 'The trust store of the server: what it accepts of clients that have certificates',
  },
  'server-certificates': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.serverCertificates],
    defaultDescription: 'not known',
    describe:
      'What the server is configured to send, the leaf first; stands in for the chain that TLS 1.3 encrypts, and the report says so',
  },
  'server-config': {
    requiresArg: true,
    type: 'string',
    coerce: onlyFile('server-config'),
    describe:
      'What the server accepts: a configuration of nginx, Apache httpd or HAProxy, an openssl.cnf, or the JSON of testssl.sh or sslyze',
  },
  'client-config': {
    requiresArg: true,
    type: 'string',
    coerce: onlyFile('client-config'),
    describe: 'What the clients accept: a java.security or an openssl.cnf',
  },
  if: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => questionOf(onlyFile('if')(value)),
    describe:
      'Say which handshakes would have worked, and which would break, with this configuration of the server, this chain, or this trust store of the clients; server-trusts=FILE: with this trust store of the server',
  },
  'password-file': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: 'Passwords of encrypted stores, one a line [default: asked for on a terminal]',
  },
  keys: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.keys],
    defaultDescription: 'those inside the captures alone',
    describe:
      'Read what this key log (SSLKEYLOGFILE) decrypts of handshakes, never application data; may be given more than once',
  },
  at: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => timeOf(last(value)),
    describe: "Judge certificates at this time (ISO 8601, e.g. 2026-03-02T10:00:00Z) instead of their packets'",
  },
} as const satisfies OptionTable;

/** What the exit code says. */
const EXIT_CODE_OPTIONS = {
  'fail-on': {
    requiresArg: true,
    choices: ['any', 'risk', 'never'] as const,
    default: DEFAULTS.failOn,
    coerce: last<FailOn>,
    describe: 'Exit with 1 when any selected handshake failed; when one failed or runs a risk; or never',
  },
  baseline: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe:
      'Failures that are known: a report in JSON or NDJSON of an earlier run, or ids of diagnoses, one a line; the report says ' +
      'what is new, known and gone; what is known does not count for the exit code',
  },
  strict: {
    type: 'boolean',
    default: DEFAULTS.strict,
    coerce: last<boolean>,
    describe:
      'Exit with 2 when a capture is damaged, cut short, or not read to its end, or a file of a directory cannot be read (those that are no captures do not count)',
  },
} as const satisfies OptionTable;

/** Which connections are reported. */
const SELECTION_OPTIONS = {
  only: {
    requiresArg: true,
    choices: ['failed', 'all'] as const,
    coerce: last<Only>,
    describe: 'List the failed connections alone, or all of them [default: all]; all are counted',
  },
  host: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.hosts],
    defaultDescription: 'any',
    coerce: (values: string[]) => listOf(values).map(hostOf('--host')),
    describe:
      'Select connections from or to this address or network (192.0.2.0/24), or for this server name, asked for or looked up; or several: a,b',
  },
  client: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.clients],
    defaultDescription: 'any',
    coerce: (values: string[]) => listOf(values).map(hostOf('--client')),
    describe: 'Select connections from this address or network',
  },
  server: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.servers],
    defaultDescription: 'any',
    coerce: (values: string[]) => listOf(values).map(hostOf('--server')),
    describe: 'Select connections to this address or network, or for this server name, asked for or looked up',
  },
  since: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: 'Select connections that began then or later: 19:53:15 or "2026-03-02 19:53:15", or 30s into the capture',
  },
  until: {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: 'Select connections that began then or earlier, in the same ways',
  },
  'time-zone': {
    requiresArg: true,
    type: 'string',
    default: DEFAULTS.timeZone,
    coerce: (value: string | string[]) => timeZoneName(last(value)),
    describe:
      'Zone of the times in the report, and in --since and --until, by its IANA name, e.g. Europe/Berlin; what programs read stays in UTC',
  },
  port: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: DEFAULTS.selection.ports.map(String),
    defaultDescription: 'any',
    coerce: (values: string[]) => listOf(values).map(portOf),
    describe: 'Select connections from or to this port',
  },
  'server-name': {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.serverNames],
    defaultDescription: 'any',
    describe: 'Select connections that asked for this server name; *.example.com for all below it',
  },
  protocol: {
    requiresArg: true,
    choices: PROTOCOLS,
    array: true,
    default: [...DEFAULTS.selection.protocols],
    defaultDescription: 'any',
    describe: 'Select connections of this protocol; tls is TLS over TCP',
  },
  diagnosis: {
    requiresArg: true,
    type: 'string',
    array: true,
    default: [...DEFAULTS.selection.diagnoses],
    defaultDescription: 'any',
    describe: 'Select connections that failed of this cause, e.g. certificate-expired',
  },
} as const satisfies OptionTable;

/** How much is shown, and what is written besides. */
const DETAIL_OPTIONS = {
  verbose: {
    alias: 'v',
    type: 'boolean',
    default: DEFAULTS.verbose,
    coerce: last<boolean>,
    describe: 'Show every message of the connections listed, and the certificates in full',
  },
  quiet: {
    alias: 'q',
    type: 'boolean',
    default: DEFAULTS.quiet,
    coerce: last<boolean>,
    describe: 'No report on standard output and no warnings: for the exit code, or for --output alone',
  },
  'export-certificates': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe: 'Write the certificates of the connections listed into this directory, as PEM',
  },
  'export-frames': {
    requiresArg: true,
    type: 'string',
    coerce: last<string>,
    describe:
      'Write the frames of the selected connections that failed (with --only all, of all) to this pcapng file, with ' +
      'comments on the evidence',
  },
  'export-keys': {
    type: 'boolean',
    default: DEFAULTS.exportKeys,
    coerce: last<boolean>,
    describe: 'Write the keys of those connections into that file too, which then decrypts all that they carried',
  },
} as const satisfies OptionTable;

/** How the work is done. */
const RUN_OPTIONS = {
  memory: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => mebibytesOf(last(value)),
    describe: `MiB for all that is buffered and remembered, ${LEAST_MEMORY} at least; what is worth least is given up first [default: 256]`,
  },
  follow: {
    type: 'boolean',
    default: DEFAULTS.follow,
    coerce: last<boolean>,
    describe:
      'Wait at the end of the capture for more, as tail -f does, until Ctrl-C; with -f ndjson each failure is told as it comes',
  },
  progress: {
    type: 'boolean',
    default: DEFAULTS.progress,
    defaultDescription: 'on a terminal',
    coerce: last<boolean>,
    describe: 'Show how far long work is, on standard error; --no-progress does not',
  },
  pager: {
    type: 'boolean',
    default: DEFAULTS.pager,
    defaultDescription: 'on a terminal',
    coerce: last<boolean>,
    describe: 'Show a report that is longer than the screen in a pager (PAGER, or less); --no-pager does not',
  },
} as const satisfies OptionTable;

/** How the text report looks. */
const DRAWING_OPTIONS = {
  'full-paths': {
    type: 'boolean',
    default: DEFAULTS.fullPaths,
    coerce: last<boolean>,
    describe: 'Name captures given by absolute path by it, not by file name alone',
  },
  ascii: {
    type: 'boolean',
    coerce: last<boolean>,
    describe: 'Draw with ASCII alone; --no-ascii does not [default: where the terminal has no Unicode]',
  },
  color: {
    type: 'boolean',
    coerce: last<boolean>,
    describe: 'Colour the report; --no-color does not [default: on a terminal; NO_COLOR, FORCE_COLOR]',
  },
  width: {
    requiresArg: true,
    type: 'string',
    coerce: (value: string | string[]) => columnsOf(last(value)),
    describe: `Columns of the text report, ${NARROWEST} to ${WIDEST} [default: the terminal's, or 80]`,
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
    .usage(USAGES[command])
    .completion(
      'completion',
      command === 'report'
        ? 'Print a script that completes options in the shell; append it to ~/.bashrc or ~/.zshrc'
        : false,
    )
    .help('help')
    .alias('help', 'h')
    .describe('help', 'Show this help')
    .version(`${generator.name} ${generator.version}`)
    .describe('version', 'Show the version')
    .example('$0 incident.pcap', 'Say why handshakes in a capture failed')
    .example('$0 --ca internal-root.pem gateway.pcap', 'Where servers have certificates of your own authority')
    .example('$0 --client-trusts truststore.jks gateway.pcap', 'What the trust store of the clients lacks')
    .example('$0 -f json -o report.json a.pcap b.pcapng', 'Two captures, one report for programs')
    .example('$0 trace.pcap*', 'The pieces that tcpdump -C or -G left, some of them compressed')
    .example('ssh gateway tcpdump -w - -s 0 port 443 | $0 -', 'Analyse while it is captured; end it with Ctrl-C')
    .example('$0 --at 2026-03-02T10:00:00Z old.pcap', "Where the capturing host's clock was wrong")
    .example('$0 --host 192.0.2.7 --port 8443 incident.pcap', 'What one client met at one port')
    .example('$0 -q --diagnosis certificate-expired a.pcap', 'Exit code 1 if a certificate had expired')
    .epilogue(
      'Criteria of different kinds (host, port, server name, diagnosis) must all be met, of one kind any. Connections that are not ' +
        'selected are neither shown nor counted, and do not bear on the exit code.\n\n' +
        'Exit code: 0 analysed, no handshake failed; 1 at least one failed (see --fail-on; with --baseline, one of a cause that is ' +
        'not known); 2 could not analyse ' +
        '(wrong usage, unreadable input; with --strict also input that is damaged or cut short).',
    )
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
    throw new UsageError(`--at: "${value}" is not a time such as 2026-03-02T10:00:00Z (ISO 8601 with its zone)`);
  }
  return time;
}

function columnsOf(value: string): number {
  const columns = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
  if (!(columns >= NARROWEST && columns <= WIDEST)) {
    throw new UsageError(`--width: "${value}" is not a number from ${NARROWEST} to ${WIDEST}`);
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
      throw new UsageError(`${option}: "${value}" is no network: after the slash stands a number of bits`);
    }
    const bare = value.replace(/^\[(.*)\]$/, '$1');
    if (isIP(bare) === 6) return new URL(`http://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
    if (isIP(bare) === 0 && /^[\d.]+$|[:/]/.test(bare)) {
      throw new UsageError(`${option}: "${value}" is neither an address nor a name (a port goes to --port)`);
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
    throw new UsageError(
      `${option}: "${value}" is not a time such as 19:53:15, "2026-03-02 19:53:15" or 30s into the capture`,
    );
  }
  const time = mark === undefined ? utcOf(read, zone) : read;
  return { kind: 'at', milliseconds: time + slack, zone, text };
}

function portOf(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (!(port <= 0xffff)) throw new UsageError(`--port: "${value}" is not a number from 0 to 65535`);
  return port;
}
