/** Makes the lab's hosts a cluster, by the same steps as `mosview agent install`: request, certificate, acceptance. */
import { AGENT_PORT } from '../../../common/trust/map.ts';
import { enrolmentRequestSchema, type Enrolment } from '../../../common/trust/enrolment.ts';
import { enrolNode, newAuthority, signedMap, type Authority } from '../../../main/enrol/authority.ts';
import type { LabNode } from './lab-node.ts';

/** What enrolling needs of a node; its address is where the others are told to find it. */
type Enrolled = Pick<LabNode, 'id' | 'name' | 'address' | 'run'>;

/** Enrols nodes with an authority, or with a new one of a cluster named `lab`; gives it as it is then. */
export async function enrol(nodes: readonly Enrolled[], known?: Authority): Promise<Authority> {
  let authority = known ?? (await newAuthority('lab'));
  const enrolments: (readonly [Enrolled, Enrolment])[] = [];
  for (const node of nodes) {
    const request = enrolmentRequestSchema.parse(JSON.parse(await mos(node, 'request')));
    const { id, name, address } = node;
    const member = { id, name, address, port: AGENT_PORT };
    const enrolled = await enrolNode(authority, member, { name, host: address }, request);
    if (!enrolled.ok) throw new Error(enrolled.problem.message);
    authority = enrolled.value.authority;
    enrolments.push([node, enrolled.value.enrolment]);
  }
  // Each gets the map that has all.
  const map = signedMap(authority);
  await Promise.all(
    enrolments.map(([node, enrolment]) => mos(node, 'accept', JSON.stringify({ ...enrolment, map }))),
  );
  return authority;
}

async function mos(node: Enrolled, step: string, stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await node.run('mos', ['enrol', step], { stdin });
  if (code !== 0) throw new Error(`${node.name} was not enrolled: ${stderr}`);
  return stdout;
}
