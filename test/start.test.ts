/** What a start loads: to find and read modules takes longer than to analyse a small capture. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build } from 'esbuild';

/** The modules that are there once this one is, without those that are imported late. */
async function loadedWith(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    metafile: true,
    write: false,
    outdir: 'unused',
    logLevel: 'silent',
  });
  const seen = new Set<string>([entry]);
  for (const one of seen) {
    for (const { path, kind } of metafile.inputs[one]?.imports ?? []) if (kind !== 'dynamic-import') seen.add(path);
  }
  return [...seen];
}

test('a capture in which nothing failed needs no rule for causes, no root certificate, and nothing of the ends', async () => {
  const loaded = await loadedWith('src/analyze.ts');
  assert.ok(loaded.includes('src/diagnose/rules/risks.ts'));
  const late = ['src/diagnose/rules/causes.ts', 'src/x509/data/roots.ts', 'src/ends/configurations/openssl-suites.ts'];
  assert.deepEqual(
    late.filter((path) => loaded.includes(path)),
    [],
  );
  const rules = loaded.filter((path) => path.startsWith('src/diagnose/rules/'));
  assert.ok(rules.length < 12, `only the rules for risks: ${rules.join(', ')}`);
});

test('the command loads neither its options nor the analysis before it knows what is asked', async () => {
  const loaded = await loadedWith('src/cli/main.ts');
  assert.deepEqual(
    ['src/cli/parser.ts', 'src/analyze.ts', 'src/report/text/text.ts'].filter((path) => loaded.includes(path)),
    [],
  );
});
