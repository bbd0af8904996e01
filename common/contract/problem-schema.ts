/** The schema of a failure as it crosses the bridge. */
import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from './problem.ts';

/** A failure as it is shown and carried: a code, a sentence saying what and where, and further detail. */
export const problemSchema = z.object({
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
  message: z.string().max(2000),
  /** Raw text behind the sentence (a server's words, a first line); empty where there is none. Untrusted. */
  detail: z.string().max(4000),
});
export type Problem = z.infer<typeof problemSchema>;
