import { decodeFault } from '../../src/decode-faults.js';
/** A capture whose every text tries to become more than text. */
import type { Results } from '../../src/diagnose/results.js';
import { alert, certificate, connection } from '../support/connections.js';
import { capture, diagnosed, explaining, finding, results, risk } from '../support/results.js';
import { notice } from '../../src/notices.js';

/** Text against terminals, shells, HTML and Markdown. */
export const hostileText = [
  '\x1b[2J\x9b31m\r\n\u202e',
  '<script>document.title="owned"</script><img src=x onerror="document.title=1"></code></pre></td></style><!--',
  '`` ``` ~~~ *bold* __x__ [link](javascript:alert(1)) ![i](http://evil.example/i.png) | a || b \\| c \\\\| d',
  '# h\n- [x] item\n> q\n\n|a|b|\n|-|-|',
  'http://evil.example www.evil.example me@evil.example @user #1 !2 $x$ &lt; &#60; {name}',
  '$(reboot)\'"`id`',
].join(' ');

export function hostile(text: string = hostileText): Results {
  const data = { name: text, end: text, ago: ` ${text}`, subject: text, server: text, list: [text, '`|`'] };
  const found = finding();
  const connections = [
    connection({
      clientHello: {
        serverName: text,
        alpn: [text],
        cipherSuites: [text, 'TLS_AES_128_GCM_SHA256'],
        supportedVersions: [text, 'TLS 1.2'],
      },
      serverCertificates: [
        certificate({
          subject: text,
          issuer: text,
          serialNumber: text,
          subjectAltNames: { dns: [text, `*.${text}`], ip: [text] },
          caIssuers: [text],
        }),
        certificate({ subject: `CN=${text}`, error: decodeFault('notATime', { text }) }),
      ],
      preamble: null,
      alerts: [alert({ name: text })],
      notes: [{ ...notice('malformed-message', 'decoding', { message: text, byte: 0, reason: text }), frame: 1 }],
    }),
    connection({ id: '2', clientHello: { serverName: text }, outcome: 'failed', alerts: [] }),
  ];
  const [failed, unknown] = connections;
  if (failed === undefined || unknown === undefined) throw new Error('two connections');
  return results(
    [
      diagnosed(failed, [
        finding({
          explanation: { ...found.explanation, data },
          evidence: found.evidence.map((item) => ({ ...item, data })),
          remedies: found.remedies.map((remedy) => ({ ...remedy, data })),
        }),
        risk({ id: 'risk', messages: explaining('{name} {list}') }, data),
      ]),
      diagnosed(unknown, []),
    ],
    [
      capture({
        path: `${text}.pcap`,
        warnings: [{ ...notice('files-left-out', 'ofDirectory', { directory: text, files: [text] }), frame: 7 }],
      }),
    ],
  );
}
