/** The forms and tables of reports by name. Free of schemas, for the window. */

/** The forms a report is written in; each is the ending of its file too. */
export const REPORT_FORMATS = ['html', 'pdf', 'csv', 'json', 'md'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The tables that CSV can hold, one a file. */
export const REPORT_TABLES = ['migrations', 'nodes', 'actions', 'states', 'load'] as const;
export type ReportTable = (typeof REPORT_TABLES)[number];

/** Days as Date counts them, Sunday first. */
export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];
