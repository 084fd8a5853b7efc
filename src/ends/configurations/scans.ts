import { BOUNDS } from '../../bounds.js';
import { cipherSuiteName } from '../../tls/wire/registry/names.js';
import { parseCertificate } from '../../x509/parse.js';
import { faultyLine } from '../text.js';
import { pemCertificates } from '../stores/pem.js';
import {
  type Accepted,
  ConfigurationError,
  type ConfigurationFormat,
  type Service,
  UNKNOWN_SERVICE,
} from './configuration.js';
import { groupsOf, settingIf, settingOf, signatureSchemesOf, VERSIONS } from './values.js';

type Json = null | boolean | number | string | readonly Json[] | JsonObject;

// An interface, since a type alias of a record could not refer to itself.
interface JsonObject {
  readonly [key: string]: Json;
}

const MAX_DEPTH = BOUNDS.scanNesting.value;

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ConfigurationError('not JSON that can be read', faultyLine(text));
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** All objects inside a value. */
function objectsIn(value: Json, depth = 0): JsonObject[] {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap((each) => objectsIn(each, depth + 1));
  return isObject(value) ? [value, ...inner] : inner;
}

/** The line where a text first occurs. */
function lineOf(text: string, what: string): number | null {
  const at = text.indexOf(what);
  return at < 0 ? null : text.slice(0, at).split('\n').length;
}

const TESTSSL_VERSIONS: Readonly<Record<string, string>> = {
  SSLv2: 'SSL 2.0',
  SSLv3: 'SSL 3.0',
  TLS1: 'TLS 1.0',
  TLS1_1: 'TLS 1.1',
  TLS1_2: 'TLS 1.2',
  TLS1_3: 'TLS 1.3',
};

/** Groups that scanners of elliptic curves do not try. */
const KEMS = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024'];
const FINITE_FIELDS = ['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192'];
/** Signature schemes that no scanner tries, or that scanners name differently. */
const OTHER_SCHEMES = [
  ...['ecdsa_brainpoolP256r1tls13_sha256', 'ecdsa_brainpoolP384r1tls13_sha384', 'ecdsa_brainpoolP512r1tls13_sha512'],
  ...['mldsa44', 'mldsa65', 'mldsa87'],
];

/** What the words of a finding name; unknown ones, which a server may have too, are left out. */
const namedIn = (finding: string, read: (word: string) => readonly string[] | undefined): string[] =>
  finding.split(/[\s,]+/).flatMap((word) => read(word) ?? []);

/** The groups that a scan found, and those that it cannot find; null if it found none that is known. */
function groupsFound(found: string, perhaps: readonly string[], path: string, line: number | null): Accepted | null {
  const groups = namedIn(found, groupsOf);
  return groups.length === 0 ? null : { ...settingOf(groups, found, path, line), perhaps };
}

