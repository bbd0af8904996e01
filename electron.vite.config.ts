/**
 * The build: main (the Electron host, the headless host, the history worker), the two bridges and the window. Sandboxed
 * preloads must be CommonJS; the browser's bridge is a classic script, so both are built in one file each.
 */
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import solid from 'vite-plugin-solid';
import { CHUNKS } from './renderer/chunks.ts';

const here = import.meta.dirname;

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      sourcemap: true,
      rolldownOptions: {
        input: {
          electron: resolve(here, 'main/electron/index.ts'),
          headless: resolve(here, 'main/headless/index.ts'),
          'history-worker': resolve(here, 'main/history/worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      isolatedEntries: true,
      rolldownOptions: {
        input: { electron: resolve(here, 'preload/electron.ts'), web: resolve(here, 'preload/web.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(here, 'renderer'),
    plugins: [solid()],
    build: {
      outDir: resolve(here, 'out/renderer'),
      emptyOutDir: true,
      // Windows are opened often, and all that is loaded is read before anything is seen.
      minify: true,
      rolldownOptions: {
        input: resolve(here, 'renderer/index.html'),
        output: { codeSplitting: CHUNKS },
      },
    },
  },
});
