import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReportWriter } from '../report/index.js';
import { timeZoneOf } from '../report/time-zone.js';
import type { Interruption } from './interruption.js';
import { printNotice, reportWords } from './notices.js';
import type { Options } from './options.js';

type DiagnosedConnection = Parameters<ReportWriter['connection']>[0];
type Results = Parameters<ReportWriter['end']>[0];

/** What is written besides the report; its code is loaded only if needed. */
export async function createExports(
  { exportCertificates, exportFrames, exportKeys, keys, only, timeZone, quiet }: Options,
  interruption: Interruption,
) {
  const certificates =
    exportCertificates === undefined
      ? undefined
      : await (await import('../export/certificates.js')).createCertificateExport(exportCertificates);
  const frames =
    exportFrames === undefined
      ? undefined
      : (await import('../export/frames.js')).createFrameExport(timeZoneOf(timeZone));
  let leftOut = 0;
  return {
    isAny: certificates !== undefined || frames !== undefined,
    connection(diagnosed: DiagnosedConnection): Promise<void> | undefined {
      const { connection } = diagnosed;
      const isFailed = connection.outcome === 'failed';
      if ((isFailed || only === 'all') && frames?.add(diagnosed) === false) leftOut++;
      return isFailed || only !== 'failed' ? certificates?.add(connection) : undefined;
    },
    async end({ captures, keys: given }: Results, named: Results['captures']): Promise<void> {
      if (certificates === undefined && frames === undefined) return;
      const { written: say, counts } = await reportWords();
      if (certificates !== undefined && exportCertificates !== undefined) {
        const lacking = certificates.leftOut();
        if (!quiet) printNotice(say.certificates({ count: certificates.written(), path: exportCertificates }));
        if (lacking > 0) printNotice(say.certificatesLeftOut({ count: lacking, path: exportCertificates }));
      }
      if (frames === undefined || exportFrames === undefined) return;
      const pieces = frames.write(
        captures.map(({ path }) => path),
        named.map(({ path }) => path),
        exportKeys ? keys : null,
      );
      const file = createWriteStream(exportFrames);
      file.once('open', () => {
        interruption.begin(exportFrames);
      });
      await pipeline(Readable.from(pieces), file);
      interruption.end(exportFrames);
      if (!quiet) {
        const { connections, frames: number } = frames.written();
        const none = only === 'all' ? say.noFrames : say.noFailedFrames;
        const all = {
          frames: say.frameCount({ count: number }),
          connections: counts.connections({ count: connections }),
        };
        printNotice(say.frames({ path: exportFrames, what: connections === 0 ? none : say.framesOf(all) }));
      }
      if (given !== null) {
        const none = exportKeys ? say.noKeysFit : say.noKeysAsked;
        printNotice((frames.written().secrets > 0 ? say.keys : none)({ path: exportFrames }));
      }
      if (leftOut > 0) printNotice(say.framesLeftOut({ path: exportFrames, count: leftOut }));
    },
  };
}
