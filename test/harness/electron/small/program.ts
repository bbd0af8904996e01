/**
 * A small program around the real shell: one page and a desk of four calls, for what the shell itself promises.
 * Arguments: data folder, built bridge.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { problem } from '../../../../common/contract/problem.ts';
import type { Desk } from '../../../../main/desk.ts';
import { SCHEME } from '../../../../main/electron/scheme.ts';
import { startElectron } from '../../../../main/electron/shell.ts';

const [dataFolder = '', preloadFile = ''] = process.argv.slice(2);
const profile = join(dataFolder, 'electron');
mkdirSync(profile, { recursive: true });
protocol.registerSchemesAsPrivileged([SCHEME]);
app.setPath('userData', profile);

const desk: Desk = {
  attach(port) {
    console.log('attached');
    return {
      async call(name, input) {
        if (name === 'program') return { value: { echo: input } };
        if (name === 'watch') {
          const columns = new Float64Array([1.5, NaN, -0, Infinity]);
          const totals = {
            efficiency: 1,
            loadPercent: 2,
            memoryTotal: 3,
            memoryUsed: 4,
            cpus: 5,
            nodesUp: 6,
          };
          port.push('block', { time: 7, totals, columns });
          return { value: {} };
        }
        if (name === 'openWindow') {
          port.openWindow({ view: 'node', key: 'openmosix:3 & co' }, 'node3');
          return { value: {} };
        }
        return { problem: problem('not-found', 'There is no such node', 'raw words') };
      },
      detach: () => console.log('detached'),
    };
  },
};

app.on('ready', () => {
  startElectron(desk, {
    title: 'The small program',
    version: '1.2.3',
    dataFolder,
    rendererFolder: join(import.meta.dirname, 'page'),
    preloadFile,
    iconFile: join(import.meta.dirname, '../../../../resources/icons/256x256.png'),
  });
});
