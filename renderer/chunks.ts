/**
 * How the built window is cut into files: a window loads its own view and one file of all that several views share.
 * Many small files would each cost a way to the server before anything is seen. What draws charts is a file of its own: it
 * is as large as all the rest, only two views need it, and one of them not at first.
 */
export const CHUNKS = {
  groups: [
    {
      name: 'shared',
      test: /[\\/](?:renderer[\\/](?!chart[\\/])|common[\\/]|solid-js[\\/])/,
      minShareCount: 2,
    },
  ],
};
