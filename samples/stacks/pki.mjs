// Certificates for record.mjs: one sound chain, and one for each fault that a certificate can have.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HOST = 'shop.example';
const PASSWORD = 'changeit';

const CONFIG = `
[ca]
default_ca = lab
[lab]
new_certs_dir = .
database = index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
email_in_dn = no
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
`;

const AUTHORITY = {
  basicConstraints: 'critical, CA:TRUE',
  keyUsage: 'critical, keyCertSign, cRLSign',
  subjectKeyIdentifier: 'hash',
  authorityKeyIdentifier: 'keyid',
};
const LEAF = {
  basicConstraints: 'critical, CA:FALSE',
  keyUsage: 'critical, digitalSignature, keyEncipherment',
  extendedKeyUsage: 'serverAuth',
  subjectKeyIdentifier: 'hash',
  authorityKeyIdentifier: 'keyid',
  subjectAltName: `DNS:${HOST}`,
};
const CLIENT = { ...LEAF, extendedKeyUsage: 'clientAuth', subjectAltName: 'email:device@example.com' };

/** Makes all certificates in a folder: NAME.key, NAME.pem, NAME.chain.pem (leaf first, no root), NAME.p12. */
export function makeCertificates(dir) {
  const openssl = (...args) =>
    execFileSync('openssl', args, {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, OPENSSL_CONF: join(dir, 'openssl.cnf') },
    });
  writeFileSync(join(dir, 'openssl.cnf'), CONFIG);
  writeFileSync(join(dir, 'index.txt'), '');
  let serial = 0x1000;

  /** A certificate. `issuer` is a name, or null for one that signs itself; `chain` are those sent with it. */
  function certify(
    name,
    {
      issuer,
      extensions,
      cn = HOST,
      from = -30,
      until = 335,
      bits = 2048,
      explicitCurve = false,
      digest = 'sha256',
      version1 = false,
      negative = false,
      chain = [],
    },
  ) {
    const key = explicitCurve
      ? ['-name', 'prime256v1', '-param_enc', 'explicit', '-genkey', '-noout', '-out', `${name}.key`]
      : null;
    if (key !== null) openssl('ecparam', ...key);
    openssl(
      'req',
      '-new',
      ...(key === null ? ['-newkey', `rsa:${bits}`, '-nodes', '-keyout', `${name}.key`] : ['-key', `${name}.key`]),
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${cn}`,
    );
    const by =
      issuer === null
        ? ['-selfsign', '-keyfile', `${name}.key`]
        : ['-cert', `${issuer}.pem`, '-keyfile', `${issuer}.key`];
    serial += 1;
    if (version1 || negative) {
      writeFileSync(join(dir, 'extensions.cnf'), version1 ? '' : lines(extensions));
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${issuer}.pem`,
        '-CAkey',
        `${issuer}.key`,
        '-days',
        String(until),
        '-set_serial',
        String(negative ? -serial : serial),
        ...(version1 ? [] : ['-extfile', 'extensions.cnf']),
        '-out',
        `${name}.pem`,
      );
    } else {
      writeFileSync(join(dir, 'extensions.cnf'), lines(extensions));
      openssl(
        'ca',
        '-batch',
        '-notext',
        ...by,
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
        '-extfile',
        'extensions.cnf',
        '-md',
        digest,
        '-startdate',
        day(from),
        '-enddate',
        day(until),
      );
    }
    bundle(name, chain);
  }

  function bundle(name, chain) {
    const read = (one) => readFileSync(join(dir, `${one}.pem`), 'utf8');
    writeFileSync(join(dir, `${name}.issuers.pem`), chain.map(read).join(''));
    writeFileSync(join(dir, `${name}.chain.pem`), [name, ...chain].map(read).join(''));
    openssl(
      'pkcs12',
      '-export',
      '-name',
      name,
      '-in',
      `${name}.chain.pem`,
      '-inkey',
      `${name}.key`,
      '-passout',
      `pass:${PASSWORD}`,
      '-out',
      `${name}.p12`,
    );
  }

  certify('root', { issuer: null, cn: 'Example Root CA', extensions: AUTHORITY, from: -1000, until: 3000 });
  certify('issuing', { issuer: 'root', cn: 'Example Issuing CA', extensions: AUTHORITY, from: -1000, until: 2000 });
  certify('foreign-root', { issuer: null, cn: 'Partner Root CA', extensions: AUTHORITY, from: -1000, until: 3000 });
  certify('foreign-issuing', {
    issuer: 'foreign-root',
    cn: 'Partner Issuing CA',
    extensions: AUTHORITY,
    from: -1000,
    until: 2000,
  });
  certify('expired-issuing', {
    issuer: 'root',
    cn: 'Example Issuing CA 2',
    extensions: AUTHORITY,
    from: -1000,
    until: -3,
  });
  certify('plain-issuing', {
    issuer: 'root',
    cn: 'Example Issuing CA 3',
    extensions: { ...AUTHORITY, basicConstraints: 'critical, CA:FALSE' },
  });
  certify('constrained-issuing', {
    issuer: 'root',
    cn: 'Example Issuing CA 4',
    extensions: { ...AUTHORITY, nameConstraints: 'critical, permitted;DNS:other.example' },
  });
  certify('short-issuing', {
    issuer: 'root',
    cn: 'Example Issuing CA 5',
    extensions: { ...AUTHORITY, basicConstraints: 'critical, CA:TRUE, pathlen:0' },
  });
  certify('below-short-issuing', { issuer: 'short-issuing', cn: 'Example Issuing CA 6', extensions: AUTHORITY });
  certify('client-root', { issuer: null, cn: 'Example Client CA', extensions: AUTHORITY, from: -1000, until: 3000 });

  const below = { issuer: 'issuing', chain: ['issuing'] };
  const server = (name, options) => certify(name, { ...below, extensions: LEAF, ...options });
  const without = (...names) => Object.fromEntries(Object.entries(LEAF).filter(([name]) => !names.includes(name)));
  server('sound', {});
  server('certificate-expired', { from: -400, until: -3 });
  server('certificate-not-yet-valid', { from: 2, until: 300 });
  server('issuer-expired', { issuer: 'expired-issuing', chain: ['expired-issuing'] });
  server('certificate-authority-unknown', { issuer: 'foreign-issuing', chain: ['foreign-issuing'] });
  server('certificate-self-signed', { issuer: null, chain: [], extensions: { ...LEAF, basicConstraints: 'CA:FALSE' } });
  server('chain-incomplete', { chain: [] });
  server('hostname-mismatch', { cn: 'other.example', extensions: { ...LEAF, subjectAltName: 'DNS:other.example' } });
  server('subject-alt-name-missing', { extensions: without('subjectAltName') });
  server('certificate-purpose-invalid', { extensions: { ...LEAF, extendedKeyUsage: 'clientAuth' } });
  server('key-usage-invalid', { extensions: { ...LEAF, keyUsage: 'critical, keyEncipherment' } });
  server('curve-explicit', { explicitCurve: true, extensions: { ...LEAF, keyUsage: 'critical, digitalSignature' } });
  server('key-weak', { bits: 1024 });
  server('signature-weak', { digest: 'sha1' });
  server('certificate-signature-invalid', {});
  server('certificate-revoked', {});
  server('authority-as-leaf', {
    extensions: {
      ...LEAF,
      basicConstraints: 'critical, CA:TRUE',
      keyUsage: 'critical, digitalSignature, keyEncipherment, keyCertSign',
    },
  });
  server('key-identifiers-missing', {
    extensions: { ...LEAF, subjectKeyIdentifier: 'none', authorityKeyIdentifier: 'none' },
  });
  server('serial-number-negative', { negative: true });
  server('critical-extension-unknown', {
    extensions: { ...LEAF, '1.3.6.1.4.1.55555.1': 'critical, ASN1:UTF8String:unknown' },
  });
  server('version-1-certificate', { version1: true });
  server('issuer-not-authority', { issuer: 'plain-issuing', chain: ['plain-issuing'] });
  server('name-constraint-violated', { issuer: 'constrained-issuing', chain: ['constrained-issuing'] });
  server('path-length-exceeded', { issuer: 'below-short-issuing', chain: ['below-short-issuing', 'short-issuing'] });
  damageSignature(join(dir, 'certificate-signature-invalid.pem'));
  bundle('certificate-signature-invalid', ['issuing']);

  const client = (name, options) =>
    certify(name, { issuer: 'client-root', cn: 'device 4711', extensions: CLIENT, ...options });
  client('client-sound', {});
  client('client-certificate-expired', { from: -400, until: -3 });
  client('client-certificate-not-yet-valid', { from: 2, until: 300 });
  client('client-certificate-untrusted', { issuer: 'foreign-root' });
  client('client-certificate-self-signed', { issuer: null, extensions: { ...CLIENT, basicConstraints: 'CA:FALSE' } });
  client('client-certificate-purpose-invalid', { extensions: { ...CLIENT, extendedKeyUsage: 'serverAuth' } });

  openssl('ca', '-revoke', 'certificate-revoked.pem', '-cert', 'issuing.pem', '-keyfile', 'issuing.key');
  openssl('ocsp', '-issuer', 'issuing.pem', '-cert', 'certificate-revoked.pem', '-reqout', 'revoked.req', '-no_nonce');
  openssl(
    'ocsp',
    '-index',
    'index.txt',
    '-CA',
    'issuing.pem',
    '-rsigner',
    'issuing.pem',
    '-rkey',
    'issuing.key',
    '-reqin',
    'revoked.req',
    '-respout',
    'revoked.ocsp',
    '-ndays',
    '5',
  );
  for (const root of ['root', 'client-root']) {
    execFileSync(
      'keytool',
      [
        '-importcert',
        '-noprompt',
        '-alias',
        root,
        '-file',
        `${root}.pem`,
        '-keystore',
        `${root}.trust.p12`,
        '-storetype',
        'PKCS12',
        '-storepass',
        PASSWORD,
      ],
      { cwd: dir, stdio: 'ignore' },
    );
  }
}

const lines = (extensions) =>
  Object.entries(extensions)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const day = (days) => `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;

/** Changes a byte of a certificate's signature. */
function damageSignature(file) {
  const der = Buffer.from(readFileSync(file, 'utf8').replace(/-----[^-]+-----/g, ''), 'base64');
  der[der.length - 20] ^= 0x55;
  const text = der.toString('base64').replace(/.{64}/g, '$&\n');
  writeFileSync(file, `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
}
