/** The colours and fonts of the window's style as a canvas needs them. */

export interface Theme {
  readonly paper: string;
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  readonly edge: string;
  readonly line: string;
  readonly band: string;
  readonly track: string;
  readonly accent: string;
  /** The ring of a node's load. */
  readonly load: string;
  readonly up: string;
  readonly warn: string;
  readonly down: string;
  readonly bold: string;
  readonly small: string;
  readonly smallBold: string;
}

/** Reads the theme an element has now. The colours are registered in style/tokens.css, so that they are plain ones. */
export function readTheme(element: HTMLElement): Theme {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`);
  const family = style.fontFamily;
  return {
    paper: colour('paper'),
    raised: colour('raised'),
    ink: colour('ink'),
    muted: colour('muted'),
    edge: colour('edge'),
    line: colour('line'),
    band: colour('band'),
    track: colour('track'),
    accent: colour('accent'),
    load: colour('map-load'),
    up: colour('up'),
    warn: colour('warn'),
    down: colour('down'),
    bold: `600 12px ${family}`,
    small: `11px ${family}`,
    smallBold: `600 11px ${family}`,
  };
}
