/**
 * `npm run package [-- ARGUMENTS]`: builds the program and packs it as electron-builder.yml says. The arguments are
 * electron-builder's own, `--linux dir` for a folder, `-c.electronDist=DIR` for an Electron that is already here.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureNode, root } from './node.mjs';

/** How electron-builder's words for a download that failed begin. */
const DOWNLOAD_FAILED =
  /getaddrinfo|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|RequestError|HTTPError/;

await ensureNode();
ensureBuilt();
const tool = join(root, 'node_modules', 'electron-builder', 'cli.js');
const child = spawn(process.execPath, [tool, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'pipe'],
});
/** Its words from the first complaint on; what goes before is passed on as it comes. */
let complaint = '';
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding('utf8').on('data', (text) => {
    const at = complaint === '' ? text.indexOf('⨯') : 0;
    process.stdout.write(at < 0 ? text : text.slice(0, at));
    if (at >= 0) complaint += text.slice(at);
  });
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => {
  process.stderr.write(
    code !== 0 && DOWNLOAD_FAILED.test(complaint)
      ? 'Electron, or a tool to pack it with, could not be downloaded; packing needs the internet (github.com) once, ' +
          'or for "--linux dir" an unpacked Electron given with -c.electronDist=DIR.\n'
      : complaint,
  );
  process.exitCode = code ?? 1;
});
