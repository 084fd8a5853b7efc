/** No stack is taken for another: on handshakes of each, and on the captures of real stacks in samples/. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { STACKS, type StackName } from '../../../src/knowledge/stacks/index.js';
import { libraryOf } from '../../../src/knowledge/stacks/recognise.js';
import type { HelloTraits } from '../../../src/knowledge/stacks/stack.js';
import { recordedConnections } from '../../support/recorded.js';
import { PHP_SUITES } from '../../support/hellos.js';
import { ROOT } from '../../support/schema.js';

const hellosOf = (connections: readonly Connection[]): HelloTraits[] =>
  connections.flatMap(({ clientHello }) => (clientHello === null ? [] : [clientHello]));

/** The stacks that some predicate takes a ClientHello for. */
const takenFor = (hello: HelloTraits): string[] => STACKS.filter((stack) => stack.wrote(hello)).map(({ name }) => name);

/** ClientHellos that are in no sample, as public captures have them. */
const HELLOS: readonly (readonly [program: string, stack: StackName | null, hello: Partial<HelloTraits>])[] = [
  [
    'Firefox 52',
    'NSS',
    {
      extensions: words(
        'extended_master_secret renegotiation_info supported_groups ec_point_formats session_ticket application_layer_protocol_negotiation status_request signed_certificate_timestamp',
      ),
      signatureSchemes: words(
        'ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 rsa_pss_rsae_sha256',
      ),
    },
  ],
  [
    'Windows 10',
    'SChannel',
    {
      extensions: words(
        'server_name status_request supported_groups ec_point_formats signature_algorithms session_ticket extended_master_secret renegotiation_info',
      ),
      signatureSchemes: words('rsa_pss_rsae_sha256 rsa_pss_rsae_sha384 rsa_pss_rsae_sha512 rsa_pkcs1_sha256'),
    },
  ],
  [
    'Windows 10 with token binding',
    'SChannel',
    {
      extensions: words(
        'server_name supported_groups ec_point_formats signature_algorithms session_ticket application_layer_protocol_negotiation extended_master_secret token_binding renegotiation_info',
      ),
    },
  ],
  [
    'Windows 7 of 2010',
    'SChannel',
    {
      extensions: words('server_name supported_groups ec_point_formats'),
      cipherSuites: words(
        'TLS_RSA_WITH_AES_128_CBC_SHA TLS_RSA_WITH_AES_256_CBC_SHA TLS_RSA_WITH_RC4_128_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
      ),
    },
  ],
  [
    'Mail on macOS',
    'Apple',
    {
      extensions: words(
        'server_name supported_groups ec_point_formats signature_algorithms status_request signed_certificate_timestamp extended_master_secret',
      ),
      cipherSuites: words(
        'TLS_EMPTY_RENEGOTIATION_INFO_SCSV TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      ),
    },
  ],
  [
    'Safari',
    'Apple',
    {
      extensions: words(
        'GREASE_0x0A0A server_name extended_master_secret renegotiation_info supported_groups ec_point_formats application_layer_protocol_negotiation status_request signature_algorithms signed_certificate_timestamp key_share psk_key_exchange_modes supported_versions compress_certificate GREASE_0x1A1A padding_0x0015',
      ),
      signatureSchemes: words(
        'ecdsa_secp256r1_sha256 rsa_pss_rsae_sha256 rsa_pkcs1_sha256 ecdsa_secp384r1_sha384 ecdsa_sha1 rsa_pss_rsae_sha384 rsa_pss_rsae_sha384 rsa_pkcs1_sha384 rsa_pss_rsae_sha512 rsa_pkcs1_sha512 rsa_pkcs1_sha1',
      ),
    },
  ],
  [
    'docker 28.2.2 (Go 1.24.3)',
    'Go',
    {
      extensions: words(
        'server_name ec_point_formats renegotiation_info extended_master_secret signed_certificate_timestamp status_request supported_groups signature_algorithms supported_versions key_share',
      ),
      signatureSchemes: words('rsa_pss_rsae_sha256 ecdsa_secp256r1_sha256 ed25519 rsa_pss_rsae_sha384'),
    },
  ],
  [
    'PHP 8.2',
    'OpenSSL',
    {
      extensions: words(
        'server_name ec_point_formats supported_groups session_ticket encrypt_then_mac extended_master_secret signature_algorithms supported_versions psk_key_exchange_modes key_share padding_0x0015',
      ),
      cipherSuites: PHP_SUITES,
    },
  ],
  [
    'GREASE, and nothing else that is known',
    null,
    { extensions: words('GREASE_0x0A0A server_name ec_point_formats supported_groups') },
  ],
  ['no extension', null, {}],
];

function words(text: string): string[] {
  return text.split(' ');
}

describe('the stack of a ClientHello', () => {
  for (const [program, stack, hello] of HELLOS) {
    test(program, () => {
      assert.equal(libraryOf({ extensions: [], cipherSuites: [], signatureSchemes: [], ...hello }), stack);
    });
  }
});

/** The name of each stack by that of its file. */
const FILES: Readonly<Record<string, StackName>> = {
  boringssl: 'BoringSSL',
  botan: 'Botan',
  chromium: 'Chromium',
  erlang: 'Erlang',
  gnutls: 'GnuTLS',
  go: 'Go',
  jsse: 'JSSE',
  mbedtls: 'Mbed TLS',
  nodejs: 'Node.js',
  nss: 'NSS',
  openssl: 'OpenSSL',
  rustls: 'rustls',
  wolfssl: 'wolfSSL',
};

describe('handshakes of each stack', () => {
  const captures = readdirSync(join(ROOT, 'samples', 'stacks')).filter((file) => file.endsWith('-client.pcap'));
  test('every stack that the script recorded has some', () => {
    const recorded = STACKS.filter(({ recordings }) =>
      recordings.some(({ role, by }) => role === 'client' && !by.includes('public capture')),
    );
    assert.deepEqual(
      captures.map((file) => FILES[file.replace('-client.pcap', '')]).sort(),
      recorded.map(({ name }) => name).sort(),
    );
  });
  for (const file of captures) {
    test(file, async () => {
      const hellos = hellosOf(await recordedConnections(`stacks/${file}`));
      assert.ok(hellos.length > 0);
      for (const hello of hellos) assert.deepEqual(takenFor(hello), [FILES[file.replace('-client.pcap', '')]]);
    });
  }
});

/** The stack of each program that README.md names as a client. */
const PROGRAMS: Readonly<Record<string, StackName>> = {
  curl: 'OpenSSL',
  OpenSSL: 'OpenSSL',
  HAProxy: 'OpenSSL',
  Links: 'OpenSSL',
  'Node.js': 'Node.js',
  Go: 'Go',
  Java: 'JSSE',
  GnuTLS: 'GnuTLS',
  NSS: 'NSS',
};

describe('samples/', () => {
  const rows = readFileSync(join(ROOT, 'samples', 'README.md'), 'utf8').matchAll(/^\| `(\S+?)` +\| ([^|→]+) → /gm);
  for (const [, file, clients] of rows) {
    if (file === undefined || clients === undefined) throw new Error('no row');
    test(file, async () => {
      const names = clients.split(', ').map((program) => PROGRAMS[program.trim()]);
      for (const hello of hellosOf(await recordedConnections(file))) {
        const taken = takenFor(hello);
        assert.ok(taken.length <= 1, taken.join(', '));
        if (taken[0] !== undefined)
          assert.ok(
            names.some((name) => name === taken[0]),
            `${taken[0]} of ${clients}`,
          );
      }
    });
  }
});

describe('programs on stacks that are not known', () => {
  const reports = join(ROOT, 'test', 'reports');
  const expected = JSON.parse(readFileSync(join(reports, 'expected.json'), 'utf8')) as Readonly<
    Record<string, { readonly client: string }>
  >;
  for (const program of ['Bouncy Castle', 'Mono', 'node-forge', 'Pion', 'quiche', 'tls 1.6']) {
    test(program, async () => {
      const files = Object.keys(expected).filter((file) => expected[file]?.client.startsWith(program) === true);
      assert.ok(files.length > 0);
      for (const file of files) {
        const hellos = hellosOf(await recordedConnections(relative(join(ROOT, 'samples'), join(reports, file))));
        for (const hello of hellos) assert.deepEqual(takenFor(hello), [], file);
      }
    });
  }
});

/** Public captures whose names say what their clients are. */
const NAMED: readonly (readonly [part: RegExp, stacks: readonly StackName[]])[] = [
  [/IgmpPackets|4in6tunnel|subjectaltname/, ['SChannel']],
  [/imaps|iphone|safari/, ['Apple']],
  [/wolfssl/, ['wolfSSL']],
  [/openssl/, ['OpenSSL', 'Node.js']],
  [/chrome|browsers/, ['Chromium', 'NSS', 'Apple']],
  [/firefox|-ff\d/, ['NSS']],
  [/tls13-draft28|gnutls/, ['GnuTLS', 'OpenSSL', 'NSS']],
];

describe('public captures', { skip: publicCaptures() === null && 'TLS_POSTMORTEM_CORPUS is not set' }, () => {
  const folder = publicCaptures() ?? '';
  const files = folder === '' ? [] : readdirSync(folder).filter((file) => /\.p?cap(?:ng)?$/.test(file));
  for (const file of files) {
    test(file, async () => {
      const connections = await recordedConnections(relative(join(ROOT, 'samples'), join(folder, file)));
      const stacks = NAMED.find(([part]) => part.test(file))?.[1];
      for (const hello of hellosOf(connections)) {
        const taken = takenFor(hello);
        assert.ok(taken.length <= 1, taken.join(', '));
        if (stacks !== undefined && taken.length > 0)
          assert.ok(
            stacks.some((name) => name === taken[0]),
            taken[0],
          );
      }
    });
  }
});

function publicCaptures(): string | null {
  const folder = join(process.env['TLS_POSTMORTEM_CORPUS'] ?? '', 'captures');
  return process.env['TLS_POSTMORTEM_CORPUS'] !== undefined && existsSync(folder) ? folder : null;
}
