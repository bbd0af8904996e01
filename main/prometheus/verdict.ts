/** What the answer of a remote-write receiver means for the samples of the request; a pure function with its matrix in the test. */
import { problem, type Problem } from '../../common/contract/problem.ts';
import { refusalOf, shownUrl, wordsOf, type ServerAnswer } from './http.ts';
import type { ServerAccess } from './settings.ts';

/**
 * `taken`; `again`: the same request later; `too-late`: samples older than the server still takes, or older than what it
 * has; `too-large`: to be sent in parts; `refused`: never to be sent again.
 */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again'; readonly problem: Problem; readonly after: number }
  | { readonly kind: 'too-late' | 'too-large' | 'refused'; readonly problem: Problem };

/** How Prometheus, Mimir, Thanos and VictoriaMetrics say that samples come too late. */
const TOO_LATE =
  /out.of.order|out of bounds|too (?:old|far in the past)|duplicate (?:sample|timestamp)|older than/i;

/**
 * As the specification wants it: 5xx and 429 are tried again, other 4xx never. An answer that has nothing to do with the
 * samples (wrong account, wrong address) is tried again as well, for it costs nobody anything but them.
 */
export function verdictOn(access: ServerAccess, answer: ServerAnswer): Verdict {
  const { status, retryAfter, text } = answer;
  const refusal = refusalOf(access, answer, 'remote-write receiver');
  if (refusal !== undefined) return { kind: 'again', problem: refusal, after: retryAfter };
  if (status < 300) return { kind: 'taken' };
  const place = shownUrl(access.url);
  const words = wordsOf(text);
  if (status === 429 || status >= 500) {
    const what = status === 429 ? 'asks for fewer samples' : 'cannot take samples now';
    return {
      kind: 'again',
      problem: problem('server-refused', `${place} ${what} (${status})${words}.`),
      after: retryAfter,
    };
  }
  if (status === 413) {
    return {
      kind: 'too-large',
      problem: problem('server-refused', `${place} takes no request as large (413)${words}.`),
    };
  }
  if (TOO_LATE.test(text)) {
    const advice = 'A Prometheus takes late samples with storage.tsdb.out_of_order_time_window';
    return {
      kind: 'too-late',
      problem: problem(
        'server-refused',
        `${place} takes some samples no more, or has them already (${status})${words}. ${advice}.`,
      ),
    };
  }
  return {
    kind: 'refused',
    problem: problem('server-refused', `${place} refused samples for good (${status})${words}.`),
  };
}
