import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { HOST } from './pki.mjs';

/** Runs the script again in a network namespace, with a hosts file and nothing but its loopback interface. */
export function inNamespace() {
  const ns = `tls-stacks-${process.pid}`;
  const etc = `/etc/netns/${ns}`;
  try {
    execFileSync('ip', ['netns', 'add', ns]);
    execFileSync('ip', ['-n', ns, 'link', 'set', 'lo', 'up', 'mtu', '1500']);
    mkdirSync(etc, { recursive: true });
    writeFileSync(`${etc}/hosts`, `127.0.0.1 localhost ${HOST}\n`);
    writeFileSync(`${etc}/resolv.conf`, '');
    execFileSync('ip', ['netns', 'exec', ns, process.execPath, ...process.argv.slice(1)], {
      stdio: 'inherit',
      env: { ...process.env, TLS_STACKS_NAMESPACE: ns },
    });
    return 0;
  } catch (error) {
    return error.status ?? 1;
  } finally {
    // Whatever still runs in it.
    for (const pid of execFileSync('ip', ['netns', 'pids', ns], { encoding: 'utf8' }).split('\n').filter(Boolean))
      process.kill(Number(pid));
    execFileSync('ip', ['netns', 'del', ns]);
    rmSync(etc, { recursive: true, force: true });
  }
}
