/** The rows of a long list that are in view, for any scroller with a sticky head; the arithmetic is the table's. */
import { createMemo, createSignal, onCleanup, type Accessor } from 'solid-js';
import { OVERSCAN, ROW_HEIGHT, rowsInView, scrollToRow, type RowRange } from '../table/virtual.ts';

/** What a list needs to build only what is seen. */
export interface VirtualRows {
  readonly range: Accessor<RowRange>;
  /** Width of the scroller's inside in CSS pixels; 0 before it is known. */
  readonly width: Accessor<number>;
  /** Whole rows that are seen at once. */
  page(): number;
  scrolled(scroller: HTMLElement): void;
  /** Follows the size of the scroller and its head. */
  attach(scroller: HTMLElement, head: HTMLElement): void;
  /** Brings a row into view. */
  reveal(row: number): void;
}

/** Watches a scroller; ends with the owner. `beyond` is how many rows are built beyond each edge of what is seen. */
export function createVirtualRows(
  count: Accessor<number>,
  beyond: Accessor<number> = () => OVERSCAN,
): VirtualRows {
  const [scrollTop, setScrollTop] = createSignal(0);
  const [height, setHeight] = createSignal(0);
  const [width, setWidth] = createSignal(0);
  let scroller: HTMLElement | undefined;
  const range = createMemo(() => rowsInView(scrollTop(), height(), count(), beyond()), undefined, {
    equals: (a: RowRange, b: RowRange) => a.start === b.start && a.end === b.end,
  });
  return {
    range,
    width,
    page: () => Math.floor(height() / ROW_HEIGHT),
    scrolled: (element) => setScrollTop(element.scrollTop),
    attach(element, head) {
      scroller = element;
      const measure = (): void => {
        setHeight(element.clientHeight - head.offsetHeight);
        setWidth(element.clientWidth);
      };
      measure();
      const observer = new ResizeObserver(measure);
      observer.observe(element);
      onCleanup(() => observer.disconnect());
    },
    reveal(row) {
      if (scroller !== undefined) scroller.scrollTop = scrollToRow(row, scroller.scrollTop, height());
    },
  };
}