/** The JSON of testssl.sh (`--jsonfile`, `--jsonfile-pretty`): what a server was seen to accept. */
export const testssl: ConfigurationFormat = {
  name: 'testssl.sh',
  recognise: (text) =>
    /^\s*[[{]/.test(text) &&
    /"id"\s*:\s*"(?:TLS1_2|TLS1_3|SSLv3|cipher[-_a-z0-9]*)"/.test(text) &&
    text.includes('"finding"'),
  read(text, path) {
    const targets = targetsOf(parse(text));
    if (targets.length === 0) throw new ConfigurationError('no result of a server in it');
    return { services: targets.map((target) => serviceOf(target, targets.length > 1, text, path)) };
  },
};

/** One server of a scan by testssl.sh. */
interface Target {
  readonly name: string;
  /** Empty if the scan does not say. */
  readonly address: string;
  readonly port: number;
  readonly findings: Finding[];
}

interface Finding {
  readonly id: string;
  readonly finding: string;
}

/** The servers of a scan: each finding names its server, or is in the result of one (`--jsonfile-pretty`). */
function targetsOf(scan: Json): readonly Target[] {
  const targets = new Map<string, Target>();
  const add = (found: JsonObject, name: string, address: string, port: Json | undefined): void => {
    const { id, finding } = found;
    // A finding about the program, before it knows the server; the port is not the server's.
    if (typeof id !== 'string' || typeof finding !== 'string' || id === 'engine_problem') return;
    const key = `${name} ${address} ${typeof port === 'string' ? port : ''}`;
    let target = targets.get(key);
    if (target === undefined) targets.set(key, (target = { name, address, port: Number(port ?? NaN), findings: [] }));
    target.findings.push({ id, finding });
  };
  const results = isObject(scan) ? scan['scanResult'] : undefined;
  if (isList(results)) {
    for (const result of results.filter(isObject)) {
      const { targetHost, ip, port } = result;
      for (const found of objectsIn(result)) add(found, textOf(targetHost), textOf(ip), port);
    }
  } else {
    for (const found of objectsIn(scan)) {
      const [name = '', address = ''] = textOf(found['ip']).split('/');
      add(found, name, address, found['port']);
    }
  }
  return [...targets.values()];
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** What a scan found of one server; of several, each answers to its own name and address. */
function serviceOf(
  { name, address, port, findings }: Target,
  isOneOfMany: boolean,
  text: string,
  path: string,
): Service {
  const seen = (id: string): Finding | undefined => findings.find((one) => one.id === id);
  const versions = Object.entries(TESTSSL_VERSIONS).flatMap(([id, version]) => {
    const found = seen(id);
    return found?.finding.startsWith('offered') === true ? [version] : [];
  });
  const isTold = Object.keys(TESTSSL_VERSIONS).some((id) => seen(id) !== undefined);
  const suites = findings.flatMap(({ id }) => {
    const code = /^cipher\S*_x([0-9a-f]{2,6})$/.exec(id)?.[1];
    return code === undefined ? [] : [cipherSuiteName(parseInt(code, 16))];
  });
  const curves = seen('FS_ECDHE_curves') ?? seen('PFS_ECDHE_curves');
  const kems = seen('FS_KEMs');
  const fields = seen('DH_groups');
  // From each version that was found, or what another version has would seem to be refused.
  const signatures = versions
    .filter((version) => version === 'TLS 1.2' || version === 'TLS 1.3')
    .map((version) => seen(`FS_${version.replace(/[ .]/g, '')}_sig_algs`));
  const schemes = signatures.flatMap((one) => namedIn(one?.finding ?? '', signatureSchemesOf));
  const areSchemesTold = signatures.length > 0 && signatures.every((one) => one !== undefined);
  const clientAuth = seen('clientAuth');
  const pems = findings.filter(({ id }) => /^cert(?: <(?:host)?cert#\d+>)?$/i.test(id)).map(({ finding }) => finding);
  return {
    ...UNKNOWN_SERVICE,
    ...certificatesIn(pems),
    names: isOneOfMany && name !== '' && name !== address ? [name] : [],
    address: isOneOfMany && address !== '' ? address : null,
    ports: Number.isInteger(port) ? [port] : [],
    versions: isTold ? settingOf(versions, `offered: ${versions.join(', ')}`, path, lineOf(text, '"TLS1"')) : null,
    ...splitSuites(suites, path, lineOf(text, '"cipher')),
    groups:
      curves === undefined
        ? null
        : groupsFound(
            [curves, kems, fields].flatMap((one) => one?.finding ?? []).join(' '),
            [...(kems === undefined ? KEMS : []), ...(fields === undefined ? FINITE_FIELDS : [])],
            path,
            lineOf(text, `"${curves.id}"`),
          ),
    signatureSchemes:
      areSchemesTold && schemes.length > 0
        ? {
            ...settingOf([...new Set(schemes)], `offered: ${schemes.join(', ')}`, path, lineOf(text, '_sig_algs"')),
            perhaps: OTHER_SCHEMES,
          }
        : null,
    clientCertificate:
      clientAuth === undefined
        ? null
        : settingOf(
            clientAuth.finding === 'none' ? 'none' : clientAuth.finding === 'required' ? 'required' : 'optional',
            `clientAuth: ${clientAuth.finding}`,
            path,
            lineOf(text, '"clientAuth"'),
          ),
  };
}

const CLIENT_AUTHENTICATION: Readonly<Record<string, 'none' | 'optional' | 'required'>> = {
  DISABLED: 'none',
  OPTIONAL: 'optional',
  REQUIRED: 'required',
};

/** The JSON of sslyze (`--json_out`). */
export const sslyze: ConfigurationFormat = {
  name: 'sslyze',
  recognise: (text) => /^\s*\{/.test(text) && text.includes('"server_scan_results"'),
  read(text, path) {
    const parsed = parse(text);
    const results = isObject(parsed) ? listOf(parsed['server_scan_results']) : [];
    const services = results.filter(isObject).map((result): Service => {
      const scan = isObject(result['scan_result']) ? result['scan_result'] : {};
      const location = isObject(result['server_location']) ? result['server_location'] : {};
      const { hostname, port } = location;
      const versions: string[] = [];
      const suites: string[] = [];
      let isTold = false;
      for (const version of VERSIONS) {
        const attempt = scan[`${version.toLowerCase().replace(/[ .]/g, '_')}_cipher_suites`];
        const outcome = isObject(attempt) ? attempt['result'] : undefined;
        if (!isObject(outcome)) continue;
        isTold = true;
        const accepted = objectsIn(outcome['accepted_cipher_suites'] ?? null).flatMap(
          ({ name, openssl_name: other }) => (typeof name === 'string' && other !== undefined ? [name] : []),
        );
        if (outcome['is_tls_version_supported'] === true || accepted.length > 0) versions.push(version);
        suites.push(...accepted);
      }
      const connectivity = isObject(result['connectivity_result']) ? result['connectivity_result'] : {};
      const asked = connectivity['client_auth_requirement'];
      const clientCertificate = CLIENT_AUTHENTICATION[textOf(asked)];
      const curves = isObject(scan['elliptic_curves']) ? scan['elliptic_curves']['result'] : undefined;
      const groups = isObject(curves)
        ? objectsIn(curves['supported_curves'] ?? null).flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
        : [];
      const details = isObject(scan['certificate_info']) ? scan['certificate_info']['result'] : undefined;
      const deployments = isObject(details) ? details['certificate_deployments'] : undefined;
      const pems = listOf(deployments).map(leafIn);
      return {
        ...UNKNOWN_SERVICE,
        ...certificatesIn(pems),
        names: typeof hostname === 'string' && results.length > 1 ? [hostname] : [],
        ports: typeof port === 'number' ? [port] : [],
        versions: isTold
          ? settingOf(versions, `supported: ${versions.join(', ')}`, path, lineOf(text, '_cipher_suites"'))
          : null,
        ...splitSuites(suites, path, lineOf(text, '"accepted_cipher_suites"')),
        groups:
          groups.length === 0
            ? null
            : groupsFound(groups.join(' '), [...KEMS, ...FINITE_FIELDS], path, lineOf(text, '"supported_curves"')),
        clientCertificate: settingIf(
          clientCertificate,
          `client_auth_requirement: ${textOf(asked)}`,
          path,
          lineOf(text, '"client_auth_requirement"'),
        ),
      };
    });
    if (services.length === 0) throw new ConfigurationError('no result of a server in it');
    return { services };
  },
};

/** The first certificate of a chain that sslyze received, in PEM; empty if there is none. */
function leafIn(deployment: Json): string {
  const chain = isObject(deployment) ? deployment['received_certificate_chain'] : undefined;
  const [leaf] = listOf(chain);
  return isObject(leaf) ? textOf(leaf['as_pem']) : '';
}

/**
 * The certificates that a scan found, one for each key type; null if one cannot be read, or there are none. Which of
 * several a client gets is unknown.
 */
function certificatesIn(pems: readonly string[]): Pick<Service, 'certificates' | 'choosesBy'> {
  const certificates = pems
    .flatMap((text) => pemCertificates(text)[0] ?? [])
    .map((der) => parseCertificate(der))
    .filter(({ error }) => error === null);
  return {
    certificates: certificates.length === 0 || certificates.length < pems.length ? null : certificates,
    choosesBy: 'unknown',
  };
}

/** Suites as listed in a scan, those of TLS 1.3 separately; null if it lists none. */
function splitSuites(
  suites: readonly string[],
  path: string,
  line: number | null,
): Pick<Service, 'cipherSuites' | 'tls13CipherSuites'> {
  const isNew = (name: string): boolean => /^TLS_(?:AES|CHACHA20|SM4)_/.test(name);
  const set = (names: readonly string[]) =>
    settingOf([...new Set(names)], `accepted: ${names.slice(0, 4).join(', ')}, …`, path, line);
  if (suites.length === 0) return { cipherSuites: null, tls13CipherSuites: null };
  return { cipherSuites: set(suites.filter((name) => !isNew(name))), tls13CipherSuites: set(suites.filter(isNew)) };
}
