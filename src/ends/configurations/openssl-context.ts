/** The settings of an SSL_CTX: by a program's own directives, then by OpenSSL's commands (SSL_CONF_cmd(3)). */
import type { Accepted, Accepts, ConfigurationTools, Service } from './configuration.js';
import { groupsOf, settingOf, signatureSchemesOf, tls13SuitesOf, VERSIONS, versionOf, versionRange } from './values.js';

/** A line, to be cited. */
export interface Place {
  readonly text: string;
  readonly path: string;
  readonly line: number | null;
}

/** A value set by a line; `unset` leaves it to the software, `unknown` is set but not understood. */
export type Known<Value> = { readonly value: Value; readonly at: Place } | 'unset' | 'unknown';

/** A range of versions, and exceptions (SSL_CTX_set_min_proto_version(3), SSL_OP_NO_TLSv1_2). */
export interface VersionLimits {
  readonly least?: string | undefined;
  readonly most?: string | undefined;
  readonly without: ReadonlySet<string>;
  /** Commands set a part of it, the software the rest. */
  readonly isPartial?: boolean;
}

interface ContextSettings {
  readonly versions: Known<VersionLimits>;
  readonly ciphers: Known<string>;
  readonly tls13: Known<string>;
  readonly groups: Known<string>;
  readonly signatures: Known<string>;
  readonly clientSignatures: Known<string>;
}

/** A command of OpenSSL, with its line. */
interface Command {
  readonly name: string;
  readonly value: string;
  readonly at: Place;
}

interface Software {
  /** The place of settings that no line makes: where the service begins. */
  readonly at: Place;
  /** Whether it supports finite-field Diffie-Hellman below TLS 1.3; some software needs parameters for it. */
  readonly hasDhe: boolean | 'perhaps';
}

/** The version that every current release accepts by default. */
const DEFAULT_VERSION = 'TLS 1.2';
/** Suites that every current release accepts by default. */
const DEFAULT_SUITE = /^TLS_ECDHE_\w+_WITH_AES_\d+_GCM_SHA\d+$/;
/** Older versions sign with SHA-1 and MD5, which OpenSSL 3 refuses above security level 0. */
const OLD: ReadonlySet<string> = new Set(['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1']);

/** Versions in a list: the lowest, the highest, and the missing ones between. */
export function limitsOf(versions: readonly string[]): VersionLimits {
  const sorted = VERSIONS.filter((version) => versions.includes(version));
  const range = versionRange(sorted[0], sorted.at(-1));
  return { least: sorted[0], most: sorted.at(-1), without: new Set(range.filter((one) => !versions.includes(one))) };
}

/** What it accepts, and whether some commands that matter for handshakes are not understood; these are noted. */
export function acceptsOf(
  settings: ContextSettings,
  commands: readonly Command[],
  { at, hasDhe }: Software,
  tools: ConfigurationTools,
): Accepts & Pick<Service, 'isPartlyRead'> {
  const unread = commands.filter(({ name, value }) => value.includes('$') || !UNDERSTOOD.test(name));
  for (const one of unread) tools.unread({ ...one.at, why: one.value.includes('$') ? 'variable' : 'not-understood' });
  const { versions, ciphers, tls13, groups, signatures, clientSignatures } = commands.reduce(withCommand, settings);
  const expanded = typeof ciphers === 'string' ? undefined : tools.ciphers(ciphers.value);
  const listed = typeof groups === 'string' ? undefined : groupsOf(groups.value);
  const level = expanded?.securityLevel ?? null;
  const signatureSchemes = schemesAt(signatures, level, tools);
  return {
    versions: versionsAt(versions, level, at),
    cipherSuites: suitesAt(ciphers, expanded, { at, hasDhe }, tools),
    tls13CipherSuites: typeof tls13 === 'string' ? null : settingAt(tls13SuitesOf(tls13.value), tls13.at),
    groups: typeof groups === 'string' || listed === undefined ? null : settingAt(listed, groups.at),
    signatureSchemes,
    // Without a setting for clients, that of the server applies (SSL_CTX_set1_client_sigalgs_list(3)).
    clientSignatureSchemes: clientSignatures === 'unset' ? signatureSchemes : schemesAt(clientSignatures, level, tools),
    isPartlyRead: unread.length > 0,
  };
}

/** Null if no line sets them, or it is not understood. */
function schemesAt(schemes: Known<string>, securityLevel: number | null, tools: ConfigurationTools): Accepted | null {
  if (typeof schemes === 'string') return null;
  const listed = signatureSchemesOf(schemes.value);
  if (listed === undefined) {
    tools.unread({ ...schemes.at, why: 'not-understood' });
    return null;
  }
  const isSure = (scheme: string): boolean => !scheme.endsWith('_sha1') || securityLevel === 0;
  const perhaps = listed.filter((scheme) => !isSure(scheme));
  return { ...settingAt(listed.filter(isSure), schemes.at), ...(perhaps.length === 0 ? {} : { perhaps }) };
}

