// Prints how often what record sizes tell of TLS 1.3 is right, where keys show the truth:
//
//     npx tsc && node scripts/sizes.mjs CAPTURE.pcap=KEYS.log ...
//
// `outcome`: how the handshake went. `alert`: a record that is told to be an alert is one. `alert found`: an alert, other than a
// good-bye, is told to be one.
import { inferencesOf } from '../build/test/support/inferences.js';

const rates = new Map();
for (const argument of process.argv.slice(2)) {
  const [capture, keys] = argument.split('=');
  for (const { what, isRight, where } of await inferencesOf(capture, [keys])) {
    const rate = rates.get(what) ?? { right: 0, all: 0 };
    rates.set(what, { right: rate.right + (isRight ? 1 : 0), all: rate.all + 1 });
    if (!isRight) console.log(`${what} wrong: ${where}`);
  }
}
for (const [what, { right, all }] of rates) console.log(`${what}: ${right} of ${all} right`);
