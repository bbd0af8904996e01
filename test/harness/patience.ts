/** How many times longer than usual the tests wait for what must come: more where a machine is emulated. */
export const PATIENCE = Number(process.env['MOSVIEW_PATIENCE'] ?? 1);
