import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The pipeline, in order: what each stage may import besides itself and src/bytes.ts.
// This table is the layering of ARCHITECTURE.md, enforced. A file of a stage may be named by itself.
const stages = {
  capture: [],
  packet: ['capture'],
  transport: ['capture', 'packet'],
  tls: ['capture', 'transport/flow'],
  preamble: [],
  x509: [],
  connection: ['capture', 'packet', 'transport', 'tls', 'preamble', 'x509'],
  knowledge: ['capture', 'tls', 'preamble', 'x509', 'connection', 'diagnose'],
  diagnose: ['capture', 'tls', 'preamble', 'x509', 'connection', 'knowledge'],
  report: ['capture', 'tls', 'preamble', 'x509', 'connection', 'diagnose'],
  export: ['capture', 'packet', 'connection', 'diagnose', 'report'],
  explain: ['tls', 'diagnose', 'knowledge'],
  cli: ['report', 'export', 'explain'],
};

const layering = Object.entries(stages).map(([stage, allowed]) => ({
  files: [`src/${stage}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: Object.keys(stages)
          .filter((other) => other !== stage && !allowed.includes(other))
          .map((other) => ({
            group: [
              `**/${other}/*`,
              `**/${other}/**`,
              ...allowed.filter((file) => file.startsWith(`${other}/`)).map((file) => `!**/${file}.js`),
            ],
            message: `Layering: ${stage}/ may not import ${other}/ (see eslint.config.js and ARCHITECTURE.md).`,
          }))
          .concat(
            stage === 'cli'
              ? []
              : [
                  {
                    group: [
                      '**/index.js',
                      '!./index.js',
                      '!./*/index.js',
                      '!./*/*/index.js',
                      '!../*/index.js',
                      '!../*/*/index.js',
                    ],
                    message: 'Stages never import the public API.',
                  },
                ],
          ),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', 'bench/.cache/', 'samples/stacks/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      eqeqeq: 'error',
      // Its twin, no-non-null-assertion, forbids the only alternative.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^(?:toLocale|localeCompare)/]',
          message: 'To load a locale takes a small report 15 ms: see grouped in src/report/phrases.ts.',
        },
      ],
    },
  },
  {
    // node:test's `test` and `describe` return promises that the runner itself awaits.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        URL: 'readonly',
      },
    },
  },
  ...layering,
);
