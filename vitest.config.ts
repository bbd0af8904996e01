/**
 * The tests: unit tests beside their code, the others in test/, each real part started there. One kind runs after the
 * other, so that deadlines are met on two processors. Within a kind files run side by side, as they wait more than they
 * work: a file of orders takes 0.3 of a processor. The lab's hosts have the machine to themselves.
 */
import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/harness/patience.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{agent,common,main,preload,renderer,scripts}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'control',
          sequence: { groupOrder: 1 },
          include: ['test/control/**/*.test.ts'],
          testTimeout: 60_000 * PATIENCE,
          hookTimeout: 60_000 * PATIENCE,
          globalSetup: ['test/harness/build.ts'],
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'lab',
          sequence: { groupOrder: 2 },
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 60_000 * PATIENCE,
          hookTimeout: 60_000 * PATIENCE,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 3 },
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000 * PATIENCE,
          hookTimeout: 60_000 * PATIENCE,
          globalSetup: ['test/harness/build.ts'],
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'end-to-end',
          sequence: { groupOrder: 4 },
          include: ['test/end-to-end/**/*.test.ts'],
          testTimeout: 120_000 * PATIENCE,
          hookTimeout: 120_000 * PATIENCE,
          globalSetup: ['test/harness/build.ts'],
          maxWorkers: 2,
        },
      },
    ],
  },
});
