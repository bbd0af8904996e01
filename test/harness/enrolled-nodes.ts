/** A cluster of enrolled nodes for tests: a real authority, and an identity in a folder of its own for each node. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceptEnrolment, acceptMap, createRequest } from '../../agent/trust/enrol.ts';
import type { Identity } from '../../agent/trust/identity.ts';
import { enrolmentRequestSchema } from '../../common/trust/enrolment.ts';
import {
  enrolNode,
  newAuthority,
  signedMap,
  withoutNode,
  type Authority,
} from '../../main/enrol/authority.ts';
import { valueOf } from './value-of.ts';

/** Nodes that listen on 127.0.0.1; everything is in `folder` and goes with `close`. */
export class EnrolledNodes {
  readonly folder = mkdtempSync(join(tmpdir(), 'mosview-nodes-'));
  #authority: Authority;

  private constructor(authority: Authority) {
    this.#authority = authority;
  }

  /** A cluster without nodes. */
  static async start(cluster = 'test'): Promise<EnrolledNodes> {
    return new EnrolledNodes(await newAuthority(cluster));
  }

  get authority(): Authority {
    return this.#authority;
  }

  /** The newest map, signed. */
  get map(): string {
    return signedMap(this.#authority);
  }

  folderOf(id: number): string {
    return join(this.folder, `node${id}`);
  }

  /** Enrols nodes and gives the newest map to every node there is; the identities are of these, in this order. */
  async enrol(...ids: readonly number[]): Promise<readonly Identity[]> {
    for (const id of ids) {
      const request = enrolmentRequestSchema.parse(JSON.parse(await createRequest(this.folderOf(id))));
      const member = { id, name: `n${id}`, address: '127.0.0.1', port: 5000 + id };
      const enrolled = valueOf(
        await enrolNode(this.#authority, member, { name: member.name, host: member.name }, request),
      );
      this.#authority = enrolled.authority;
      valueOf(await acceptEnrolment(this.folderOf(id), JSON.stringify(enrolled.enrolment)));
    }
    const identities = new Map<number, Identity>();
    for (const { id } of this.#authority.map.nodes) {
      identities.set(id, valueOf(await acceptMap(this.folderOf(id), this.map)));
    }
    return ids.flatMap((id) => identities.get(id) ?? []);
  }

  /** Takes a node out of the map; nobody is told. */
  remove(id: number): void {
    this.#authority = withoutNode(this.#authority, id);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
