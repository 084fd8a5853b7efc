import type { Wording } from '../wording.js';

/** A value as JavaScript within a page. */
const literal = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/**
 * The interactive parts of the page: filter and order of the table, which the URL keeps, and buttons that copy. Without
 * JavaScript, none of them is shown. The script never contains anything from the capture, so its hash in the
 * Content-Security-Policy is the same for every page in a language.
 */
export const scriptOf = ({ page, language }: Pick<Wording, 'page' | 'language'>): string =>
  `
'use strict';
const say = ${literal({
    shown: page.shown({ some: '{some}', all: '{all}' }),
    sortBy: page.sortBy({ head: '{head}' }),
    copy: page.copy,
    copied: page.copied,
    selected: page.selected,
  })};
document.documentElement.classList.add('js');
const form = document.querySelector('form.filter');
const table = document.getElementById('connections-table');
const collator = new Intl.Collator(${literal(language.tag)}, { numeric: true });
const state = { sort: -1, down: false };
const heads = table ? [...table.tHead.rows[0].cells] : [];
const rows = table ? [...table.tBodies[0].rows].map((row) => ({
  row, cells: [...row.cells].map((cell) => cell.textContent.trim()), text: row.textContent.toLowerCase(),
  outcome: row.dataset.outcome, cause: row.dataset.cause })) : [];
const filter = () => {
  const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const result = form.elements.result.value;
  let count = 0;
  for (const { row, text, outcome, cause } of rows) {
    const fits = (result === '' || result === outcome || result === 'cause ' + cause) &&
      words.every((word) => text.includes(word));
    row.hidden = !fits;
    if (fits) count += 1;
  }
  form.querySelector('output').textContent = say.shown.replace('{some}', count).replace('{all}', rows.length);
};
const order = () => {
  const { sort, down } = state;
  const sorted = sort < 0 ? rows : [...rows].sort((a, b) => collator.compare(a.cells[sort], b.cells[sort]) * (down ? -1 : 1));
  table.tBodies[0].append(...sorted.map(({ row }) => row));
  heads.forEach((head, index) => {
    if (index === sort) head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  });
};
const address = () => {
  const query = new URLSearchParams();
  const { text, result } = form.elements;
  if (text.value) query.set('text', text.value);
  if (result.value) query.set('result', result.value);
  if (state.sort >= 0) query.set('sort', (state.down ? '-' : '') + heads[state.sort].textContent.trim());
  const wanted = String(query);
  history.replaceState(null, '', '#connections' + (wanted && '?' + wanted));
};
const changed = () => { filter(); order(); address(); };
if (form && table) {
  heads.forEach((head, index) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.setAttribute('aria-label', say.sortBy.replace('{head}', () => head.textContent.trim()));
    head.append(button);
    button.addEventListener('click', () => {
      state.down = state.sort === index && !state.down;
      state.sort = index;
      changed();
    });
  });
  form.addEventListener('input', changed);
  form.addEventListener('reset', () => setTimeout(() => { state.sort = -1; state.down = false; changed(); }));
  form.addEventListener('submit', (event) => event.preventDefault());
  filter();
}
for (const button of document.querySelectorAll('button.copy')) {
  const code = button.parentElement.querySelector('code');
  button.addEventListener('click', async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      done = true;
    } catch {
      getSelection().selectAllChildren(code);
      done = document.execCommand('copy');
    }
    button.textContent = done ? say.copied : say.selected;
    setTimeout(() => { button.textContent = say.copy; }, 2000);
  });
}
const reveal = () => {
  const [id, query] = location.hash.slice(1).split('?');
  const target = id && document.getElementById(id);
  if (id === 'connections' && form && table && query !== undefined) {
    const wanted = new URLSearchParams(query);
    form.elements.text.value = wanted.get('text') ?? '';
    form.elements.result.value = wanted.get('result') ?? '';
    const sort = wanted.get('sort') ?? '';
    state.down = sort.startsWith('-');
    state.sort = heads.findIndex((head) => head.textContent.trim() === sort.replace(/^-/, ''));
    filter();
    order();
  }
  const fold = target && target.closest('details');
  if (fold) fold.open = true;
  if (target) target.scrollIntoView();
};
addEventListener('hashchange', reveal);
reveal();
`.trim();
