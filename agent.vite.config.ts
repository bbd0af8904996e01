/** The agent's build: one file, out/agent/mosview-agent.mjs, that a node's Node runs alone without any package beside it. */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

export default defineConfig({
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: resolve(here, 'out/agent'),
    target: 'node22',
    rolldownOptions: {
      input: resolve(here, 'agent/index.ts'),
      output: { entryFileNames: 'mosview-agent.mjs', codeSplitting: false },
    },
  },
});
