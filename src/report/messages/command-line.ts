/**
 * The words of the command line in English: usage, options, errors, and what is written to standard error. A translation has
 * the same ids, and texts with the same placeholders; the compiler checks both. `$0` is the name of the program.
 */
import type { Catalogue } from './catalogue.js';

export const COMMAND_LINE = {
  usage: {
    report: `$0 [options] <capture...>

Says why TLS handshakes failed: reads packet captures offline and names what broke, who broke it, the frames that prove it, and what each side must change.

A capture is a pcap or pcapng file, as tcpdump and Wireshark write them, or a snoop file, also compressed with gzip, zstd or lz4; - is standard input, a directory stands for the captures in it. Several are read as one, in the order of time: the pieces of a long recording, or what several hosts recorded. If they show the same packets at several points of a path, they are compared.

$0 explain [WORD] says what a diagnosis, an alert, a cipher suite, an extension or a pasted error message means, or prints a certificate file in full.

$0 compare CLIENT-SIDE SERVER-SIDE says what differs between captures at two or more points of one path.

$0 facts and $0 merge share the work on a huge recording between processes, or machines.`,
    compare: `$0 compare [options] <client-side> <server-side...>

Finds the connections of one capture in another that was taken further along the path, says how far their clocks differ, and for each failed connection what differs: what was lost between the two points, what was altered, what neither side sent.

The captures were taken at two or more points of one path, and are given in order from the clients to the servers. A directory is one point. A capture without the connection, even an empty one, is evidence too. Options and exit codes are those of the report.`,
    merge: `$0 merge [options] <facts...>

Makes the report from facts that \`facts\` wrote about the parts of a recording, in any order, as if one process had read it. Options and exit codes are those of the report.`,
    facts: `$0 facts [options] <capture...>

Writes the facts from which \`merge\` makes a report: the connections that begin in a part of a recording, as lines of JSON, compressed with gzip. The captures are the pieces of one recording; each process is given all of them, and reads only those that its part needs.`,
    explain: `tls-postmortem explain [--password-file FILE] [WORD | ERROR MESSAGE | CERTIFICATES]

Says what a diagnosis, an alert (by name or number), a cipher suite (by IANA's or OpenSSL's name), an extension, a version,
a group or a signature scheme means, who sends it and why, and what to do. An error message or a line of a
log can be pasted as it is, in quotes. Without a word: lists all terms.
For a file of certificates (PEM, DER, PKCS#7, PKCS#12, JKS), or a directory of such files, it prints each in full; the password of
an encrypted one is asked for, or read from --password-file.`,
  },
  notes: `Criteria of different kinds (host, port, server name, diagnosis) must all be met, of one kind any. Connections that are not selected are neither shown nor counted, and do not affect the exit code.

Exit code: 0 analysed, no handshake failed; 1 at least one failed (see --fail-on; with --baseline, only for a new or unknown cause); 2 not analysed (wrong usage, unreadable input; with --strict also input that is damaged or cut short).`,
  examples: {
    plain: 'Say why handshakes in a capture failed',
    ca: 'Where servers have certificates of your own authority',
    clientTrusts: 'What the trust store of the clients lacks',
    json: 'Two captures, one report for programs',
    pieces: 'The pieces that tcpdump -C or -G left, some of them compressed',
    pipe: 'Analyse during the capture; end it with Ctrl-C',
    at: "Where the capturing host's clock was wrong",
    select: 'One client at one port',
    quiet: 'Exit code 1 if a certificate had expired',
    slice: 'The second of seven parts',
    merge: 'The report of all parts',
  },
  /** What each option does; some say their default themselves. */
  options: {
    completion: 'Print a script that completes options in the shell; append it to ~/.bashrc or ~/.zshrc',
    help: 'Show this help',
    version: 'Show the version',
    format: 'Format of the report: {formats}',
    output:
      'Write the report to this file instead of standard output; its extension determines the format ({extensions})',
    ca: 'Both sides also trust the certificates in this store; may be given more than once, as the following three',
    clientTrusts:
      'The trust store of the clients: what they accept, and nothing else. A store is a file (PEM, DER, PKCS#7, PKCS#12, JKS) or a directory of them',
    serverTrusts: 'The trust store of the server: which client certificates it accepts',
    serverCertificates:
      'What the server is configured to send, the leaf first; used in place of the chain that TLS 1.3 encrypts, and the report says so',
    serverConfig:
      'What the server accepts: a configuration of nginx, Apache httpd or HAProxy, an openssl.cnf, or the JSON of testssl.sh or sslyze',
    clientConfig: 'What the clients accept: a java.security or an openssl.cnf',
    if: 'Say which handshakes would have worked, and which would break, with this configuration of the server, this chain, or this trust store of the clients; server-trusts=FILE: with this trust store of the server',
    passwordFile: 'Passwords of encrypted stores, one a line [default: asked for on a terminal]',
    keys: 'Decrypt handshakes with this key log (SSLKEYLOGFILE), never application data; may be given more than once',
    at: "Judge certificates at this time (ISO 8601, e.g. 2026-03-02T10:00:00Z) instead of their packets'",
    failOn: 'Exit with 1 if any selected handshake failed; if one failed or has a risk; or never',
    baseline:
      'Known failures: an earlier report in JSON or NDJSON, or ids of diagnoses, one a line; the report says what is new, known and gone; known failures do not count for the exit code',
    strict:
      'Exit with 2 if a capture is damaged, cut short, or not read to its end, or a file of a directory cannot be read (files that are no captures do not count)',
    only: 'List only the failed connections, or all of them [default: all]; all are counted',
    host: 'Select connections from or to this address or network (192.0.2.0/24), or for this server name, requested or looked up; or several: a,b',
    client: 'Select connections from this address or network',
    server: 'Select connections to this address or network, or for this server name, requested or looked up',
    since: 'Select connections that began then or later: 19:53:15 or "2026-03-02 19:53:15", or 30s into the capture',
    until: 'Select connections that began then or earlier, in the same ways',
    timeZone:
      'Zone of the times in the report, and in --since and --until, by its IANA name, e.g. Europe/Berlin; formats for programs stay in UTC',
    port: 'Select connections from or to this port',
    serverName: 'Select connections that asked for this server name; *.example.com for all below it',
    protocol: 'Select connections of this protocol; tls is TLS over TCP',
    diagnosis: 'Select connections that failed for this cause, e.g. certificate-expired',
    verbose: 'Show every message of the connections listed, and the certificates in full',
    quiet: 'No report on standard output and no warnings: only the exit code, or --output',
    exportCertificates: 'Write the certificates of the connections listed into this directory, as PEM',
    exportFrames:
      'Write the frames of the selected connections that failed (with --only all, of all) to this pcapng file, with comments on the evidence',
    exportKeys:
      'Write the keys of those connections into that file too, which then decrypts everything that they carried',
    memory:
      'MiB for everything that is buffered and cached, at least {least}; the least valuable is given up first [default: 256]',
    follow:
      'Wait at the end of the capture for more, as tail -f does, until Ctrl-C; with -f ndjson, each failure is written as it comes',
    progress: 'Show the progress of long work on standard error; --no-progress does not',
    pager: 'Show a report that is longer than the screen in a pager (PAGER, or less); --no-pager does not',
    fullPaths: 'Show captures that are given by absolute path with that path, not only with their file name',
    ascii: 'Draw with ASCII only; --no-ascii does not [default: if the terminal has no Unicode]',
    color: 'Colour the report; --no-color does not [default: on a terminal; NO_COLOR, FORCE_COLOR]',
    width: "Columns of the text report, {least} to {most} [default: the terminal's, or 80]",
    slice: 'Which part, of how many: 2/7 is the second of seven',
    factsOutput: 'Write to this file instead of standard output; not compressed if its name does not end in .gz',
    factsMemory: 'MiB for everything that is buffered [default: 256]',
  },
  /** Defaults in words. */
  defaults: {
    format: 'by the extension of --output, or text',
    ca: 'only the Mozilla roots',
    unknown: 'not known',
    keys: 'only those inside the captures',
    any: 'any',
    none: 'none',
    onTerminal: 'on a terminal',
  },
  /** What each format of a report is for. */
  formats: {
    text: 'for reading in a terminal',
    markdown: 'for a postmortem document',
    html: 'for a browser: one self-contained page',
    json: 'for programs',
    ndjson: 'for programs, a line for each connection as it ends, the rest in the last line',
    sarif: 'for code scanning',
    junit: 'for build servers',
  },
  /** Mistakes on the command line, a line each. */
  errors: {
    usage: '{message} (--help shows the usage)',
    wrongUsage: 'wrong usage',
    internal: 'internal error: {message}',
    internalAt: 'internal error, please report it: {place}',
    noCapture: 'no capture given; - stands for standard input',
    noCaptureForFacts: 'facts: no capture given',
    onePoint: 'compare takes a capture of each of two or more points, in order from the clients to the servers',
    factsFromPipe: 'facts: cannot take a part of a pipe; give files',
    mergeFromPipe: 'merge: files of facts are read twice, which a pipe cannot be',
    mergeExport: '--export-frames needs captures; facts have no frames',
    terminal: 'standard input is a terminal: pipe a capture into it, e.g. tcpdump -w - | tls-postmortem -',
    follow: '--follow waits for one capture file to grow',
    exportFromPipe: '--export-frames reads the capture twice, which a pipe cannot',
    noCommand: '{word}: no such file, and no command; did you mean {command}?',
    noFormat: 'no format {format}',
    passwordFile: '--password-file needs a file',
    oneFile: '--{option} is given {number} times: it takes one file',
    needsValue: '{option} needs a value',
    notOneOf: '--{option}: {given} is not one of {choices}{suggestion}',
    unknownOption: 'unknown option: {options}{suggestion}',
    didYouMean: '; did you mean {names}?',
    memory: '--memory: "{value}" is not a whole number of MiB from {least} to 999999',
    timeZone: '--time-zone: "{value}" is not a name such as Europe/Berlin or UTC{suggestion}',
    at: '--at: "{value}" is not a time such as 2026-03-02T10:00:00Z (ISO 8601 with its zone)',
    width: '--width: "{value}" is not a number from {least} to {most}',
    network: '{option}: "{value}" is no network: a number of bits must follow the slash',
    host: '{option}: "{value}" is neither an address nor a name (a port goes to --port)',
    bound: '{option}: "{value}" is not a time such as 19:53:15, "2026-03-02 19:53:15" or 30s into the capture',
    port: '--port: "{value}" is not a number from 0 to 65535',
    slice: '--slice: "{value}" is not a part such as 2/7: a number from 1 on, of how many',
    diagnosisLike: '--diagnosis: no diagnosis "{id}"; did you mean {name}?',
    diagnosis: '--diagnosis: no diagnosis "{id}"; there are {names}',
    baseline: '--baseline {path}: {message}',
    directory: '{option}: {path} is a directory, not a file',
    overwrites: '{what} would overwrite {file}',
    overwritesEmptied:
      '{what} would overwrite {file}, which is empty: with >, the shell empties it before the program starts',
  },
  /** Files, in errors about overwriting them. */
  files: {
    capture: 'the capture',
    anchors: 'the trust anchors',
    baseline: 'the baseline',
    keyLog: 'the key log',
    end: 'the file of an end',
    certificates: 'the certificates',
    included: 'a file that {by} names:',
    at: '{what} {path}',
    onStandardInput: '{what} on standard input',
    standardOutput: 'standard output',
    report: 'the report on standard output',
  },
  /** Why no connection was selected. */
  selection: {
    nothing: 'no connection is selected, of {number}; {reasons}',
    criterion: '{option} {values}: {found}',
    notTogether: 'found, but not together with the other criteria',
    noneThere: 'there is none',
    there: 'the capture has {values}',
    andMore: '{values} and {more} more',
    began: '{option} {bound}: they began from {first} to {last}',
  },
  /** The progress bar: `cli-progress` fills in the first one. */
  progress: '{read} MiB, {rate} MiB/s{left}, {connections} connections, {failed} failed',
  progressLeft: ', {seconds} s left',
  password: 'Password of {path}: ',
  wroteFacts: {
    one: 'wrote {path}: slice {slice} of {slices}, {how}{count} connection',
    other: 'wrote {path}: slice {slice} of {slices}, {how}{count} connections',
  },
  interrupted: 'interrupted, ',
} as const satisfies Catalogue;
