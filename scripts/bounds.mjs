// Prints docs/bounds.md, from the bounds in src/bounds.ts as they are compiled in build/: `npm run docs:bounds`.
import { format, resolveConfig } from 'prettier';
import { BOUNDS } from '../build/src/bounds.js';

const SIZES = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

function amount({ value, unit }) {
  const [name, size] = SIZES.find(([, size]) => unit === 'bytes' && value % size === 0) ?? [unit, 1];
  return `${(value / size).toLocaleString('en-US')} ${name}`;
}

const row = (cells) => `| ${cells.join(' | ')} |`;
const rows = Object.entries(BOUNDS).map(([name, { stage, what, reason, beyond, warning, ...bound }]) =>
  row([
    `\`${name}\``,
    `\`${stage.endsWith('.ts') ? stage : `${stage}/`}\``,
    what,
    amount(bound),
    reason,
    beyond,
    warning === null ? '' : `\`${warning}\``,
  ]),
);

const text = `# Bounds

What is kept, and done, of immense or hostile input; what becomes of more, and the warning that says so. Without a warning,
nothing is lost that a reader would miss. How many rows, names and ids a report shows is not among them: each format has its own
numbers, beside what it draws, and says how many more there are. Generated from \`src/bounds.ts\` by \`npm run docs:bounds\`.

${row(['name', 'stage', 'what is bounded', 'bound', 'why', 'beyond it', 'warning'])}
| --- | --- | --- | ---: | --- | --- | --- |
${rows.join('\n')}
`;
process.stdout.write(await format(text, { ...(await resolveConfig('docs/bounds.md')), parser: 'markdown' }));
