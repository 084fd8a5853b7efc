// Who may import whom: `npm run check:layers`. Imports of types count.

// The pipeline, in order: what each stage may import besides itself and what lies below all of them.
// This table is the layering of ARCHITECTURE.md, enforced. A file of a stage may be named by itself.
const stages = {
  capture: [],
  packet: ['capture'],
  names: ['capture', 'packet'],
  transport: ['capture', 'packet'],
  tls: ['capture', 'transport/flow.ts'],
  preamble: ['capture/timestamp.ts'],
  x509: [],
  ends: ['tls/wire/registry', 'x509'],
  connection: ['capture', 'packet', 'transport', 'tls', 'preamble', 'x509'],
  compare: ['capture', 'packet', 'connection'],
  knowledge: ['capture', 'tls', 'preamble', 'x509', 'connection'],
  diagnose: ['capture', 'names', 'tls', 'preamble', 'x509', 'ends', 'connection', 'knowledge'],
  report: ['capture', 'names', 'tls', 'preamble', 'x509', 'ends', 'connection', 'diagnose', 'knowledge'],
  explain: ['tls', 'diagnose', 'knowledge', 'report'],
  analysis: ['capture', 'packet', 'names', 'transport', 'tls', 'x509', 'ends', 'connection', 'diagnose'],
  facts: ['capture', 'packet', 'names', 'tls', 'connection', 'diagnose', 'analysis', 'x509', 'ends'],
  export: ['capture', 'packet', 'tls', 'connection', 'diagnose', 'report'],
  cli: ['facts', 'report', 'export', 'explain'],
};

/** Of a stage, or of one file of it: a regular expression. */
const pathOf = (name) => (name.endsWith('.ts') ? `${name.replace('.', '[.]')}$` : `${name}/`);

const layering = Object.entries(stages).map(([stage, allowed]) => ({
  name: `layers-${stage}`,
  severity: 'error',
  comment: `${stage}/ may import nothing of the pipeline but ${allowed.join(', ') || 'itself'}.`,
  from: { path: `^src/${stage}/` },
  to: { path: '^src/[^/]+/', pathNot: `^src/(?:${[stage, ...allowed].map(pathOf).join('|')})` },
}));

export default {
  forbidden: [
    ...layering,
    {
      name: 'layers-below-all',
      severity: 'error',
      comment: 'What every stage may use knows none of them.',
      from: { path: '^src/[^/]+[.]ts$', pathNot: '^src/(?:analyze|compare|index)[.]ts$' },
      to: { path: '^src/(?:[^/]+/|analyze|compare[.]ts|index)' },
    },
    {
      name: 'layers-whole-pipeline',
      severity: 'error',
      comment: 'Stages never import the pipeline that they are part of; the command stands outside.',
      from: { path: '^src/[^/]+/', pathNot: '^src/cli/' },
      to: { path: '^src/(?:analyze|compare|index)[.]ts$' },
    },
    {
      name: 'layers-known-stages',
      severity: 'error',
      comment: 'A folder of src/ is a stage, with a row in the table above.',
      from: { path: `^src/(?!(?:${Object.keys(stages).join('|')})/)[^/]+/` },
      to: {},
    },
    {
      name: 'layers-fast-paths',
      severity: 'error',
      comment: 'A shortcut is known to its own stage, to other shortcuts, and to the pipeline that joins them.',
      from: { path: '^src/([^/]+)/', pathNot: '/fast-path/|^src/analysis/' },
      to: { path: '/fast-path/', pathNot: '^src/$1/' },
    },
    {
      name: 'no-network',
      severity: 'error',
      comment: 'Nothing opens a network connection; of node:net, ESLint forbids what would.',
      from: { path: '^src/' },
      to: { path: '^(?:node:)?(?:http|http2|https|tls|dgram|dns)(?:/|$)' },
    },
    {
      name: 'no-programs',
      severity: 'error',
      comment: 'No other program is started but the pager, and openssl for cipher strings.',
      from: { path: '^src/', pathNot: '^src/(?:cli/pager|ends/configurations/cipher-strings)[.]ts$' },
      to: { path: '^(?:node:)?(?:child_process|cluster|worker_threads|vm)$' },
    },
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'Of two files that need each other, neither can be understood alone.',
      from: { path: '^src/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
