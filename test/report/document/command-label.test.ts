import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../../src/diagnose/rules/index.js';
import { SERVICES } from '../../../src/knowledge/services/index.js';
import { commandLabel } from '../../../src/report/document/command-label.js';

const commands = [...RULES, ...SERVICES].flatMap(({ id, messages }) =>
  Object.values(messages.commands).map((command) => ({ id, command })),
);

test('every command says what it shows and where to run it, in words of its own', () => {
  const unknown = commandLabel('something else');
  for (const { id, command } of commands) {
    const { shows, where } = commandLabel(command);
    assert.notEqual(shows, unknown.shows, `${id}: ${command}`);
    assert.match(shows, /^(?:shows|logs) .*[^.]$/);
    assert.match(where, /^(?:on|where|anywhere) ?.*[^.]$/);
  }
});

test('what is special in a command decides', () => {
  const shows = (command: string): string => commandLabel(command).shows;
  assert.match(
    shows('openssl s_client -connect a:443 </dev/null | openssl x509 -noout -subject -serial -dates'),
    /its dates/,
  );
  assert.match(shows('openssl s_client -connect a:25 -starttls smtp </dev/null'), /goes over to TLS/);
  assert.match(shows('openssl verify -partial_chain -trusted issuer.pem certificate.pem'), /issuer signed/);
  assert.equal(commandLabel('ss -ltnp sport = :443').where, 'on the server');
});

test('of EAP, what goes to the RADIUS server is run where RADIUS begins', () => {
  assert.match(commandLabel('ping -M do -s 1472 192.0.2.1').where, /^on the client/);
  assert.match(commandLabel('ping -M do -s 1472 192.0.2.1', true).where, /^on the access point/);
});
