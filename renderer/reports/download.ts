/** Brings a report that was saved where mosview runs to the machine of this window. */
import type { Problem } from '../../common/contract/problem.ts';
import { call } from '../back-end.ts';
import type { Job } from './job-order.ts';

/** Fetches the file piece by piece and hands it to the browser; the problem where that fails. */
export async function download({ id, file }: Job): Promise<Problem | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let offset: number | null = 0; offset !== null;) {
    const piece: Awaited<ReturnType<typeof call<'reportPiece'>>> = await call('reportPiece', { id, offset });
    if (!piece.ok) return piece.problem;
    parts.push(Uint8Array.from(atob(piece.value.data), (letter) => letter.charCodeAt(0)));
    offset = piece.value.next;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts));
  link.download = file.split(/[\\/]/).at(-1) ?? 'report';
  link.click();
  URL.revokeObjectURL(link.href);
  return undefined;
}
