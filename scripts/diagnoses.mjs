// Writes docs/diagnoses/, a page for each rule, from the rules as they are compiled in build/: `npm run docs:diagnoses`.
// With --check it writes nothing, names the pages that differ, and fails if there are any.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { RULES } from '../build/src/diagnose/rules/index.js';
import { linkRfcs } from '../build/src/report/rfc.js';
import { ENGLISH } from '../build/src/report/messages/english.js';
import { alertsOf, commandsOf } from '../build/src/report/rule-explanation.js';

const FOLDER = 'docs/diagnoses';

/** Our own words; what stands for a placeholder is set apart. */
const prose = (text) =>
  text
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_, name) => `*${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}*`);
const bullets = (texts) => [...new Set(texts)].map((text) => `- ${prose(text)}`).join('\n');
const section = (heading, body) => (body === '' ? '' : `\n## ${heading}\n\n${body}\n`);

function page({ id, title, description, settledBy, role, sources, messages }) {
  const alerts = alertsOf(id, ENGLISH);
  const commands = commandsOf(messages.commands);
  return `# ${title}

\`${id}\`${role === 'risk' ? ', a risk: it holds although nothing has failed because of it' : ''}

${prose(description)}
${section('What a report says', bullets(Object.values(messages.explanations)))}
${settledBy === undefined ? '' : section('What settles it', prose(settledBy))}
${section('What to do', bullets(Object.values(messages.remedies)))}
${commands.length === 0 ? '' : section('Confirm it', `\`\`\`sh\n${commands.join('\n')}\n\`\`\``)}
${section('Alerts that lead here', bullets(alerts))}
${messages.exclusions === undefined ? '' : section('What excludes it', bullets(Object.values(messages.exclusions)))}
## Sources

${linkRfcs(sources.join(', '), (words, address) => `[${words}](${address})`)}
`;
}

const list = (role) =>
  RULES.filter((rule) => rule.role === role)
    .map(({ id, title, description }) => `- [\`${id}\`](${id}.md): ${prose(title)}. ${prose(description)}`)
    .join('\n');

const index = `# Diagnoses

Each page says what the diagnosis means, what a report says of it, and what to do. \`tls-postmortem explain ID\` says the same in
a terminal. Generated from the rules by \`npm run docs:diagnoses\`.

## Causes

${list('cause')}

## Risks

${list('risk')}
`;

const config = { ...(await resolveConfig(`${FOLDER}/README.md`)), parser: 'markdown' };
const pages = new Map();
for (const [name, text] of [['README', index], ...RULES.map((rule) => [rule.id, page(rule)])]) {
  pages.set(`${name}.md`, await format(text, config));
}

mkdirSync(FOLDER, { recursive: true });
const present = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(`${FOLDER}/${name}`, 'utf8')]));
const differing = [...new Set([...pages.keys(), ...present.keys()])].filter(
  (name) => pages.get(name) !== present.get(name),
);
if (process.argv.includes('--check')) {
  for (const name of differing) console.log(`${FOLDER}/${name}`);
  process.exitCode = differing.length === 0 ? 0 : 1;
} else {
  for (const name of differing) {
    const text = pages.get(name);
    if (text === undefined) rmSync(`${FOLDER}/${name}`);
    else writeFileSync(`${FOLDER}/${name}`, text);
  }
}
