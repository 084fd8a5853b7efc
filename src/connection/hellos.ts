import { memoize } from '../memoize.js';
import { alpn } from '../tls/wire/extensions/alpn.js';
import type { Extension } from '../tls/wire/extensions/extension.js';
import { contentOf } from '../tls/wire/extensions/extension.js';
import { keyShare } from '../tls/wire/extensions/key-share.js';
import { preSharedKey } from '../tls/wire/extensions/pre-shared-key.js';
import { serverName } from '../tls/wire/extensions/server-name.js';
import { signatureAlgorithms } from '../tls/wire/extensions/signature-algorithms.js';
import { supportedGroups } from '../tls/wire/extensions/supported-groups.js';
import { supportedVersions } from '../tls/wire/extensions/supported-versions.js';
import { ja3, ja3s as fingerprint, ja4 } from '../tls/fingerprints.js';
import type { ClientHelloMessage } from '../tls/wire/messages/client-hello.js';
import type { ServerHelloMessage } from '../tls/wire/messages/server-hello.js';
import type { ServerKeyExchangeMessage } from '../tls/wire/messages/server-key-exchange.js';
import {
  cipherSuiteName,
  extensionName,
  groupName,
  signatureSchemeName,
  versionName,
} from '../tls/wire/registry/names.js';
import type { MessageEvent, Seen } from '../tls/handshake/transcript.js';
import type { ClientHello, HelloRetryRequest, ServerHello } from './connection.js';

const EARLY_DATA = 42;

const typesOf = (extensions: readonly Extension[]): string[] => extensions.map(({ type }) => extensionName(type));

/** What every ClientHello of one template has in common. */
type ClientHelloShape = Pick<
  ClientHello,
  | 'legacyVersion'
  | 'supportedVersions'
  | 'cipherSuites'
  | 'compressionMethods'
  | 'extensions'
  | 'supportedGroups'
  | 'signatureSchemes'
  | 'alpn'
  | 'pskOffered'
  | 'earlyData'
  | 'ja3'
  | 'ja4'
>;

/** None where too little of the ClientHello came to tell. */
const offeredVersions = ({ extensions, legacyVersion }: ClientHelloMessage['template']): readonly number[] =>
  contentOf(extensions, supportedVersions) ?? (legacyVersion === 0 ? [] : [legacyVersion]);

/** Computing names and fingerprints takes thirty microseconds, and connections can share the result. */
const clientHelloShape = memoize((template: ClientHelloMessage['template']): ClientHelloShape => ({
  legacyVersion: versionName(template.legacyVersion),
  supportedVersions: offeredVersions(template).map(versionName),
  cipherSuites: template.cipherSuites.map(cipherSuiteName),
  compressionMethods: template.compressionMethods,
  extensions: typesOf(template.extensions),
  supportedGroups: (contentOf(template.extensions, supportedGroups) ?? []).map(groupName),
  signatureSchemes: (contentOf(template.extensions, signatureAlgorithms) ?? []).map(signatureSchemeName),
  alpn: (contentOf(template.extensions, alpn) ?? []).map((name) => name.toString('utf8')),
  pskOffered: template.extensions.some(({ type }) => type === preSharedKey.type),
  earlyData: template.extensions.some(({ type }) => type === EARLY_DATA),
  ja3: ja3(template),
  ja4: ja4(template),
}));

/** The facts of a ClientHello, with names for codes. */
export function clientHelloFacts(
  message: Seen & Pick<MessageEvent, 'recordVersion'>,
  hello: ClientHelloMessage,
): ClientHello {
  const { extensions } = hello;
  const shape = clientHelloShape(hello.template);
  return {
    frame: message.frame,
    at: message.at,
    recordVersion: versionName(message.recordVersion),
    legacyVersion: shape.legacyVersion,
    supportedVersions: shape.supportedVersions,
    random: hello.random,
    sessionIdLength: hello.sessionId.length / 2,
    serverName: contentOf(extensions, serverName) ?? null,
    cipherSuites: shape.cipherSuites,
    compressionMethods: shape.compressionMethods,
    extensions: shape.extensions,
    supportedGroups: shape.supportedGroups,
    keyShareGroups: (contentOf(extensions, keyShare) ?? []).map(groupName),
    signatureSchemes: shape.signatureSchemes,
    alpn: shape.alpn,
    pskOffered: shape.pskOffered,
    earlyData: shape.earlyData,
    ja3: shape.ja3,
    ja4: shape.ja4,
  };
}

/** What every ServerHello of one template has in common. */
type ServerHelloShape = Pick<ServerHello, 'extensions' | 'ja3s'>;

const serverHelloShape = memoize((template: ServerHelloMessage['template']): ServerHelloShape => ({
  extensions: typesOf(template.extensions),
  ja3s: fingerprint(template),
}));

/** The facts of a ServerHello; the key exchange of TLS 1.2 and `resumed` come from the messages around it. */
export function serverHelloFacts(
  seen: Seen,
  hello: ServerHelloMessage,
  around: {
    readonly keyExchange: ServerKeyExchangeMessage | null;
    readonly resumed: boolean;
    /** The application protocol of EncryptedExtensions. */
    readonly chosen: string | null;
  },
): ServerHello {
  const { keyExchange } = around;
  const group = contentOf(hello.extensions, keyShare)?.[0] ?? keyExchange?.group ?? null;
  const scheme = keyExchange?.signatureScheme ?? null;
  const { extensions, ja3s } = serverHelloShape(hello.template);
  return {
    frame: seen.frame,
    at: seen.at,
    version: versionName(hello.version),
    random: hello.random,
    cipherSuite: cipherSuiteName(hello.cipherSuite),
    extensions,
    group: group === null ? null : groupName(group),
    dhBits: keyExchange?.dhBits ?? null,
    signatureScheme: scheme === null ? null : signatureSchemeName(scheme),
    alpn: contentOf(hello.extensions, alpn)?.[0]?.toString('utf8') ?? around.chosen,
    ja3s,
    resumed: around.resumed || contentOf(hello.extensions, preSharedKey) !== undefined,
  };
}

/** The facts of a HelloRetryRequest. */
export function helloRetryRequestFacts(seen: Seen, hello: ServerHelloMessage): HelloRetryRequest {
  const group = contentOf(hello.extensions, keyShare)?.[0];
  return {
    frame: seen.frame,
    at: seen.at,
    version: versionName(hello.version),
    cipherSuite: cipherSuiteName(hello.cipherSuite),
    extensions: typesOf(hello.extensions),
    group: group === undefined ? null : groupName(group),
  };
}
