/** The bundled file's entry: the agent, its keeper of pipes, or the command `mos`, by its first argument. */

process.stderr.write('mos: nothing is built in yet.\n');
process.exitCode = 1;
