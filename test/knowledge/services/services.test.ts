import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { contextOf } from '../../support/context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Finding } from '../../../src/diagnose/finding.js';
import { RULES } from '../../../src/diagnose/rules/index.js';
import type { Commands, Texts } from '../../../src/message.js';
import { SERVICES } from '../../../src/knowledge/services/index.js';
import { actionOf, commandOf } from '../../../src/report/words.js';
import { createTrustAnchors } from '../../../src/x509/anchors.js';
import { parseCertificate } from '../../../src/x509/parse.js';
import { loadRoots } from '../../../src/x509/roots.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
import { clientCertificateMessages } from '../../support/rule-tester.js';

const ROOTS = await loadRoots();

const anchors = createTrustAnchors(parseCertificate, { roots: () => ROOTS });

function causeOf(of: Connection): Finding {
  const { cause } = diagnose(of, contextOf([of], anchors));
  assert.ok(cause);
  return cause;
}

/** What a finding tells its reader to do, in words. */
function actions(finding: Finding): string[] {
  return finding.remedies.map((remedy) => actionOf(finding.rule, remedy, (value) => value));
}

const unanswered = (server: Connection['server'], target?: string): Connection =>
  connection({
    phase: 'tcp-connect',
    server,
    ...(target === undefined ? {} : { preamble: preamble({ kind: 'http-connect', target }) }),
  });

describe('known services', () => {
  test('ids tell services apart', () => {
    assert.equal(new Set(SERVICES.map(({ id }) => id)).size, SERVICES.length);
  });

  test('their advice is for rules that exist, and says every message', () => {
    const ids = new Set(RULES.map(({ id }) => id));
    for (const { advice, messages } of SERVICES) {
      for (const { rules = [] } of advice) for (const rule of rules) assert.ok(ids.has(rule), rule);
      const said = (texts: Texts | Commands): string[] => Object.keys(texts).sort();
      assert.deepEqual([...new Set(advice.map(({ id }) => id))].sort(), said(messages.remedies));
      assert.deepEqual([...new Set(advice.flatMap(({ command }) => command ?? []))].sort(), said(messages.commands));
    }
  });

  test('another server gets no advice', () => {
    for (const server of [
      { address: '198.51.100.20', port: 2195 },
      { address: '17.0.0.1', port: 443 },
    ]) {
      const finding = causeOf(unanswered(server));
      assert.ok(!actions(finding).some((action) => action.includes('Apple')));
    }
    assert.ok(
      !actions(causeOf(connection({ phase: 'client-hello', alerts: [alert()] })))
        .join()
        .includes('Apple'),
    );
  });

  test('the retired gateways, by address and port alone, and through a proxy', () => {
    for (const of of [
      unanswered({ address: '17.188.166.21', port: 2195 }),
      unanswered({ address: '17.188.166.21', port: 2196 }),
      unanswered({ address: '192.0.2.80', port: 3128 }, 'gateway.sandbox.push.apple.com:2195'),
    ]) {
      assert.match(actions(causeOf(of)).at(-1) ?? '', /shut down on 31 March 2021/);
    }
  });

  test('senders: a certificate that ended, HTTP/2 that was not offered', () => {
    const clientHello = { serverName: 'api.push.apple.com', alpn: ['http/1.1'] };
    const ended = connection({
      clientHello,
      phase: 'client-certificate',
      certificateRequest: certificateRequest(),
      messages: clientCertificateMessages(),
      clientCertificates: [certificate({ subject: 'CN=Apple Push Services', notAfter: '2026-02-20T00:00:00Z' })],
      alerts: [alert({ code: 45, name: 'certificate_expired', frame: 7 })],
    });
    assert.match(actions(causeOf(ended)).join(), /lasts one year/);
    const old = connection({
      clientHello,
      phase: 'client-hello',
      alerts: [alert({ code: 120, name: 'no_application_protocol' })],
    });
    assert.match(actions(causeOf(old)).join(), /only HTTP\/2/);
    const untrusted = connection({ clientHello, alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })] });
    assert.match(actions(causeOf(untrusted)).join(), /USERTrust RSA/);
  });

  test('devices: port 5223 is blocked', () => {
    const finding = causeOf(unanswered({ address: '17.57.146.20', port: 5223 }));
    assert.match(actions(finding).join(), /N-courier\.push\.apple\.com on port 5223/);
    const command = finding.remedies.map((remedy) => commandOf(finding.rule, remedy, (value) => value)?.text ?? null);
    assert.ok(
      command.includes(
        'openssl s_client -connect 1-courier.push.apple.com:5223 -servername courier.push.apple.com </dev/null',
      ),
    );
  });

  test('device management: the topic, to be copied', () => {
    const topic = 'com.apple.mgmt.External.0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
    const of = connection({
      phase: 'client-certificate',
      certificateRequest: certificateRequest(),
      messages: clientCertificateMessages(),
      clientCertificates: [certificate({ subject: `C=US,CN=APSP:0f1e,UID=${topic}`, serialNumber: '0815' })],
      alerts: [alert({ code: 80, name: 'internal_error', frame: 7 })],
    });
    const text = actions(causeOf(of)).at(-1) ?? '';
    assert.ok(text.includes(topic) && text.includes('0815'));
  });

  test('the rule itself stays as it is', () => {
    const finding = causeOf(unanswered({ address: '17.188.166.21', port: 2195 }));
    const own = RULES.find(({ id }) => id === finding.rule.id);
    assert.ok(own && !Object.keys(own.messages.remedies).some((id) => id === 'migrate'));
  });
});
