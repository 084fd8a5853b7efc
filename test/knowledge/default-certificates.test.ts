import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCertificateOf } from '../../src/knowledge/default-certificates.js';

test('a default certificate is recognised by its subject', () => {
  const traefik = defaultCertificateOf('CN=TRAEFIK DEFAULT CERT');
  const modSsl = defaultCertificateOf('CN=localhost.localdomain,OU=SomeOrganizationalUnit,O=SomeOrganization,C=--');
  const bigIp = defaultCertificateOf('CN=localhost.localdomain,OU=MyOrg,O=MyCompany,L=Seattle,ST=WA,C=--');
  assert.deepEqual([traefik, modSsl, bigIp], ['Traefik', 'Red Hat mod_ssl', 'F5 BIG-IP']);
});

test('a name that only resembles one is none', () => {
  for (const subject of ['CN=Plesk Team,O=Example', 'CN=localhost', 'CN=traefik.example.com', 'O=Unspecified']) {
    assert.equal(defaultCertificateOf(subject), null, subject);
  }
});
