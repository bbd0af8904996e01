/**
 * `npm test`: format, lint, types, build, then every test with its real parts. Ends with one line, `N passed, N failed`;
 * a step that fails counts as a failure. `npm test -- NAME...` hands names to the test runner and skips the checks.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureCiphers } from './ciphers.mjs';
import { describeCriu, ensureCriu } from './criu.mjs';
import { ensurePrograms } from './debian.mjs';
import { ensureNode, root } from './node.mjs';

await ensureNode();
ensurePrograms();
const names = process.argv.slice(2);
let failed = 0;
let passed = 0;
let skipped = 0;

const bin = (name) => join(root, 'node_modules', '.bin', name);
if (names.length === 0) {
  check('format', bin('oxfmt'), ['--check']);
  check('lint', bin('oxlint'), ['--type-aware', '--deny-warnings']);
  for (const project of ['.', 'agent', 'common', 'preload', 'renderer'])
    check(`types of ${project}`, bin('tsc'), ['-p', project]);
}
ensureBuilt();
ensureCiphers();
prepareCriu();
runTests();
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;

function check(what, command, args) {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  const good = done.status === 0;
  process.stdout.write(`${what}: ${good ? 'good' : 'FAILED'}\n`);
  if (good) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}\n`);
  }
}

/** The lab's tests fail with the same sentence when there is none; all others can be run. */
function prepareCriu() {
  try {
    process.stdout.write(`${describeCriu(ensureCriu())}\n`);
  } catch (error) {
    process.stdout.write(`${error.message}\n`);
  }
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'mosview-test-'));
  const report = join(folder, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...names];
  const done = spawnSync(bin('vitest'), args, { cwd: root, stdio: 'inherit' });
  try {
    const { testResults, numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    passed += numPassedTests;
    failed += numFailedTests;
    for (const { name, assertionResults } of testResults) {
      const left = assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length;
      if (left === 0) continue;
      // Electron's own program cannot be had everywhere; the file itself says so. No other test may be left out.
      const allowed = name.endsWith('electron-real.test.ts');
      process.stdout.write(
        `${left} tests of ${name.slice(root.length + 1)} were NOT run${allowed ? '' : ', which counts as failed'}.\n`,
      );
      if (allowed) skipped += left;
      else failed += left;
    }
    // A file that does not load has no tests of its own to fail.
    if (done.status !== 0 && numFailedTests === 0) failed += 1;
  } catch {
    process.stdout.write('The test runner left no report.\n');
    failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}