const settingAt = <Value>(value: Value, { text, path, line }: Place) => settingOf(value, text, path, line);

function versionsAt(versions: ContextSettings['versions'], securityLevel: number | null, at: Place): Accepted | null {
  if (versions === 'unknown') return null;
  const { least, most, without }: VersionLimits = versions === 'unset' ? { without: new Set() } : versions.value;
  const possible = versionRange(least, most).filter((version) => !without.has(version));
  const isDefault = versions === 'unset' || versions.value.isPartial === true;
  const isSure = (version: string): boolean =>
    isDefault ? version === DEFAULT_VERSION : !OLD.has(version) || securityLevel === 0;
  const perhaps = possible.filter((version) => !isSure(version));
  return {
    ...settingAt(possible.filter(isSure), versions === 'unset' ? at : versions.at),
    ...(perhaps.length === 0 ? {} : { perhaps }),
  };
}

function suitesAt(
  ciphers: ContextSettings['ciphers'],
  expanded: ReturnType<ConfigurationTools['ciphers']>,
  { at, hasDhe }: Software,
  tools: ConfigurationTools,
): Accepted | null {
  if (ciphers === 'unknown') return null;
  if (ciphers === 'unset') {
    const sure = (tools.ciphers('DEFAULT')?.sure ?? []).filter((iana) => DEFAULT_SUITE.test(iana));
    return { ...settingAt(sure, at), perhaps: 'any' };
  }
  if (expanded === undefined) return null;
  const isDhe = (iana: string): boolean => /^TLS_DHE_(?:RSA|DSS)_/.test(iana);
  const sure = expanded.sure.filter((iana) => hasDhe === true || !isDhe(iana));
  const perhaps = [
    ...expanded.perhaps.filter((iana) => hasDhe !== false || !isDhe(iana)),
    ...(hasDhe === 'perhaps' ? expanded.sure.filter(isDhe) : []),
  ];
  return { ...settingAt(sure, ciphers.at), ...(perhaps.length === 0 ? {} : { perhaps }) };
}

/** What is accepted if one of two settings applies, and it is unknown which. */
export function inEither(own: Accepted | null, other: Accepted | null): Accepted | null {
  if (own === null || other === null) return null;
  if (own === other) return own;
  const may = [own, other].map(({ value, perhaps }) => (perhaps === 'any' ? 'any' : [...value, ...(perhaps ?? [])]));
  const value = own.value.filter((one) => other.value.includes(one));
  const rest = [...new Set(may.flat())].filter((one) => !value.includes(one));
  const { text, path, line } = own;
  return {
    text,
    path,
    line,
    value,
    ...(may.includes('any') ? { perhaps: 'any' } : rest.length > 0 ? { perhaps: rest } : {}),
  };
}

/** What each command sets. */
const SETS: Readonly<Record<string, keyof ContextSettings>> = {
  minprotocol: 'versions',
  maxprotocol: 'versions',
  protocol: 'versions',
  cipherstring: 'ciphers',
  ciphersuites: 'tls13',
  groups: 'groups',
  curves: 'groups',
  signaturealgorithms: 'signatures',
  clientsignaturealgorithms: 'clientSignatures',
};

/** These commands, and those that do not change what is accepted. */
const UNDERSTOOD =
  /^(?:(?:min|max)?protocol|cipherstring|ciphersuites|groups|curves|(?:client)?signaturealgorithms|options|(?:ec)?dhparameters|(?:verify|chain|client|request)ca(?:file|path)|certificate|privatekey|recordpadding|numtickets|serverinfofile)$/i;

function withCommand(before: ContextSettings, { name, value, at }: Command): ContextSettings {
  const key = name.toLowerCase();
  const what = Object.hasOwn(SETS, key) ? SETS[key] : undefined;
  if (what === undefined) return before;
  if (value.includes('$') || before[what] === 'unknown') return { ...before, [what]: 'unknown' };
  if (what !== 'versions') return { ...before, [what]: { value, at } };
  const { versions } = before;
  const limits: VersionLimits = typeof versions === 'string' ? { without: new Set(), isPartial: true } : versions.value;
  const change =
    key === 'minprotocol'
      ? { least: versionOf(value) }
      : key === 'maxprotocol'
        ? { most: versionOf(value) }
        : { without: withoutOf(value, limits.without) };
  return { ...before, versions: { value: { ...limits, ...change }, at } };
}

/** `Protocol = -TLSv1.3, TLSv1.2`: switches versions on and off, one by one. */
function withoutOf(value: string, before: ReadonlySet<string>): ReadonlySet<string> {
  const without = new Set(before);
  for (const word of value.split(/[\s,]+/)) {
    const [, sign = '', name = ''] = /^([+-]?)(.*)$/.exec(word) ?? [];
    for (const version of /^all$/i.test(name) ? VERSIONS : [versionOf(name) ?? '']) {
      if (sign === '-') without.add(version);
      else without.delete(version);
    }
  }
  return without;
}
