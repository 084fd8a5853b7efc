/**
 * What the page does besides being read: the table's filter, and buttons that copy commands. Without JavaScript neither is
 * shown. Nothing from the capture is ever in here, so its hash in the Content-Security-Policy stays the same.
 */
export const SCRIPT = `
'use strict';
document.documentElement.classList.add('js');
const form = document.querySelector('form.filter');
if (form) {
  const rows = [...document.querySelectorAll('#connections-table tbody tr')].map((row) => ({
    row, text: row.textContent.toLowerCase(), outcome: row.dataset.outcome, cause: row.dataset.cause }));
  const shown = form.querySelector('output');
  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const result = form.elements.result.value;
    let count = 0;
    for (const { row, text, outcome, cause } of rows) {
      const fits = (result === '' || result === outcome || result === 'cause ' + cause) &&
        words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = count + ' of ' + rows.length + ' shown';
  };
  form.addEventListener('input', apply);
  form.addEventListener('reset', () => setTimeout(apply));
  form.addEventListener('submit', (event) => event.preventDefault());
  apply();
}
for (const button of document.querySelectorAll('button.copy')) {
  const code = document.getElementById(button.dataset.for);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  });
}
const reveal = () => {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
  if (target) target.scrollIntoView();
};
addEventListener('hashchange', reveal);
reveal();
`.trim();
