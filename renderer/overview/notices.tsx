/** What went wrong, or right again, without anybody asking: a quiet list that each notice can be taken off. */
import { createSignal, For, onCleanup, Show, type Accessor, type JSX } from 'solid-js';
import type { Problem } from '../../common/contract/problem.ts';
import { ProblemText } from '../parts/problem-text.tsx';
import { timeOfDay } from '../words/format.ts';

/** Notices kept; the oldest leave first. */
const MOST = 50;

interface Notice {
  readonly time: number;
  readonly problem: Problem;
}

/** The window's notices, fed by pushes and by `add`. */
export interface NoticeList {
  readonly notices: Accessor<readonly Notice[]>;
  add(problem: Problem): void;
  dismiss(notice: Notice): void;
  dismissAll(): void;
}

/** Starts the list; it ends with the owner. The same sentence twice is told once, with its newer time. */
export function createNotices(): NoticeList {
  const [notices, setNotices] = createSignal<readonly Notice[]>([]);
  function add(problem: Problem): void {
    const others = notices().filter(
      (notice) => notice.problem.code !== problem.code || notice.problem.message !== problem.message,
    );
    setNotices([{ time: Date.now(), problem }, ...others].slice(0, MOST));
  }
  onCleanup(window.mosview.on('notice', (push) => add(push.problem)));
  return {
    notices,
    add,
    dismiss: (notice) => setNotices(notices().filter((each) => each !== notice)),
    dismissAll: () => setNotices([]),
  };
}

export function Notices(props: { readonly list: NoticeList }): JSX.Element {
  return (
    <section class="notices" aria-label="Notices" role="log" aria-live="polite">
      <For each={props.list.notices()}>
        {(notice) => (
          <div class="notice">
            <time class="muted">{timeOfDay(notice.time)}</time>
            <div class="notice-text">
              <ProblemText problem={notice.problem} />
            </div>
            <button type="button" class="quiet" onClick={() => props.list.dismiss(notice)}>
              Dismiss
            </button>
          </div>
        )}
      </For>
      <Show when={props.list.notices().length > 2}>
        <button type="button" class="quiet all" onClick={() => props.list.dismissAll()}>
          Dismiss all {props.list.notices().length}
        </button>
      </Show>
    </section>
  );
}
