// Puts the command and all that it uses into a few files: to find and to read two hundred modules takes longer than to
// analyse a small capture. The library in dist/ stays as the compiler made it.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const outdir = 'dist/cli';
const options = {
  entryPoints: ['src/cli/main.ts'],
  outdir,
  bundle: true,
  // What is imported late stays a file of its own, and is read late.
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Names are kept, for messages of internal errors.
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  // The tables' own colours, which nothing here asks for.
  external: ['@colors/colors'],
  // Some dependencies are CommonJS, and require what Node.js brings. Others import createRequire by its own name.
  banner: {
    js: "import{createRequire as createRequireHere}from'node:module';const require=createRequireHere(import.meta.url);",
  },
};

// A part is made of the modules that the same late imports need: of some fifty, most hold a module or two, and to find and read
// them takes longer than to run them. So whatever is imported late needs all that nearly every run does, which makes that one
// part; but for what runs without captures, as --help.
const EVERY_RUN = ['src/cli/targets.ts', 'src/analyze.ts', 'src/report/text/text.ts'].map((path) => resolve(path));
const WITHOUT_CAPTURES = ['src/cli/parser.ts'];
const { metafile: modules } = await build({ ...options, write: false });
const late = Object.values(modules.inputs)
  .flatMap(({ imports }) => imports)
  .filter(({ kind, path }) => kind === 'dynamic-import' && path.startsWith('src/') && !WITHOUT_CAPTURES.includes(path))
  .map(({ path }) => resolve(path));
const together = {
  name: 'together',
  setup({ onLoad }) {
    onLoad({ filter: /[.]ts$/ }, async ({ path }) => {
      if (!late.includes(path)) return undefined;
      const imports = EVERY_RUN.map((one) => `import ${JSON.stringify(one)};`);
      return { contents: [await readFile(path, 'utf8'), ...imports].join('\n'), loader: 'ts' };
    });
  },
};
await rm(outdir, { recursive: true, force: true });
const { metafile } = await build({ ...options, plugins: [together] });

// Whoever passes on their code passes on their licences.
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
);
const licences = [...packages].sort().map(async (folder) => {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
});
await writeFile(join(outdir, 'LICENSES.txt'), (await Promise.all(licences)).join(`\n${'-'.repeat(80)}\n\n`));
