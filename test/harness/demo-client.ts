/** A plain SSH client of the demo cluster, for tests. */
import { readFile } from 'node:fs/promises';
import ssh2, { type ClientChannel } from 'ssh2';
import type { DemoCluster } from '../../main/demo/index.ts';

/** What a command gave. */
export interface CommandOutput {
  readonly output: string;
  readonly status: number;
}

/** Connections to one demo cluster. */
export class DemoClients {
  readonly #demo: DemoCluster;
  readonly #clients: ssh2.Client[] = [];

  constructor(demo: DemoCluster) {
    this.#demo = demo;
  }

  /** Logs in as a node's user, with the demo's own key unless another is given. */
  async connect(options: { readonly user: string; readonly privateKey?: string }): Promise<ssh2.Client> {
    const entry = this.#demo.nodes[0]?.entry;
    const knownHosts = await readFile(this.#demo.knownHostsFile, 'utf8');
    const privateKey = options.privateKey ?? (await readFile(entry?.identityFiles?.[0] ?? '', 'utf8'));
    const client = new ssh2.Client();
    this.#clients.push(client);
    return new Promise((resolve, reject) => {
      client.once('connect', () => client.setNoDelay(true));
      client.once('ready', () => resolve(client));
      client.on('error', reject);
      client.on('close', () => reject(new Error('The connection was closed')));
      client.connect({
        host: entry?.host ?? '',
        port: entry?.port ?? 0,
        username: options.user,
        privateKey,
        readyTimeout: 5000,
        hostVerifier: (key: Buffer) => knownHosts.includes(key.toString('base64')),
      });
    });
  }

  /** Ends all connections. */
  close(): void {
    for (const client of this.#clients.splice(0)) client.destroy();
  }
}

/** Begins a command. */
export function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Output, standard error with it, and exit status of a command that gets `input`; bytes as Latin-1. */
export function run(client: ssh2.Client, command: string, input = ''): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      let output = '';
      let status = -1;
      for (const stream of [channel, channel.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString('latin1');
        });
      }
      channel.on('exit', (code: number) => {
        status = code;
      });
      channel.on('close', () => resolve({ output, status }));
      channel.end(Buffer.from(input, 'latin1'));
    });
  });
}
