/**
 * The look of a report as a page: quiet, on white paper, and made to be printed. Fixed, so that its hash can stand in a
 * content security policy: the page itself allows this style and nothing else, and so does the window that shows it.
 */
import { createHash } from 'node:crypto';

export const REPORT_STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 28px 32px 48px; max-width: 1000px; background: #ffffff; color: #1a1d21;
  font: 13px/1.45 system-ui, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
h1 { margin: 0; font-size: 25px; font-weight: 600; line-height: 1.2; }
.range { margin: 3px 0 20px; color: #59616b; font-size: 15px; }
h2 { margin: 34px 0 4px; padding-top: 10px; border-top: 1px solid #dcdfe3; font-size: 17px; font-weight: 600; }
h3 { margin: 18px 0 5px; font-size: 13px; font-weight: 600; }
.about { margin: 0 0 10px; color: #59616b; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 3px 18px; margin: 0; }
.facts dt { color: #59616b; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 12px 0; margin: 22px 0 6px; padding: 0; }
.figures div { display: flex; flex: 1 0 auto; flex-direction: column-reverse; padding: 0 18px; border-left: 1px solid #dcdfe3; }
.figures div:first-child { padding-left: 0; border-left: 0; }
.figures dt { color: #59616b; }
.figures dd { margin: 0; font-size: 24px; font-weight: 600; line-height: 1.2; }
.note { margin: 12px 0; padding: 7px 11px; border-left: 3px solid #868e98; background: #f5f6f7; }
.note.warning { border-color: #8a5800; background: #fff6e0; }
figure { margin: 14px 0 18px; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 9px; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 18px 0 5px; font-weight: 600; text-align: left; }
th { padding: 0 10px 3px 0; border-bottom: 1px solid #868e98; color: #59616b; font-size: 12px; font-weight: 400;
  text-align: left; vertical-align: bottom; }
td { padding: 2px 10px 2px 0; border-bottom: 1px solid #eceef0; vertical-align: top; overflow-wrap: anywhere; }
.n { text-align: right; white-space: nowrap; }
.t { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.empty { margin: 4px 0; color: #59616b; }
footer { margin-top: 30px; color: #59616b; font-size: 12px; }
@page { size: A4; margin: 16mm 14mm 18mm;
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #59616b; } }
@media print {
  body { max-width: none; padding: 0; font-size: 8.5pt; }
  h1 { font-size: 18pt; }
  .range { font-size: 11pt; }
  h2 { margin-top: 20pt; font-size: 12.5pt; }
  h2, h3, caption, .about { break-after: avoid; }
  .figures dd { font-size: 17pt; }
  table { font-size: 7.5pt; line-height: 1.3; }
  th { font-size: 7.5pt; }
  td, th { padding-right: 7px; }
  td { padding-top: 1.5px; padding-bottom: 1.5px; }
  caption { font-size: 8.5pt; }
  thead { display: table-header-group; }
  tr, figure, .note, .figures, .short { break-inside: avoid; }
  svg text { font-size: 9px; }
}
`;

/** The style as a source of style-src. */
export const REPORT_STYLE_SOURCE = `'sha256-${createHash('sha256').update(REPORT_STYLE).digest('base64')}'`;
