import { chainOutOfOrder } from '../../../src/diagnose/rules/chain-out-of-order.js';
import { alert, connection } from '../../support/connections.js';
import { GO_HELLO } from '../../support/hellos.js';
import { testRule } from '../../support/rule-tester.js';
import { issue, trusting } from '../../x509/authority.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];

const root = await issue({ name: 'CN=Example Trust R1', ca: true });
const upper = await issue({ name: 'CN=Example CA 2', by: root, ca: true });
const lower = await issue({ name: 'CN=Example CA 3', by: upper, ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: lower });
const wrong = [leaf.certificate, upper.certificate, lower.certificate];
const anchors = trusting(root);

testRule(chainOutOfOrder, {
  basis: 'fact',
  fires: [
    {
      name: 'the upper intermediate before the lower one: unknown_ca',
      connection: connection({ serverCertificates: wrong, alerts: said(48, 'unknown_ca') }),
      anchors,
      support: 'supported',
      explanation: 'explanation',
      data: { right: ['CN=www.example.com', 'CN=Example CA 3', 'CN=Example CA 2'] },
      frames: [5, 6],
    },
    {
      name: 'a private root among them: bad_certificate',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: [leaf.certificate, root.certificate, upper.certificate, lower.certificate],
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 6],
    },
  ],
  excluded: [
    {
      name: 'a client on Go, which sorts the chain',
      connection: connection({ clientHello: GO_HELLO, serverCertificates: wrong, alerts: said(42, 'bad_certificate') }),
      anchors,
      because: 'sorted',
      frames: [4, 5],
    },
  ],
  silent: [
    {
      name: 'in order',
      connection: connection({
        serverCertificates: [leaf.certificate, lower.certificate, upper.certificate],
        alerts: said(48, 'unknown_ca'),
      }),
      anchors,
    },
    { name: 'the client does not mind', connection: connection({ serverCertificates: wrong }), anchors },
    {
      name: 'the client says that it has expired',
      connection: connection({ serverCertificates: wrong, alerts: said(45, 'certificate_expired') }),
      anchors,
    },
    {
      name: 'incomplete as well',
      connection: connection({ serverCertificates: wrong, alerts: said(48, 'unknown_ca') }),
    },
  ],
});
