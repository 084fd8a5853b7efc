import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { toMilliseconds } from '../../src/capture/timestamp.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { judgeChain } from '../../src/x509/chain.js';
import { judgeConstraints } from '../../src/x509/constraints.js';
import { parseCertificate } from '../../src/x509/parse.js';
import type { Purpose } from '../../src/x509/purpose.js';
import { loadRoots, standingAt } from '../../src/x509/roots.js';
import { validityOf } from '../../src/x509/validity.js';
import { toPem } from './authority.js';
import {
  agree,
  expectedErrors,
  makeWorkplace,
  opensslVerify,
  withoutOpenssl,
  writeAnchors,
  type Workplace,
} from './openssl.js';

/** One chain of the public captures, as one side sent it. */
interface SeenChain {
  readonly where: string;
  readonly purpose: Purpose;
  readonly at: number;
  readonly sent: readonly Certificate[];
}

const corpus = process.env['TLS_POSTMORTEM_CORPUS'];
const captures = corpus === undefined ? '' : join(corpus, 'captures');
const skip = existsSync(captures) ? withoutOpenssl : 'no captures at hand (TLS_POSTMORTEM_CORPUS)';

/** Every different chain of every capture, at the time of its first packet. */
async function chainsOf(names: readonly string[]): Promise<SeenChain[]> {
  const chains = new Map<string, SeenChain>();
  for (const where of names) {
    const results = await analyze([join(captures, where)]).catch(() => null);
    for (const { connection } of results?.connections ?? []) {
      const { serverCertificates, clientCertificates, messages, startedAt } = connection;
      const at = toMilliseconds(messages.find(({ type }) => type === 'certificate')?.at ?? startedAt);
      for (const [purpose, sent] of [
        ['server', serverCertificates],
        ['client', clientCertificates],
      ] as const) {
        const key = [purpose, ...sent.map(({ sha256 }) => sha256)].join();
        if (sent.length > 0 && !chains.has(key)) chains.set(key, { where, purpose, at, sent });
      }
    }
  }
  return [...chains.values()];
}

describe('chains of public captures', { skip }, () => {
  let workplace: Workplace;
  let chains: readonly SeenChain[];
  before(async () => {
    workplace = makeWorkplace();
    chains = await chainsOf(readdirSync(captures));
  });
  after(() => {
    workplace.remove();
  });

  for (const level of [0, 2] as const) {
    test(`are judged as openssl verify does, at security level ${level}`, async () => {
      const roots = await loadRoots();
      const anchors = createTrustAnchors(parseCertificate, { roots: () => roots });
      const folders = new Map<string, string>();
      /** A folder of the roots that are anchors at a time: the same ones for most captures of a year. */
      const folderAt = (time: number): string => {
        const pems = [...roots.byHash.values()].flatMap(({ root, encoded }) =>
          encoded !== null && standingAt(root, time) === 'included'
            ? [toPem({ der: Buffer.from(encoded, 'base64') })]
            : [],
        );
        const key = pems.join('');
        const folder = folders.get(key) ?? writeAnchors(workplace, `level-${level}-${folders.size}`, pems);
        folders.set(key, folder);
        return folder;
      };
      const differences: string[] = [];
      let compared = 0;
      const compare = async ({ where, purpose, at, sent }: SeenChain): Promise<void> => {
        const verdict = judgeChain(sent, anchors, { at, purpose });
        // Neither of us can judge what cannot be read, or is signed by an algorithm that OpenSSL does not know.
        if (verdict.status === 'unreadable' || verdict.unverified) return;
        const problems = judgeConstraints(verdict.path, { purpose });
        const expected = expectedErrors(
          verdict,
          problems,
          verdict.path.map(({ certificate }) => validityOf(certificate, at)),
          level,
        );
        const readable = sent.filter(({ error }) => error === null);
        const found = await opensslVerify(workplace, readable, folderAt(at), { purpose, at, level });
        compared++;
        if (agree(found, expected)) return;
        const subject = sent[0]?.subject ?? '';
        differences.push(`${where}: ${subject} (${verdict.status}): ${found.join()}, not ${expected.join()}`);
      };
      for (let i = 0; i < chains.length; i += 8) await Promise.all(chains.slice(i, i + 8).map(compare));
      assert.ok(compared > 100);
      assert.deepEqual(differences, []);
    });
  }
});
