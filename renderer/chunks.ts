/**
 * How the built window is cut into files: a window loads its own view and one file of all that several views share.
 * Many small files would each cost a way to the server before anything is seen.
 */
export const CHUNKS = {
  groups: [{ name: 'shared', test: /[\\/](?:renderer|common|solid-js)[\\/]/, minShareCount: 2 }],
};
