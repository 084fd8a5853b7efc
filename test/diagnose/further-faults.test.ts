import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/connection/connection.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import { actionOf } from '../../src/report/words.js';
import { contextOf } from '../support/context.js';
import { alert, connection } from '../support/connections.js';
import { issue, type IssueOptions, trusting } from '../x509/authority.js';

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const intermediate = await issue({ name: 'CN=Example Issuing CA 3', by: root, ca: true });
const anchors = trusting(root);
const ENDED = { notAfter: '2025-01-01T00:00:00Z' };
const names = (...dns: string[]) => ({
  extensions: [new x509.SubjectAlternativeNameExtension(dns.map((value) => ({ type: 'dns', value }) as const))],
});
const OWN = names('www.example.com');
const OTHER = names('shop.example.net');
const leaf = (options: Partial<IssueOptions>) => issue({ name: 'CN=leaf', by: root, ...options });

/** The cause, and what is said of further faults, without what the rule itself says. */
function further(of: Connection): { readonly cause: string | undefined; readonly said: readonly string[] } {
  const { cause } = diagnose(of, contextOf([of], anchors));
  const said = cause?.remedies.filter(({ service }) => service?.id === 'further-faults') ?? [];
  for (const remedy of said) assert.equal(remedy.who, 'server');
  return {
    cause: cause?.rule.id,
    said: said.map((remedy) => (cause === null ? '' : actionOf(cause.rule, remedy, (text) => text))),
  };
}

const refused = (code: number, name: string, serverCertificates: Connection['serverCertificates']) =>
  connection({ serverCertificates, alerts: [alert({ from: 'client', code, name })] });

const NAME =
  'The certificate (leaf) does not cover www.example.com either, which the client asked for: have it issued again with that name, or the client refuses it for that next.';
const EXPIRED =
  'The certificate leaf has expired, too, on 2025-01-01 00:00:00 UTC: renew it as well, or the client refuses it for that next.';

describe('further faults', () => {
  test('an expired certificate is for another name as well', async () => {
    const { certificate } = await leaf({ ...OTHER, ...ENDED });
    assert.deepEqual(further(refused(45, 'certificate_expired', [certificate])), {
      cause: 'certificate-expired',
      said: [NAME],
    });
  });

  test('an expired certificate whose issuer is not sent either', async () => {
    const { certificate } = await leaf({ ...OWN, ...ENDED, by: intermediate });
    const { cause, said } = further(refused(45, 'certificate_expired', [certificate]));
    assert.equal(cause, 'certificate-expired');
    assert.match(said.join('\n'), /^The server does not send the certificate of Example Issuing CA 3 either/);
  });

  test('a certificate of an unknown authority is for another name as well', async () => {
    const stranger = await issue({ name: 'CN=Example Root 9', ca: true });
    const { certificate } = await leaf({ ...OTHER, by: stranger });
    assert.deepEqual(further(refused(48, 'unknown_ca', [certificate, stranger.certificate])), {
      cause: 'certificate-authority-unknown',
      said: [NAME],
    });
  });

  test('an intermediate is missing, and the certificate has expired as well', async () => {
    const { certificate } = await leaf({ ...OWN, ...ENDED, by: intermediate });
    assert.deepEqual(further(refused(48, 'unknown_ca', [certificate])), { cause: 'chain-incomplete', said: [EXPIRED] });
  });

  test('a self-signed certificate has expired as well; of its other name, its own rule speaks', async () => {
    const { certificate } = await issue({ name: 'CN=leaf', ...OTHER, ...ENDED });
    assert.deepEqual(further(refused(48, 'unknown_ca', [certificate])), {
      cause: 'certificate-self-signed',
      said: [EXPIRED],
    });
  });

  test('an intermediate is missing, and the certificate is for another name as well', async () => {
    const { certificate } = await leaf({ ...OTHER, by: intermediate });
    assert.deepEqual(further(refused(48, 'unknown_ca', [certificate])), { cause: 'chain-incomplete', said: [NAME] });
  });

  test('one fault alone, and a name that is only the common name', async () => {
    const { certificate } = await leaf({ ...OWN, ...ENDED });
    assert.deepEqual(further(refused(45, 'certificate_expired', [certificate])).said, []);
    const { certificate: old } = await leaf({ name: 'CN=www.example.com', ...ENDED });
    assert.deepEqual(further(refused(45, 'certificate_expired', [old])).said, []);
  });
});
