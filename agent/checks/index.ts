/** Who may move: a job is checked before it is tried, at the node it is on and at the one it wants to go to. */
export { AwayWatch, type AwayWatchOptions } from './away.ts';
export { examine, type Examination, type ExamineOptions } from './examine.ts';
export { needsSchema, type FileNeed, type Needs } from './needs.ts';
export { reasonSchema, type Reason, type ReasonWord } from './reason.ts';
export { DELETED_FILE_LIMIT } from './rules.ts';
export { contentWanted, missingHere, withContent } from './target.ts';
