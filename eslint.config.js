import js from '@eslint/js';
import tseslint from 'typescript-eslint';

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
    // What is called for each packet takes numbers instead of objects, which it would have to make: there may be more.
    files: ['src/**/*.ts'],
    rules: { '@typescript-eslint/max-params': ['error', { max: 5 }] },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'fetch', 'WebSocket', 'EventSource'],
      'no-restricted-imports': [
        'error',
        { name: 'node:net', allowImportNames: ['isIP', 'BlockList'], message: 'Nothing opens a network connection.' },
      ],
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
    // A pipe that is standard input is read as a socket.
    files: ['src/capture/source.ts'],
    rules: { 'no-restricted-imports': 'off' },
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
);
